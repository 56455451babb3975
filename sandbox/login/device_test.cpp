#include "sandbox/login/login_test_world.hpp"

namespace renkei::sandbox {
namespace {

struct Device {
    LoginWorld w;
    json::object answer;

    Device() { answer = w.body(w.post("/common/oauth2/v2.0/devicecode", {{"client_id", w.app("public").id}, {"scope", "openid offline_access User.Read"}})); }
    std::string user_code() const { return LoginWorld::text(answer, "user_code"); }
    ServerResponse poll(const std::string& grant_type = "device_code") {
        return w.token({{"grant_type", grant_type}, {"client_id", w.app("public").id}, {"device_code", w.text(answer, "device_code")}}, "common");
    }
    ServerResponse decide(const std::string& consent) {
        return w.get("/device?user_code=" + user_code() + "&login_hint=alice%40contoso.example&sandbox_consent=" + consent);
    }
};

TEST(SandboxDevice, AnswersWithCodesAndIntegers) {
    Device device;

    EXPECT_EQ(device.user_code().size(), 9u);
    EXPECT_EQ(json::integer(device.answer, "expires_in"), 900);
    EXPECT_EQ(json::integer(device.answer, "interval"), 5);
    EXPECT_EQ(LoginWorld::text(device.answer, "verification_uri"), std::string(LoginWorld::base) + "/device");
    EXPECT_NE(LoginWorld::text(device.answer, "message").find(device.user_code()), std::string::npos);
}

TEST(SandboxDevice, IsPendingUntilApprovedThenGivesTokensOnce) {
    Device device;
    expect_aadsts(device.poll(), 70016, "authorization_pending");
    expect_aadsts(device.poll("urn:ietf:params:oauth:grant-type:device_code"), 70016, "authorization_pending");

    EXPECT_EQ(device.decide("accept").status, 200);

    const auto body = device.w.body(device.poll());
    EXPECT_FALSE(device.w.text(body, "refresh_token").empty());
    EXPECT_FALSE(device.w.text(body, "id_token").empty());
    expect_aadsts(device.poll(), 54005, "invalid_grant");
}

TEST(SandboxDevice, DeclinedExpiredAndUnknown) {
    Device declined;
    declined.decide("deny");
    expect_aadsts(declined.poll(), 70020, "authorization_declined");

    Device expired;
    expired.w.manual.advance(std::chrono::minutes(15));
    expect_aadsts(expired.poll(), 70019, "expired_token");
    EXPECT_NE(expired.decide("accept").body.find("AADSTS70018"), std::string::npos);

    LoginWorld w;
    expect_aadsts(w.token({{"grant_type", "device_code"}, {"client_id", w.app("public").id}, {"device_code", "x"}}), 70018, "bad_verification_code");
    expect_aadsts(w.token({{"grant_type", "device_code"}, {"client_id", w.app("public").id}}), 900144, "invalid_request");
}

TEST(SandboxDevice, WithTheSwitchOnlyAPollBeforeTheIntervalIsToldToSlowDown) {
    Device device;
    device.w.world.switches().device_slow_down = true;
    expect_aadsts(device.poll(), 70016, "authorization_pending");
    device.w.manual.advance(std::chrono::seconds(4));
    expect_aadsts(device.poll(), 70016, "slow_down");
    device.w.manual.advance(std::chrono::seconds(9));
    expect_aadsts(device.poll(), 70016, "slow_down");
    device.w.manual.advance(std::chrono::seconds(15));
    expect_aadsts(device.poll(), 70016, "authorization_pending");

    device.decide("accept");
    EXPECT_EQ(device.poll().status, 200) << "who is done is not kept waiting";
}

TEST(SandboxDevice, WithoutTheSwitchAnEarlyPollIsPendingAsAtMicrosoft) {
    Device device;

    for (int i = 0; i < 3; ++i) expect_aadsts(device.poll(), 70016, "authorization_pending");
}

TEST(SandboxDevice, AnotherAppsCodeIsNoCode) {
    Device device;
    device.w.app("web").public_client = true;

    expect_aadsts(
        device.w.token({{"grant_type", "device_code"}, {"client_id", device.w.app("web").id}, {"device_code", device.w.text(device.answer, "device_code")}}),
        70018, "bad_verification_code");
}

TEST(SandboxDevice, AConfidentialAppMayNotPollWithoutItsSecret) {
    LoginWorld w;

    expect_aadsts(w.token({{"grant_type", "device_code"}, {"client_id", w.app("web").id}, {"device_code", "x"}}), 7000218, "invalid_client", 401);
}

TEST(SandboxDevice, RefusesBadRequestsForACode) {
    LoginWorld w;
    const std::string at = "/common/oauth2/v2.0/devicecode";

    expect_aadsts(w.post(at, {}), 900144, "invalid_request");
    expect_aadsts(w.post(at, {{"client_id", w.app("public").id}}), 900144, "invalid_request");
    expect_aadsts(w.post(at, {{"client_id", "nobody"}, {"scope", "User.Read"}}), 700016, "unauthorized_client");
    expect_aadsts(w.post(at, {{"client_id", w.app("public").id}, {"scope", "User.Raed"}}), 70011, "invalid_scope");
    expect_aadsts(w.get(at), 900561, "invalid_request");
}

TEST(SandboxDevice, ThePageHasOneTextFieldAndRefusesAWrongCode) {
    LoginWorld w;
    const auto page = w.get("/device");
    EXPECT_NE(page.body.find("name=\"user_code\""), std::string::npos);
    EXPECT_EQ(page.body.find("type=\"text\""), page.body.rfind("type=\"text\""));

    EXPECT_NE(w.post("/device", {{"user_code", "WRONG"}}).body.find("AADSTS70018"), std::string::npos);
}

}  // namespace
}  // namespace renkei::sandbox
