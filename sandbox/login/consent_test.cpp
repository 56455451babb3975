#include "sandbox/control/control_test_world.hpp"

namespace renkei::sandbox {
namespace {

struct Consents : ::testing::Test, ControlWorld {
    void set(const std::string& json) {
        const auto answer = send(Method::put, "/switches", json);
        ASSERT_EQ(answer.status, 200) << answer.body;
    }
    void user_consent(const std::string& kind) { set(R"({"tenants":{"contoso.example":{"user_consent":")" + kind + "\"}}}"); }
    static bool approval_page(const ServerResponse& page) {
        return page.status == 200 && !page.headers.has("Location") && page.body.find("AADSTS90094:") != std::string::npos &&
               page.body.find("name=\"cancel\"") != std::string::npos;
    }
    static std::string flow_of(const ServerResponse& page) {
        const std::string mark = "name=\"flow\" value=\"";
        const auto at = page.body.find(mark);
        return at == std::string::npos ? "" : page.body.substr(at + mark.size(), page.body.find('"', at + mark.size()) - at - mark.size());
    }
    ServerResponse answer(const ServerResponse& page, Fields more) {
        more.emplace_back("flow", flow_of(page));
        return w.post(std::string("/") + LoginWorld::contoso + "/login", more);
    }
    Fields ask(std::string_view app, Fields more = {}) {
        Fields fields{
            {"client_id", w.app(app).id},  {"redirect_uri", LoginWorld::redirect},           {"state", "s t"}, {"login_hint", "admin@contoso.example"},
            {"sandbox_consent", "accept"}, {"scope", "https://graph.microsoft.com/.default"}};
        for (auto& [name, value] : more) {
            std::erase_if(fields, [&](const auto& field) { return field.first == name; });
            if (value != "-") fields.emplace_back(name, value);
        }
        return fields;
    }
    ServerResponse admin_consent(const Fields& fields, std::string_view path = "v2.0/adminconsent", std::string_view segment = LoginWorld::contoso) {
        return w.get("/" + std::string(segment) + "/" + std::string(path) + "?" + form_encode(fields));
    }
    std::vector<std::string> roles_of(std::string_view key, std::string_view segment = LoginWorld::contoso) {
        const auto tokens = w.body(w.token(w.as(key, {{"grant_type", "client_credentials"}, {"scope", "https://graph.microsoft.com/.default"}}), segment));
        const auto facts = w.world.check_access_token(w.text(tokens, "access_token"));
        return facts ? facts->roles : std::vector<std::string>{"no token"};
    }
};
using SandboxConsent = Consents;

TEST_F(SandboxConsent, WhereNobodyMayConsentAPersonIsSentToAnAdministrator) {
    user_consent("none");

    const auto page = w.authorize();
    EXPECT_TRUE(approval_page(page)) << page.body;
    expect_redirected(answer(page, {{"cancel", "1"}}), 65004, "access_denied");
    EXPECT_TRUE(w.world.tokens().consents.empty());
    EXPECT_TRUE(w.world.tokens().codes.empty());
}

TEST_F(SandboxConsent, AnAdministratorMaySignInFromThatPage) {
    user_consent("none");
    const auto page = w.authorize();

    const auto sign_in = answer(page, {{"other", "1"}});
    const auto consent = answer(sign_in, {{"login", "admin@contoso.example"}, {"passwd", "Kanri-0001"}});
    const auto done = answer(consent, {{"accept", "1"}});

    EXPECT_FALSE(w.field(w.redirected(done), "code").empty()) << done.body;
}

TEST_F(SandboxConsent, ByTheStandardRuleOnlyPermissionsForAdministratorsNeedOne) {
    user_consent("standard");

    EXPECT_FALSE(w.code({{"scope", "openid Mail.Read Mail.Send Calendars.ReadWrite"}}).empty());
    for (const auto* scope : {"User.Read.All", "Directory.Read.All", "Group.Read.All", "GroupMember.Read.All", "https://graph.microsoft.com/User.Read.All"})
        EXPECT_TRUE(approval_page(w.authorize({{"scope", std::string("openid ") + scope}}))) << scope;
    EXPECT_FALSE(w.code({{"scope", "openid User.Read.All"}, {"login_hint", "admin@contoso.example"}}).empty());
}

TEST_F(SandboxConsent, WithoutAPersonItIsConsentRequired) {
    user_consent("none");
    w.world.tokens().clear();
    const auto signed_in = [&] {
        const auto page = w.authorize({{"sandbox_consent", "-"}, {"login_hint", "-"}});
        return answer(page, {{"login", LoginWorld::alice}, {"passwd", "Wonderland-7"}});
    }();
    const std::string cookie(signed_in.headers.get("Set-Cookie"));

    expect_redirected(w.authorize({{"prompt", "none"}, {"sandbox_consent", "-"}}, LoginWorld::contoso, {{"Cookie", cookie.substr(0, cookie.find(';'))}}), 65001,
                      "consent_required");
}

TEST_F(SandboxConsent, B13_AfterAdminConsentThePersonsOwnFlowGoesThrough) {
    user_consent("none");
    ASSERT_TRUE(approval_page(w.authorize({{"scope", "openid offline_access Mail.Read"}})));

    const auto granted = w.redirected(admin_consent(ask("web", {{"scope", "https://graph.microsoft.com/Mail.Read"}})));

    EXPECT_EQ(w.field(granted, "admin_consent"), "True");
    EXPECT_EQ(w.field(granted, "tenant"), LoginWorld::contoso);
    EXPECT_EQ(w.field(granted, "state"), "s t");
    EXPECT_EQ(w.field(granted, "scope"), "https://graph.microsoft.com/Mail.Read");
    EXPECT_FALSE(w.code({{"scope", "openid offline_access Mail.Read"}}).empty());
    EXPECT_TRUE(approval_page(w.authorize({{"scope", "openid Mail.Send"}}))) << "only what was consented to";
}

TEST_F(SandboxConsent, DefaultGrantsWhatTheRegistrationListsAndApplicationPermissionsToo) {
    EXPECT_TRUE(roles_of("noroles").empty());
    w.app("noroles").redirects = {LoginWorld::redirect};

    EXPECT_EQ(admin_consent(ask("noroles")).status, 302);

    EXPECT_EQ(roles_of("noroles"), w.app("noroles").registered_roles);
    EXPECT_TRUE(roles_of("noroles", "fabrikam.example").empty()) << "for this tenant only";
}

TEST_F(SandboxConsent, TheOlderEndpointConsentsToEverythingAndNamesNoScope) {
    const auto granted = w.redirected(admin_consent(ask("web", {{"scope", "-"}}), "adminconsent"));

    EXPECT_EQ(w.field(granted, "admin_consent"), "True");
    EXPECT_TRUE(w.field(granted, "scope").empty());
    EXPECT_EQ(roles_of("web"), w.app("web").registered_roles);
}

TEST_F(SandboxConsent, OnlyAnAdministratorOfTheTenantCanConsentForEverybody) {
    const auto alice = admin_consent(ask("web", {{"login_hint", LoginWorld::alice}}));
    EXPECT_TRUE(approval_page(alice)) << alice.body;
    expect_page(admin_consent(ask("web", {{"login_hint", "dave@fabrikam.example"}})), 50020);
    const auto refused = answer(alice, {{"cancel", "1"}});
    EXPECT_EQ(w.field(w.redirected(refused), "error"), "access_denied");
    EXPECT_EQ(w.field(w.redirected(refused), "admin_consent"), "True");
    const auto declined = w.redirected(admin_consent(ask("web", {{"sandbox_consent", "deny"}, {"scope", "-"}}), "adminconsent"));
    EXPECT_EQ(w.field(declined, "error"), "permission_denied");

    EXPECT_TRUE(w.world.tokens().tenant_consents.empty());
}

TEST_F(SandboxConsent, AdminConsentRefusesWhatIsWrongWithAPage) {
    expect_page(admin_consent(ask("web", {{"redirect_uri", "https://evil.example/"}})), 50011);
    expect_page(admin_consent(ask("web", {{"redirect_uri", "-"}})), 900144);
    expect_page(admin_consent(ask("web", {{"client_id", "nobody"}})), 700016);
    expect_page(admin_consent(ask("web", {{"client_id", "-"}})), 900144);
    expect_page(admin_consent(ask("web", {{"scope", "-"}})), 900144);
    expect_page(admin_consent(ask("web", {{"scope", "Mail.Raed"}})), 70011);
    expect_page(admin_consent(ask("web"), "v2.0/adminconsent", "common"), 50059);
    expect_page(admin_consent(ask("web"), "v2.0/adminconsent", "nowhere.example"), 90002);

    EXPECT_TRUE(w.world.tokens().tenant_consents.empty());
}

TEST_F(SandboxConsent, WithdrawnConsentIs65001AndTheTokenWorksAgainAfterANewOne) {
    const auto token = LoginWorld::text(w.signed_in(), "refresh_token");
    EXPECT_EQ(send(Method::post, "/consents/withdraw", R"({"app":"web","user":"bob@contoso.example"})").status, 200);
    EXPECT_EQ(w.refresh(token).status, 200);

    EXPECT_EQ(send(Method::post, "/consents/withdraw", R"({"app":"web","user":"alice@contoso.example"})").status, 200);

    const auto refused = w.refresh(token);
    expect_aadsts(refused, 65001, "invalid_grant");
    EXPECT_EQ(LoginWorld::text(LoginWorld::body(refused), "suberror"), "consent_required");
    EXPECT_EQ(send(Method::post, "/consents/grant", R"({"app":"web","tenant":"contoso.example","scopes":"openid profile offline_access User.Read"})").status,
              200);
    EXPECT_EQ(w.refresh(token).status, 200);
    expect_refused(send(Method::post, "/consents/grant", R"({"app":"web"})"), 400, "scopes");
    expect_refused(send(Method::post, "/consents/grant", R"({"app":"nobody","scopes":"Mail.Read"})"), 400, "app");
    expect_refused(send(Method::post, "/consents/grant", R"({"app":"web","scopes":"Mail.Raed"})"), 400, "scopes");
    expect_refused(send(Method::post, "/consents/withdraw", R"({"tenant":"nowhere.example"})"), 400, "tenant");
}

TEST_F(SandboxConsent, WithdrawingATenantsConsentTakesTheRolesAway) {
    w.app("noroles").redirects = {LoginWorld::redirect};
    admin_consent(ask("noroles"));
    ASSERT_FALSE(roles_of("noroles").empty());

    send(Method::post, "/consents/withdraw", R"({"app":"noroles"})");

    EXPECT_TRUE(roles_of("noroles").empty());
}

}  // namespace
}  // namespace renkei::sandbox
