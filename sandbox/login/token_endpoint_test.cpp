#include "sandbox/login/login_test_world.hpp"

// The token endpoint of the simulated identity platform: client-requirements section 2, microsoft.md sections 2 and 3.

namespace renkei::sandbox {
namespace {

using json::text;

std::string graph_default() { return "https://graph.microsoft.com/.default"; }
Fields app_only(Fields more = {}) {
    Fields form{{"grant_type", "client_credentials"}, {"scope", graph_default()}};
    for (auto& [name, value] : more) {
        std::erase_if(form, [&](const auto& field) { return field.first == name; });
        if (value != "-") form.emplace_back(name, value);
    }
    return form;
}

TEST(SandboxToken, ClientCredentialsGiveAnOpaqueTokenWithTheAppsRolesAndNothingElse) {
    LoginWorld w;
    const auto body = w.body(w.token(w.as("daemon", app_only())));

    EXPECT_EQ(w.text(body, "token_type"), "Bearer");
    EXPECT_EQ(json::integer(body, "expires_in"), 3599);
    for (const auto* member : {"scope", "refresh_token", "id_token", "client_info"}) EXPECT_EQ(json::find(body, member), nullptr) << member;
    const auto token = w.text(body, "access_token");
    EXPECT_FALSE(token.starts_with("eyJ"));
    const auto facts = w.world.check_access_token(token);
    ASSERT_TRUE(facts);
    EXPECT_TRUE(facts->app_only());
    EXPECT_EQ(facts->tenant, LoginWorld::contoso);
    EXPECT_EQ(facts->audience, graph_audience);
    EXPECT_TRUE(facts->allows("mail.read"));
    EXPECT_FALSE(facts->allows("Calendars.Read"));
}

TEST(SandboxToken, AnAppWithoutRolesGetsATokenThatAllowsNothing) {
    LoginWorld w;
    const auto facts = w.world.check_access_token(w.text(w.body(w.token(w.as("noroles", app_only()))), "access_token"));

    ASSERT_TRUE(facts);
    EXPECT_TRUE(facts->roles.empty());
}

TEST(SandboxToken, RolesAreConsentedInTheHomeTenantOnly) {
    LoginWorld w;
    const auto facts = w.world.check_access_token(w.text(w.body(w.token(w.as("daemon", app_only()), "fabrikam.example")), "access_token"));

    ASSERT_TRUE(facts);
    EXPECT_TRUE(facts->roles.empty());
}

TEST(SandboxToken, ClientCredentialsWantExactlyOneDefaultScope) {
    LoginWorld w;

    expect_aadsts(w.token(w.as("daemon", app_only({{"scope", "https://graph.microsoft.com/Mail.Read"}}))), 1002012, "invalid_scope");
    expect_aadsts(w.token(w.as("daemon", app_only({{"scope", "openid"}}))), 1002012, "invalid_scope");
    expect_aadsts(w.token(w.as("daemon", app_only({{"scope", "https://nothing.example/.default"}}))), 500011, "invalid_resource");
    expect_aadsts(w.token(w.as("daemon", app_only({{"scope", "-"}}))), 900144, "invalid_request");
}

TEST(SandboxToken, ClientCredentialsNeedATenant) {
    LoginWorld w;

    for (const auto* segment : {"common", "organizations", "consumers"}) expect_aadsts(w.token(w.as("daemon", app_only()), segment), 50059, "invalid_request");
}

TEST(SandboxToken, SecretsAreTakenFromTheFormAndFromBasic) {
    LoginWorld w;
    const auto& app = w.app("special");
    // RFC 6749 section 2.3.1: form-encoded, then joined, then base64.
    const auto basic = percent_encode(app.id) + ":" + percent_encode(w.secret("special"));

    EXPECT_EQ(w.token(w.as("special", app_only())).status, 200);
    EXPECT_EQ(w.token(app_only(), LoginWorld::contoso, {{"Authorization", "Basic " + base64(as_bytes(basic))}}).status, 200);
}

TEST(SandboxToken, BasicThatWasNotFormEncodedIsAWrongSecret) {
    LoginWorld w;
    const auto raw = w.app("special").id + ":" + w.secret("special");
    const auto answer = w.token(app_only(), LoginWorld::contoso, {{"Authorization", "Basic " + base64(as_bytes(raw))}});

    EXPECT_NE(answer.status, 200);
}

TEST(SandboxToken, RefusesBrokenBasicAndTwoProofs) {
    LoginWorld w;
    const auto& app = w.app("daemon");
    const auto good = "Basic " + base64(as_bytes(app.id + ":" + percent_encode(w.secret("daemon"))));

    expect_aadsts(w.token(app_only(), LoginWorld::contoso, {{"Authorization", "Basic !!!"}}), 9002313, "invalid_request");
    expect_aadsts(w.token(app_only(), LoginWorld::contoso, {{"Authorization", "Bearer x"}}), 9002313, "invalid_request");
    expect_aadsts(w.token(w.as("daemon", app_only()), LoginWorld::contoso, {{"Authorization", good}}), 9002313, "invalid_request");
    expect_aadsts(w.token(app_only({{"client_id", w.app("web").id}}), LoginWorld::contoso, {{"Authorization", good}}), 9002313, "invalid_request");
}

TEST(SandboxToken, WrongSecretIs7000215With401) {
    LoginWorld w;
    auto form = app_only({{"client_id", w.app("daemon").id}, {"client_secret", "wrong"}});

    expect_aadsts(w.token(form), 7000215, "invalid_client", 401);
}

TEST(SandboxToken, A401NamesTheSchemeIfTheClientTriedBasic) {
    LoginWorld w;
    const auto answer = w.token(app_only(), LoginWorld::contoso, {{"Authorization", "Basic " + base64(as_bytes(w.app("daemon").id + ":no"))}});

    EXPECT_EQ(answer.status, 401);
    EXPECT_TRUE(answer.headers.get("WWW-Authenticate").starts_with("Basic"));
}

TEST(SandboxToken, ExpiredSecretIs7000222) {
    LoginWorld w;

    expect_aadsts(w.token(app_only({{"client_id", w.app("daemon").id}, {"client_secret", "daemon~Expired-secret-3"}})), 7000222, "invalid_client", 401);
}

TEST(SandboxToken, NoCredentialIs7000216ForTheAppItselfAnd7000218Otherwise) {
    LoginWorld w;

    expect_aadsts(w.token(app_only({{"client_id", w.app("daemon").id}})), 7000216, "invalid_client", 401);
    expect_aadsts(w.token({{"grant_type", "refresh_token"}, {"client_id", w.app("web").id}, {"refresh_token", "x"}}), 7000218, "invalid_client", 401);
}

TEST(SandboxToken, APublicClientMustNotSendASecret) {
    LoginWorld w;

    expect_aadsts(w.token({{"grant_type", "refresh_token"}, {"client_id", w.app("public").id}, {"client_secret", "x"}, {"refresh_token", "x"}}), 700025,
                  "invalid_client", 401);
}

TEST(SandboxToken, UnknownAppIs700016AndAKeyIsNoClientId) {
    LoginWorld w;

    expect_aadsts(w.token(app_only({{"client_id", "0a000000-0000-4000-8000-0000000000ff"}, {"client_secret", "x"}})), 700016, "unauthorized_client");
    expect_aadsts(w.token(app_only({{"client_id", "daemon"}, {"client_secret", w.secret("daemon")}})), 700016, "unauthorized_client");
}

TEST(SandboxToken, ASingleTenantAppWorksInItsTenantOnly) {
    LoginWorld w;

    EXPECT_EQ(w.token(w.as("single", app_only())).status, 200);
    expect_aadsts(w.token(w.as("single", app_only()), "fabrikam.example"), 700016, "unauthorized_client");
    expect_aadsts(w.token(w.as("single", app_only()), "common"), 50194, "invalid_request");
}

TEST(SandboxToken, ADisabledAppIs7000112) {
    LoginWorld w;
    w.app("daemon").enabled = false;

    expect_aadsts(w.token(w.as("daemon", app_only())), 7000112, "unauthorized_client");
}

TEST(SandboxToken, AnUnknownTenantIs90002) {
    LoginWorld w;

    expect_aadsts(w.token(w.as("daemon", app_only()), "nobody.example"), 90002, "invalid_request");
}

TEST(SandboxToken, GetIs900561) {
    LoginWorld w;

    expect_aadsts(w.get("/common/oauth2/v2.0/token"), 900561, "invalid_request");
}

TEST(SandboxToken, RefusesWhatIsMissingUnknownOrDouble) {
    LoginWorld w;

    expect_aadsts(w.token({}), 900144, "invalid_request");
    expect_aadsts(w.token({{"grant_type", "client_credentials"}}), 900144, "invalid_request");
    expect_aadsts(w.token(w.as("daemon", {{"grant_type", "magic"}})), 70003, "unsupported_grant_type");
    expect_aadsts(w.token(w.as("daemon", {{"grant_type", "client_credentials"}, {"scope", graph_default()}, {"scope", graph_default()}})), 9000411,
                  "invalid_request");
    expect_aadsts(w.token(w.as("daemon", app_only({{"resource", "https://graph.microsoft.com"}}))), 901002, "invalid_request");
    expect_aadsts(w.token(w.as("web", {{"grant_type", "password"}, {"username", LoginWorld::alice}, {"password", "x"}})), 50126, "invalid_grant");
}

TEST(SandboxToken, IgnoresWhatMsalSendsBesides) {
    LoginWorld w;
    auto form = w.as("daemon", app_only({{"client_info", "1"}, {"x-client-SKU", "msal.js.node"}, {"x-client-current-telemetry", "5|1|"}, {"claims", "{}"}}));

    EXPECT_EQ(w.token(form, LoginWorld::contoso, {{"x-anchormailbox", "Oid:1@2"}}).status, 200);
}

TEST(SandboxToken, TheCorrelationIdIsTheCallersOwn) {
    LoginWorld w;
    const auto answer = w.post("/common/oauth2/v2.0/token?client-request-id=11111111-2222-4333-8444-555555555555", {});

    EXPECT_EQ(w.text(w.body(answer), "correlation_id"), "11111111-2222-4333-8444-555555555555");
}

TEST(SandboxToken, ACodeGivesTokensInTheFormAskedFor) {
    LoginWorld w;
    auto form = w.redemption(w.code({{"scope", "openid offline_access https://graph.microsoft.com/User.Read"}}));
    form.emplace_back("client_info", "1");
    const auto body = w.body(w.token(form));

    EXPECT_EQ(w.text(body, "scope"), "openid https://graph.microsoft.com/User.Read");
    EXPECT_FALSE(w.text(body, "refresh_token").empty());
    EXPECT_EQ(decode_base64url(w.text(body, "client_info")), R"({"uid":"a11ce000-0000-4000-8000-000000000004","utid":"c0270500-1a2b-4c3d-8e4f-000000000001"})");
    const auto facts = w.world.check_access_token(w.text(body, "access_token"));
    ASSERT_TRUE(facts);
    EXPECT_FALSE(facts->app_only());
    EXPECT_TRUE(facts->allows("user.read"));
    EXPECT_FALSE(facts->allows("Mail.Read"));
}

TEST(SandboxToken, WithoutOfflineAccessThereIsNoRefreshTokenAndWithoutOpenidNoIdToken) {
    LoginWorld w;
    const auto body = w.body(w.token(w.redemption(w.code({{"scope", "User.Read"}}))));

    for (const auto* member : {"refresh_token", "id_token", "client_info"}) EXPECT_EQ(json::find(body, member), nullptr) << member;
}

TEST(SandboxToken, TheIdTokenIsSignedAndCarriesTheNonceExactlyWhenSent) {
    LoginWorld w;
    const auto with = decode_jwt(w.text(w.body(w.token(w.redemption(w.code({{"nonce", "n 1"}})))), "id_token"));
    const auto without = decode_jwt(w.text(w.signed_in(), "id_token"));

    ASSERT_TRUE(with && without);
    EXPECT_TRUE(signature_valid(*with, "RS256", test_certificate()));
    const auto claims = json::parse(with->claims)->get_object();
    EXPECT_EQ(w.text(claims, "nonce"), "n 1");
    EXPECT_EQ(w.text(claims, "iss"), std::string(LoginWorld::base) + "/" + LoginWorld::contoso + "/v2.0");
    EXPECT_EQ(w.text(claims, "aud"), w.app("web").id);
    EXPECT_EQ(w.text(claims, "preferred_username"), LoginWorld::alice);
    EXPECT_EQ(w.text(claims, "ver"), "2.0");
    for (const auto* claim : {"oid", "tid", "sub", "name"}) EXPECT_FALSE(w.text(claims, claim).empty()) << claim;
    EXPECT_EQ(json::find(json::parse(without->claims)->get_object(), "nonce"), nullptr);
}

TEST(SandboxToken, ACodeWorksOnce) {
    LoginWorld w;
    const auto code = w.code();

    EXPECT_EQ(w.token(w.redemption(code)).status, 200);
    expect_aadsts(w.token(w.redemption(code)), 54005, "invalid_grant");
}

TEST(SandboxToken, ACodeEndsAfterTenMinutes) {
    LoginWorld w;
    const auto code = w.code();
    w.manual.advance(std::chrono::minutes(10));

    expect_aadsts(w.token(w.redemption(code)), 70008, "invalid_grant");
}

TEST(SandboxToken, RefusesACodeOfAnotherAppTenantAddressOrUser) {
    LoginWorld w;
    const auto code = w.code();
    auto other_address = w.redemption(code);
    for (auto& [name, value] : other_address)
        if (name == "redirect_uri") value = "http://localhost:8401/callback";

    expect_aadsts(w.token(w.redemption(code, "special")), 70000, "invalid_grant");
    expect_aadsts(w.token(w.redemption("nonsense")), 70000, "invalid_grant");
    expect_aadsts(w.token(w.redemption(code), "common"), 700005, "invalid_grant");
    expect_aadsts(w.token(other_address), 500112, "invalid_client", 401);
    w.world.find_user(LoginWorld::alice)->enabled = false;
    expect_aadsts(w.token(w.redemption(code)), 50057, "invalid_grant");
}

TEST(SandboxToken, ADomainAndItsGuidAreTheSameTenant) {
    LoginWorld w;

    EXPECT_EQ(w.token(w.redemption(w.code({}, "contoso.example"))).status, 200);
}

TEST(SandboxToken, PkceMustMatch) {
    LoginWorld w;
    auto form = w.redemption(w.code());
    auto wrong = form;
    wrong.back().second.back() = 'A';
    auto without = form;
    without.pop_back();
    auto too_much = w.redemption(w.code({{"code_challenge", "-"}, {"code_challenge_method", "-"}}));

    expect_aadsts(w.token(wrong), 501481, "invalid_grant");
    expect_aadsts(w.token(without), 50148, "invalid_grant");
    expect_aadsts(w.token(too_much), 50148, "invalid_grant");
    EXPECT_EQ(w.token(form).status, 200);
}

TEST(SandboxToken, PkcePlainWorks) {
    LoginWorld w;

    EXPECT_EQ(w.token(w.redemption(w.code({{"code_challenge", LoginWorld::verifier}, {"code_challenge_method", "plain"}}))).status, 200);
    EXPECT_EQ(w.token(w.redemption(w.code({{"code_challenge", LoginWorld::verifier}, {"code_challenge_method", "-"}}))).status, 200);
}

}  // namespace
}  // namespace renkei::sandbox
