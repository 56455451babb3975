// RFC 8628: device authorization grant, client side.
#include "base/encoding.hpp"
#include "oauth/client/device_authorization.hpp"

#include <gtest/gtest.h>

namespace renkei::oauth {
namespace {

using namespace std::chrono_literals;

const AuthorizationServer server{"https://as.example", "https://as.example/authorize", "https://as.example/token", false, "https://as.example/device"};

Client public_client() { return {"1406020730", {}}; }
Moment moment() { return {from_millis(1'700'000'000'000), "unique"}; }
std::string body_of(const HttpRequest& request) { return std::string(request.secret_body->expose()); }

Result<DeviceAnswer> parsed(std::string body, int status = 200) {
    HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", "application/json"}};
    response.body = std::move(body);
    return parse_device_authorization(std::move(response));
}
DeviceAuthorization good(std::string body) {
    auto answer = parsed(std::move(body));
    if (!answer) ADD_FAILURE() << answer.error().detail;
    return std::get<DeviceAuthorization>(std::move(answer).value());
}

constexpr const char* example = R"({"device_code":"GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS","user_code":"WDJB-MJHT",
 "verification_uri":"https://example.com/device","verification_uri_complete":"https://example.com/device?user_code=WDJB-MJHT","expires_in":1800,"interval":7})";

TEST(Rfc8628, Section3_1_AsksWithClientIdAndScope) {
    const auto request = device_authorization_request(server, public_client(), moment(), "openid Mail.Read").value();

    EXPECT_EQ(request.method, Method::post);
    EXPECT_EQ(request.url, "https://as.example/device");
    EXPECT_EQ(body_of(request), "scope=openid%20Mail.Read&client_id=1406020730");
}

TEST(Rfc8628, Section3_1_RefusesAServerWithoutTheEndpoint) {
    auto other = server;
    other.device_authorization_endpoint.clear();

    EXPECT_EQ(device_authorization_request(other, public_client(), moment(), "").error().code, Errc::conflict);
}

TEST(Rfc8628, Section3_2_ReadsTheExample) {
    const auto device = good(example);

    EXPECT_EQ(device.device_code.expose(), "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS");
    EXPECT_EQ(device.user_code, "WDJB-MJHT");
    EXPECT_EQ(device.verification_uri, "https://example.com/device");
    EXPECT_EQ(device.verification_uri_complete, "https://example.com/device?user_code=WDJB-MJHT");
    EXPECT_EQ(device.expires_in, 1800s);
    EXPECT_EQ(device.interval, 7s);
}

TEST(Rfc8628, Section3_2_WithoutAnIntervalItIsFiveSeconds) {
    EXPECT_EQ(good(R"({"device_code":"d","user_code":"u","verification_uri":"https://e.example/","expires_in":60})").interval, 5s);
}

TEST(Rfc8628, Section3_2_ANegativeOrEndlessTimeIsBounded) {
    EXPECT_EQ(good(R"({"device_code":"d","user_code":"u","verification_uri":"https://e.example/","expires_in":99999999,"interval":-3})").expires_in,
              longest_device_life);
    EXPECT_EQ(good(R"({"device_code":"d","user_code":"u","verification_uri":"https://e.example/","expires_in":60,"interval":-3})").interval, 1s);
}

TEST(Rfc8628, Section3_2_RefusesWhatCannotBeShownToAPerson) {
    for (const auto* bad : {
             R"({"user_code":"u","verification_uri":"https://e.example/","expires_in":60})",
             R"({"device_code":"","user_code":"u","verification_uri":"https://e.example/","expires_in":60})",
             R"({"device_code":"d","verification_uri":"https://e.example/","expires_in":60})",
             R"({"device_code":"d","user_code":"a\u0007b","verification_uri":"https://e.example/","expires_in":60})",
             R"({"device_code":"d","user_code":"u","expires_in":60})",
             R"({"device_code":"d","user_code":"u","verification_uri":"javascript:alert","expires_in":60})",
             R"({"device_code":"d","user_code":"u","verification_uri":"http://e.example/","expires_in":60})",
             R"({"device_code":"d","user_code":"u","verification_uri":"https://e.example/"})",
             R"(["device_code"])",
             "<html>",
         })
        EXPECT_EQ(parsed(bad).error().code, Errc::provider_bad_answer) << bad;
}

TEST(Rfc8628, Section3_2_AnUnsafeCompleteAddressIsLeftOut) {
    const auto device =
        good(R"({"device_code":"d","user_code":"u","verification_uri":"https://e.example/","verification_uri_complete":"data:x","expires_in":60})");

    EXPECT_TRUE(device.verification_uri_complete.empty());
}

TEST(Rfc8628, Section3_2_ARefusalIsThatOfATokenEndpoint) {
    const auto answer = parsed(R"({"error":"unauthorized_client","error_codes":[700016]})", 400).value();

    EXPECT_EQ(std::get<OAuthFailure>(answer).error, "unauthorized_client");
    EXPECT_FALSE(parsed("<html>gateway</html>", 502));
}

TEST(Rfc8628, Section3_4_PollsWithTheGrantTypeUrn) {
    const auto request = device_token_request(server, public_client(), moment(), Secret("d&c")).value();

    EXPECT_EQ(request.url, "https://as.example/token");
    EXPECT_EQ(body_of(request), "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=d%26c&client_id=1406020730");
}

TEST(Rfc8628, Section3_5_TellsWaitingFromTheEnd) {
    const std::pair<const char*, DevicePoll> cases[] = {
        {"authorization_pending", DevicePoll::pending},   {"slow_down", DevicePoll::slow_down},   {"access_denied", DevicePoll::declined},
        {"authorization_declined", DevicePoll::declined}, {"expired_token", DevicePoll::expired}, {"code_expired", DevicePoll::expired},
        {"bad_verification_code", DevicePoll::failed},    {"invalid_grant", DevicePoll::failed},  {"", DevicePoll::failed},
    };
    for (const auto& [error, expected] : cases) EXPECT_EQ(classify_poll({.error = error}), expected) << error;
}

}  // namespace
}  // namespace renkei::oauth
