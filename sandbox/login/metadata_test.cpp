#include "sandbox/login/login_test_world.hpp"

namespace renkei::sandbox {
namespace {

json::object metadata(LoginWorld& w, const std::string& segment) { return w.body(w.get("/" + segment + "/v2.0/.well-known/openid-configuration")); }

TEST(SandboxMetadata, TheIssuerHasTheAuthoritysOriginForEverySegment) {
    LoginWorld w;
    const std::string base = LoginWorld::base;

    EXPECT_EQ(w.text(metadata(w, LoginWorld::contoso), "issuer"), base + "/" + LoginWorld::contoso + "/v2.0");
    EXPECT_EQ(w.text(metadata(w, "CONTOSO.example"), "issuer"), base + "/" + LoginWorld::contoso + "/v2.0");
    EXPECT_EQ(w.text(metadata(w, "common"), "issuer"), base + "/{tenantid}/v2.0");
    EXPECT_EQ(w.text(metadata(w, "organizations"), "issuer"), base + "/{tenantid}/v2.0");
    EXPECT_EQ(w.text(metadata(w, "consumers"), "issuer"), base + "/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0");
}

TEST(SandboxMetadata, EveryAddressIsTheOneByWhichItWasReached) {
    LoginWorld w;
    const auto answer = w.body(w.get("/common/v2.0/.well-known/openid-configuration", {{"Host", "127.0.0.1:9999"}}));

    for (const auto* name :
         {"issuer", "authorization_endpoint", "token_endpoint", "device_authorization_endpoint", "jwks_uri", "end_session_endpoint", "userinfo_endpoint"})
        EXPECT_TRUE(w.text(answer, name).starts_with("https://127.0.0.1:9999/")) << name;
}

TEST(SandboxMetadata, HasTheMembersThatClientsNeed) {
    LoginWorld w;
    const auto answer = metadata(w, LoginWorld::contoso);

    for (const auto* name : {"response_types_supported", "response_modes_supported", "subject_types_supported", "id_token_signing_alg_values_supported",
                             "token_endpoint_auth_methods_supported", "scopes_supported", "claims_supported"})
        EXPECT_NE(json::find(answer, name), nullptr) << name;
}

TEST(SandboxMetadata, AnUnknownTenantIsInvalidTenant) {
    LoginWorld w;

    expect_aadsts(w.get("/nobody.example/v2.0/.well-known/openid-configuration"), 90002, "invalid_tenant");
}

TEST(SandboxMetadata, InstanceDiscoveryNamesThisHost) {
    LoginWorld w;
    const auto answer =
        w.body(w.get("/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Flocalhost%3A18443%2Fcommon%2Foauth2%2Fv2.0%2Fauthorize"));

    EXPECT_EQ(w.text(answer, "tenant_discovery_endpoint"), std::string(LoginWorld::base) + "/common/v2.0/.well-known/openid-configuration");
    EXPECT_EQ(json::serialize(*json::find(answer, "metadata")),
              R"([{"preferred_network":"localhost:18443","preferred_cache":"localhost:18443","aliases":["localhost:18443"]}])");
    expect_aadsts(w.get("/common/discovery/instance"), 900144, "invalid_request");
    expect_aadsts(w.get("/common/discovery/instance?authorization_endpoint=nonsense"), 50049, "invalid_instance");
}

TEST(SandboxMetadata, TheKeySetVerifiesIdTokens) {
    LoginWorld w;
    const auto keys = w.body(w.get(std::string("/") + LoginWorld::contoso + "/discovery/v2.0/keys"));
    const auto& key = json::find(keys, "keys")->get_array().at(0).get_object();
    const auto token = decode_jwt(w.text(w.signed_in(), "id_token"));

    ASSERT_TRUE(token);
    EXPECT_EQ(w.text(json::parse(token->header)->get_object(), "kid"), w.text(key, "kid"));
    EXPECT_EQ(w.text(key, "kty"), "RSA");
    EXPECT_EQ(w.text(key, "e"), "AQAB");
    EXPECT_EQ(decode_base64url(w.text(key, "n"))->size(), 256u);
}

TEST(SandboxMetadata, UnknownPathsAndMethodsAreNoServerErrors) {
    LoginWorld w;

    EXPECT_EQ(w.get("/").status, 404);
    EXPECT_EQ(w.get("/common/oauth2/v2.0/nothing").status, 404);
    EXPECT_EQ(w.get("/%zz/oauth2/v2.0/token").status, 404);
    EXPECT_EQ(w.post("/common/discovery/v2.0/keys", {}).status, 405);
}

TEST(SandboxMetadata, UserinfoWantsATokenWithOpenid) {
    LoginWorld w;
    const auto token = w.text(w.signed_in(), "access_token");
    const auto without = w.text(w.body(w.token(w.redemption(w.code({{"scope", "User.Read"}})))), "access_token");

    EXPECT_EQ(w.text(w.body(w.get("/oidc/userinfo", {{"Authorization", "Bearer " + token}})), "name"), "Alice Baker");
    EXPECT_EQ(w.get("/oidc/userinfo", {{"Authorization", "Bearer " + without}}).status, 401);
    EXPECT_EQ(w.get("/oidc/userinfo").status, 401);
}

}  // namespace
}  // namespace renkei::sandbox
