// RFC 6749, the client's side: requests are made as the sections say, answers that break them are refused.
#include "base/encoding.hpp"
#include "oauth/client/classify.hpp"
#include "oauth/client/token_request.hpp"
#include "oauth/client/token_response.hpp"

#include <gtest/gtest.h>

namespace renkei::oauth {
namespace {

const Moment moment{from_millis(1'790'000'000'000), "unique"};
const AuthorizationServer server{"https://as.example", "https://as.example/authorize", "https://as.example/token", false};

Client client_with(ClientAuthMethod method, std::string id = "client", std::string_view secret = "secret") {
    return {std::move(id), {.method = method, .material = Secret(secret)}};
}
Fields form_of(const HttpRequest& request) { return form_decode(request.secret_body->expose()).value(); }
HttpResponse ok(std::string body) { return {200, {{"Content-Type", "application/json"}}, std::move(body)}; }
Result<TokenAnswer> parsed(std::string body, std::string_view asked = "a b") { return parse_token_response(ok(std::move(body)), asked); }
const TokenResponse& success(const Result<TokenAnswer>& answer) { return std::get<TokenResponse>(*answer); }

// RFC 6749 section 2.3.1 with appendix B: id and secret are form-encoded before they are joined.
TEST(Rfc6749, Section2_3_1_BasicAuthenticationKeepsEveryCharacter) {
    for (const auto* awkward : {"plain", "with:colon", "with%percent", "with+plus", "with&amp", "with blank", "a:b%c+d&e f=g/ü", "%3A", "100%"}) {
        const auto request = client_credentials_request(server, client_with(ClientAuthMethod::client_secret_basic, awkward, awkward), moment, "s").value();

        ASSERT_TRUE(request.authorization);
        const auto value = request.authorization->expose();
        ASSERT_TRUE(value.starts_with("Basic "));
        const auto pair = decode_base64(value.substr(6)).value();
        const auto colon = pair.find(':');
        EXPECT_EQ(percent_decode(pair.substr(0, colon)), awkward);
        EXPECT_EQ(percent_decode(pair.substr(colon + 1)), awkward);
        EXPECT_EQ(pair.find(':', colon + 1), std::string::npos);
        // Section 2.3: not more than one authentication method in a request.
        EXPECT_EQ(find_field(form_of(request), "client_secret"), nullptr);
    }
}

TEST(Rfc6749, Section2_3_1_CredentialsInTheBodyKeepEveryCharacter) {
    const auto* awkward = "a:b%c+d&e f=g";
    const auto request = client_credentials_request(server, client_with(ClientAuthMethod::client_secret_post, awkward, awkward), moment, "s").value();

    EXPECT_EQ(*find_field(form_of(request), "client_id"), awkward);
    EXPECT_EQ(*find_field(form_of(request), "client_secret"), awkward);
    EXPECT_FALSE(request.authorization);
}

TEST(Rfc6749, Section2_3_1_CredentialsNeverStandInTheAddress) {
    for (const auto method : {ClientAuthMethod::client_secret_basic, ClientAuthMethod::client_secret_post}) {
        const auto request = refresh_request(server, client_with(method), moment, Secret("r")).value();
        EXPECT_EQ(request.url, "https://as.example/token");
        EXPECT_TRUE(request.body.empty());
    }
}

TEST(Rfc6749, Section3_2_TokenRequestsAreFormPosts) {
    const auto request = refresh_request(server, client_with(ClientAuthMethod::none), moment, Secret("r")).value();

    EXPECT_EQ(request.method, Method::post);
    EXPECT_EQ(request.headers.get("Content-Type"), "application/x-www-form-urlencoded");
}

TEST(Rfc6749, Section3_2_1_APublicClientNamesItselfAndSendsNoSecret) {
    const auto form = form_of(refresh_request(server, client_with(ClientAuthMethod::none), moment, Secret("r")).value());

    EXPECT_EQ(*find_field(form, "client_id"), "client");
    EXPECT_EQ(find_field(form, "client_secret"), nullptr);
}

TEST(Rfc6749, Section4_1_3_RedeemsACodeWithTheSameRedirectAddress) {
    const Secret code("c&=+"), verifier("v");
    const auto form = form_of(code_request(server, client_with(ClientAuthMethod::none), moment, {code, verifier, "https://renkei.example/cb?x=1"}).value());

    EXPECT_EQ(*find_field(form, "grant_type"), "authorization_code");
    EXPECT_EQ(*find_field(form, "code"), "c&=+");
    EXPECT_EQ(*find_field(form, "redirect_uri"), "https://renkei.example/cb?x=1");
}

TEST(Rfc6749, Section4_4_2_ClientCredentialsSendNothingOfAPerson) {
    const auto form = form_of(client_credentials_request(server, client_with(ClientAuthMethod::client_secret_post), moment, "r/.default").value());

    EXPECT_EQ(*find_field(form, "grant_type"), "client_credentials");
    EXPECT_EQ(*find_field(form, "scope"), "r/.default");
    EXPECT_EQ(form.size(), 4U);
}

TEST(Rfc6749, Section6_RefreshWithoutScopeAsksForWhatWasGranted) {
    const auto form = form_of(refresh_request(server, client_with(ClientAuthMethod::none), moment, Secret("r+&")).value());

    EXPECT_EQ(*find_field(form, "refresh_token"), "r+&");
    EXPECT_EQ(find_field(form, "scope"), nullptr);
}

TEST(Rfc6749, Section5_1_ReadsASuccessfulAnswerAndIgnoresUnknownMembers) {
    const auto answer = parsed(R"({"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"example-not","expires_in":3600})");
    EXPECT_FALSE(answer);

    const auto good = parsed(R"({"access_token":"at","token_type":"bEARER","expires_in":3600,"refresh_token":"rt","example_parameter":{"x":[1]}})");
    ASSERT_TRUE(good);
    EXPECT_EQ(success(good).access_token.expose(), "at");
    EXPECT_EQ(success(good).refresh_token->expose(), "rt");
    EXPECT_EQ(success(good).expires_in, std::chrono::seconds(3600));
}

TEST(Rfc6749, Section5_1_AMissingScopeMeansWhatWasAskedFor) {
    const auto silent = parsed(R"({"access_token":"at","token_type":"Bearer"})"), other = parsed(R"({"access_token":"at","token_type":"Bearer","scope":"a"})");

    EXPECT_EQ(success(silent).scope, "a b");
    EXPECT_FALSE(success(silent).scope_was_sent);
    EXPECT_EQ(success(other).scope, "a");
    EXPECT_TRUE(success(other).scope_was_sent);
}

TEST(Rfc6749, Section5_1_ExpiryMayBeMissingOrTextButNotNonsense) {
    const auto lifetime = [](std::string value) { return parsed(R"({"access_token":"at","token_type":"Bearer","expires_in":)" + value + "}"); };
    EXPECT_EQ(success(lifetime("\"1800\"")).expires_in, std::chrono::seconds(1800));
    EXPECT_EQ(success(lifetime("1800.0")).expires_in, std::chrono::seconds(1800));
    EXPECT_EQ(success(lifetime("null")).expires_in, default_token_lifetime);
    EXPECT_EQ(success(lifetime("9999999999999")).expires_in, std::chrono::hours(366 * 24));

    for (const auto* bad : {"-1", "\"soon\"", "\"\"", "true", "[3600]", "{}", "\"3600s\"", "1e300"}) EXPECT_FALSE(lifetime(bad)) << bad;
}

TEST(Rfc6749, Section5_1_RefusesAnswersOfTheWrongForm) {
    for (const auto* bad : {R"({"token_type":"Bearer"})",
                            R"({"access_token":"at"})",
                            R"({"access_token":1,"token_type":"Bearer"})",
                            R"({"access_token":"","token_type":"Bearer"})",
                            R"({"access_token":null,"token_type":"Bearer"})",
                            R"({"access_token":["at"],"token_type":"Bearer"})",
                            R"({"access_token":"at","token_type":7})",
                            R"({"access_token":"at","token_type":"mac"})",
                            R"({"access_token":"at","token_type":"Bearer","refresh_token":5})",
                            R"({"access_token":"at","token_type":"Bearer","scope":["a"]})",
                            R"({"access_token":"at","token_type":"Bearer","id_token":{}})",
                            R"({"access_token":"a t","token_type":"Bearer"})",
                            R"({"access_token":"a\r\nX: y","token_type":"Bearer"})",
                            R"({"access_token":"é","token_type":"Bearer"})",
                            R"({"access_token":"at","access_token":"at2","token_type":"Bearer"})",
                            R"(["at"])",
                            R"("at")",
                            "",
                            "null",
                            "<html></html>",
                            R"({"access_token":"at","token_type":"Bea)"}) {
        const auto answer = parsed(bad);
        ASSERT_FALSE(answer) << bad;
        EXPECT_EQ(answer.error().code, Errc::provider_bad_answer);
    }
}

TEST(Rfc6749, Section5_1_RefusesATokenOrAnAnswerThatIsFarTooBig) {
    EXPECT_FALSE(parsed(R"({"token_type":"Bearer","access_token":")" + std::string(largest_token + 1, 'a') + "\"}"));
    EXPECT_FALSE(parsed(R"({"token_type":"Bearer","access_token":"at"})" + std::string(1u << 20, ' ')));
    EXPECT_TRUE(parsed(R"({"token_type":"Bearer","access_token":")" + std::string(largest_token, 'a') + "\"}"));
}

TEST(Rfc6749, Section5_1_OnlyStatus200IsSuccess) {
    for (const int status : {201, 204, 302, 400, 404})
        EXPECT_FALSE(parse_token_response({status, {}, R"({"access_token":"at","token_type":"Bearer"})"}, "")) << status;
}

TEST(Rfc6749, Section5_2_ReadsErrorsWithAnyStatus) {
    for (const int status : {200, 400, 401, 500}) {
        const auto answer = parse_token_response({status, {}, R"({"error":"invalid_grant","error_codes":[700082,"x"],"suberror":"bad_token"})"}, "");
        ASSERT_TRUE(answer);
        const auto& failure = std::get<OAuthFailure>(*answer);
        EXPECT_EQ(failure.error, "invalid_grant");
        EXPECT_EQ(failure.codes, std::vector<std::int64_t>{700082});
        EXPECT_EQ(failure.suberror, "bad_token");
    }
}

TEST(Rfc6749, Section5_2_AnErrorWithForbiddenCharactersIsNotRepeated) {
    const auto answer = parse_token_response({400, {}, R"({"error":"<b>\"x\u0007"})"}, "");

    EXPECT_EQ(std::get<OAuthFailure>(*answer).error, "unreadable_error");
}

TEST(Rfc6749, Section5_2_AnAnswerThatIsNoOAuthErrorIsNamedByItsStatus) {
    EXPECT_EQ(parse_token_response({503, {}, "<html>"}, "").error().code, Errc::provider_unavailable);
    EXPECT_EQ(parse_token_response({500, {}, R"({"error":42})"}, "").error().code, Errc::provider_unavailable);
    EXPECT_EQ(parse_token_response({400, {}, "no"}, "").error().code, Errc::provider_bad_answer);
    const auto busy = parse_token_response({429, {{"Retry-After", "12"}}, ""}, "");
    EXPECT_EQ(busy.error().code, Errc::provider_throttled);
    EXPECT_EQ(busy.error().get("retry_after"), "12");
}

RefreshFailure who(std::string error, std::vector<std::int64_t> codes = {}, int status = 400, bool moved = false) {
    return classify({.error = std::move(error), .codes = std::move(codes), .status = status}, moved);
}

TEST(Rfc6749, Section5_2_InvalidGrantIsThePersonsMatterUnlessSomebodyHasRotatedMeanwhile) {
    EXPECT_EQ(who("invalid_grant"), RefreshFailure::needs_user);
    EXPECT_EQ(who("invalid_grant", {}, 400, true), RefreshFailure::stale_generation);
    EXPECT_EQ(who("invalid_grant", {700082}, 400, true), RefreshFailure::stale_generation);
}

// One expired secret must not send everybody to a sign-in page.
TEST(Rfc6749, Section5_2_InvalidClientIsNeverAPersonsMatter) {
    for (const std::int64_t code : {0L, 7000215L, 7000222L, 50173L, 65001L, 70000L, 50126L, 12345L})
        for (const auto* error : {"invalid_client", "unauthorized_client"}) EXPECT_NE(who(error, {code}, 401), RefreshFailure::needs_user) << error << code;
    EXPECT_EQ(who("invalid_client"), RefreshFailure::needs_app_owner);
    EXPECT_EQ(who("unauthorized_client", {7000112}), RefreshFailure::needs_admin);
}

TEST(Rfc6749, Section5_2_UnknownErrorsAndBusyServersAreTriedLater) {
    EXPECT_EQ(who("something_new"), RefreshFailure::retry_later);
    EXPECT_EQ(who("temporarily_unavailable", {}, 503), RefreshFailure::retry_later);
    EXPECT_EQ(who("invalid_grant", {}, 503), RefreshFailure::retry_later);
    EXPECT_EQ(who("invalid_grant", {50196}), RefreshFailure::retry_later);
}

TEST(Rfc6749, Section5_2_NumericCodesRefineTheError) {
    EXPECT_EQ(who("interaction_required", {53003}), RefreshFailure::needs_admin);
    EXPECT_EQ(who("invalid_grant", {50105}), RefreshFailure::needs_admin);
    EXPECT_EQ(who("invalid_grant", {700084}), RefreshFailure::needs_app_owner);
    EXPECT_EQ(who("invalid_grant", {1, 2, 50173}), RefreshFailure::needs_user);
    EXPECT_EQ(find_code(1), nullptr);
    EXPECT_EQ(find_code(80007)->who, RefreshFailure::retry_later);
}

}  // namespace
}  // namespace renkei::oauth
