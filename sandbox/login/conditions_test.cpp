#include "sandbox/control/control_test_world.hpp"

namespace renkei::sandbox {
namespace {

struct Conditions : ::testing::Test, ControlWorld {
    void set(const std::string& json) {
        const auto answer = send(Method::put, "/switches", json);
        ASSERT_EQ(answer.status, 200) << answer.body;
    }
    std::string refresh_token() { return LoginWorld::text(w.signed_in(), "refresh_token"); }
    Fields app_only() { return w.as("daemon", {{"grant_type", "client_credentials"}, {"scope", "https://graph.microsoft.com/.default"}}); }
};

using SandboxConditions = Conditions;

TEST_F(SandboxConditions, ADemandForMultiFactorAuthenticationIsMetByTheNextSignIn) {
    for (const int code : {50074, 50076, 50079, 50158}) {
        const auto before = refresh_token();
        set(R"({"users":{"alice@contoso.example":{"condition":)" + std::to_string(code) + "}}}");

        const auto refused = w.refresh(before);
        expect_aadsts(refused, code, "interaction_required");
        EXPECT_NE(LoginWorld::text(LoginWorld::body(refused), "claims").find("access_token"), std::string::npos);
        expect_redirected(w.authorize({{"prompt", "none"}, {"sandbox_consent", "-"}}), 50058, "login_required");
        const auto after = refresh_token();
        EXPECT_EQ(w.refresh(after).status, 200);
        expect_aadsts(w.refresh(before), code, "interaction_required");
    }
}

TEST_F(SandboxConditions, ConditionalAccessBlocksSignInsAndRefreshesUntilItIsLifted) {
    for (const int code : {53000, 53001, 53002, 53003, 530032}) {
        const auto before = refresh_token();
        set(R"({"users":{"alice@contoso.example":{"condition":)" + std::to_string(code) + "}}}");

        expect_aadsts(w.refresh(before), code, "interaction_required");
        expect_redirected(w.authorize(), code, "access_denied");
        set(R"({"users":{"alice@contoso.example":{"condition":0}}})");
        EXPECT_EQ(w.refresh(before).status, 200);
    }
}

TEST_F(SandboxConditions, APolicyForAnAppMeetsEverybodyAndTheAppItself) {
    set(R"({"apps":{"web":{"condition":53003},"daemon":{"condition":53003}}})");

    expect_redirected(w.authorize(), 53003, "access_denied");
    expect_redirected(w.authorize({{"login_hint", "bob@contoso.example"}}), 53003, "access_denied");
    expect_aadsts(w.token(app_only()), 53003, "interaction_required");
    EXPECT_EQ(w.token(w.as("special", {{"grant_type", "client_credentials"}, {"scope", "https://graph.microsoft.com/.default"}})).status, 200);
}

TEST_F(SandboxConditions, ABlockAlsoMeetsACodeThatIsNotRedeemedYet) {
    const auto code = w.code();
    set(R"({"users":{"alice@contoso.example":{"condition":53003}}})");

    expect_aadsts(w.token(w.redemption(code)), 53003, "interaction_required");
}

TEST_F(SandboxConditions, ABlockMeetsADeviceCodeOnThePageAndAtThePoll) {
    const auto start = w.body(w.post("/common/oauth2/v2.0/devicecode", {{"client_id", w.app("public").id}, {"scope", "User.Read"}}));
    const auto approve = "/device?user_code=" + w.text(start, "user_code") + "&login_hint=alice%40contoso.example&sandbox_consent=accept";
    const Fields poll{{"grant_type", "device_code"}, {"client_id", w.app("public").id}, {"device_code", w.text(start, "device_code")}};
    set(R"({"users":{"alice@contoso.example":{"condition":53003}}})");
    expect_page(w.get(approve), 53003);
    expect_aadsts(w.token(poll, "common"), 70016, "authorization_pending");
    set(R"({"users":{"alice@contoso.example":{"condition":0}}})");
    EXPECT_EQ(w.get(approve).status, 200);
    set(R"({"users":{"alice@contoso.example":{"condition":53003}}})");

    expect_aadsts(w.token(poll, "common"), 53003, "interaction_required");
}

TEST_F(SandboxConditions, ExpiredPasswordsAndLockedAccountsAreShownAndNotRedirected) {
    const auto before = refresh_token();
    for (const int code : {50053, 50055}) {
        set(R"({"users":{"alice@contoso.example":{"condition":)" + std::to_string(code) + "}}}");
        expect_page(w.authorize(), code);
        expect_aadsts(w.refresh(before), code, "invalid_grant");
    }
}

TEST_F(SandboxConditions, OnlyWhoIsAssignedMayUseAnAppThatRequiresIt) {
    const auto before = refresh_token();
    set(R"({"apps":{"web":{"assignment_required":true,"assigned":["bob@contoso.example"]}}})");

    expect_page(w.authorize(), 50105);
    expect_aadsts(w.refresh(before), 50105, "invalid_grant");
    EXPECT_FALSE(w.code({{"login_hint", "bob@contoso.example"}}).empty());
}

TEST_F(SandboxConditions, ADisabledOrDeletedUserGetsNothing) {
    const auto before = refresh_token();
    set(R"({"users":{"alice@contoso.example":{"enabled":false}}})");
    expect_aadsts(w.refresh(before), 50057, "invalid_grant");
    expect_page(w.authorize(), 50057);
    set(R"({"users":{"alice@contoso.example":{"deleted":true}}})");
    expect_aadsts(w.refresh(before), 50034, "invalid_grant");
    expect_page(w.authorize(), 50034);
    set(R"({"users":{"alice@contoso.example":{"deleted":false,"enabled":true}}})");
    EXPECT_EQ(w.refresh(before).status, 200);
}

TEST_F(SandboxConditions, ADeletedAppIsNotFoundAndADisabledOneIsNamed) {
    const auto before = refresh_token();
    set(R"({"apps":{"web":{"deleted":true},"daemon":{"enabled":false}}})");

    expect_aadsts(w.refresh(before), 700016, "unauthorized_client");
    expect_page(w.authorize(), 700016);
    expect_aadsts(w.token(app_only()), 7000112, "unauthorized_client");
}

TEST_F(SandboxConditions, SomebodyOfAnotherTenantCannotUseASingleTenantAppOrATenantsEndpoint) {
    expect_page(w.authorize({{"login_hint", "dave@fabrikam.example"}}), 50020);
    expect_page(w.authorize({{"client_id", w.app("single").id}, {"login_hint", "dave@fabrikam.example"}}), 50020);
    expect_page(w.authorize({{"client_id", w.app("single").id}, {"login_hint", "dave@fabrikam.example"}}, "fabrikam.example"), 700016);
    expect_page(w.authorize({{"client_id", w.app("single").id}}, "common"), 50194);
}

TEST_F(SandboxConditions, RefreshTokensEndAfterNinetyDaysWithoutUse) {
    auto token = refresh_token();
    for (int i = 0; i < 3; ++i) {
        w.manual.advance(std::chrono::hours(24 * 89));
        token = LoginWorld::text(LoginWorld::body(w.refresh(token)), "refresh_token");
        ASSERT_FALSE(token.empty()) << "each use gives another ninety days";
    }
    w.manual.advance(std::chrono::hours(24 * 90));

    expect_aadsts(w.refresh(token), 700082, "invalid_grant");
}

TEST_F(SandboxConditions, SignInFrequencyEndsRefreshTokensHoweverOftenTheyAreUsed) {
    set(R"({"apps":{"web":{"sign_in_frequency":3600}}})");
    const auto first = refresh_token();
    w.manual.advance(std::chrono::minutes(59));
    const auto second = LoginWorld::text(LoginWorld::body(w.refresh(first)), "refresh_token");
    ASSERT_FALSE(second.empty());
    w.manual.advance(std::chrono::minutes(1));

    const auto refused = w.refresh(second);
    expect_aadsts(refused, 70043, "invalid_grant");
    EXPECT_EQ(LoginWorld::text(LoginWorld::body(refused), "suberror"), "token_expired");
    EXPECT_EQ(w.refresh(refresh_token()).status, 200);
}

struct SinglePage : Conditions {
    std::string redirect = "http://localhost:8400/spa";
    Headers browser{{"Origin", "http://localhost:8400"}};
    std::string code(Fields more = {}) {
        more.insert(more.end(), {{"client_id", w.app("spa").id}, {"redirect_uri", redirect}});
        return w.code(std::move(more));
    }
    ServerResponse redeem(const std::string& code, Headers headers) {
        return w.token({{"client_id", w.app("spa").id},
                        {"grant_type", "authorization_code"},
                        {"code", code},
                        {"redirect_uri", redirect},
                        {"code_verifier", LoginWorld::verifier}},
                       LoginWorld::contoso, std::move(headers));
    }
    ServerResponse refresh(const std::string& token, Headers headers) {
        return w.token({{"client_id", w.app("spa").id}, {"grant_type", "refresh_token"}, {"refresh_token", token}}, LoginWorld::contoso, std::move(headers));
    }
};
using SandboxSinglePage = SinglePage;

TEST_F(SandboxSinglePage, ItsRefreshTokensAllEndADayAfterTheSignIn) {
    auto token = LoginWorld::text(LoginWorld::body(redeem(code(), browser)), "refresh_token");
    w.manual.advance(std::chrono::hours(23));
    token = LoginWorld::text(LoginWorld::body(refresh(token, browser)), "refresh_token");
    ASSERT_FALSE(token.empty());
    w.manual.advance(std::chrono::hours(1));

    expect_aadsts(refresh(token, browser), 700084, "invalid_grant");
}

TEST_F(SandboxSinglePage, OnlyABrowserRedeemsItsCodesAndABrowserRedeemsNothingElse) {
    expect_aadsts(redeem(code(), {}), 9002327, "invalid_request");
    const auto token = LoginWorld::text(LoginWorld::body(redeem(code(), browser)), "refresh_token");
    expect_aadsts(refresh(token, {}), 9002327, "invalid_request");
    expect_aadsts(w.token(w.redemption(w.code()), LoginWorld::contoso, browser), 9002326, "invalid_request");
    expect_redirected(w.authorize({{"client_id", w.app("spa").id}, {"redirect_uri", redirect}, {"code_challenge", "-"}, {"code_challenge_method", "-"}}), 50147,
                      "invalid_request");
    expect_aadsts(w.token({{"client_id", w.app("spa").id}, {"grant_type", "device_code"}, {"device_code", "x"}}), 7000218, "invalid_client", 401);
    expect_aadsts(w.token({{"client_id", w.app("spa").id}, {"grant_type", "client_credentials"}, {"scope", "x"}}), 7000216, "invalid_client", 401);
}

TEST_F(SandboxConditions, APublicClientNeedsNoSecretAnyPortAndItsVerifier) {
    const Fields more{{"client_id", w.app("public").id}, {"redirect_uri", "http://localhost:49152/callback"}};
    const auto redeem = [&](const std::string& code, const std::string& verifier, Fields extra = {}) {
        Fields form{
            {"client_id", w.app("public").id}, {"grant_type", "authorization_code"}, {"code", code}, {"redirect_uri", "http://localhost:49152/callback"}};
        if (!verifier.empty()) form.emplace_back("code_verifier", verifier);
        form.insert(form.end(), extra.begin(), extra.end());
        return w.token(std::move(form));
    };

    expect_aadsts(redeem(w.code(more), ""), 50148, "invalid_grant");
    expect_aadsts(redeem(w.code(more), std::string(43, 'x')), 501481, "invalid_grant");
    expect_aadsts(redeem(w.code(more), LoginWorld::verifier, {{"client_secret", "x"}}), 700025, "invalid_client", 401);
    expect_page(w.authorize({{"client_id", w.app("public").id}, {"redirect_uri", "http://localhost:49152/elsewhere"}}), 50011);
    expect_page(w.authorize({{"client_id", w.app("public").id}, {"redirect_uri", "http://evil.example/callback"}}), 50011);
    EXPECT_EQ(redeem(w.code(more), LoginWorld::verifier).status, 200);
}

TEST_F(SandboxConditions, APasswordChangeEndsWhatTheReferenceSays) {
    const auto change = [&](const std::string& by) {
        return LoginWorld::body(send(Method::post, "/users/password", R"({"user":"alice@contoso.example","by":")" + by + "\"}")).at("revoked").to_number<int>();
    };
    const auto public_token = [&] {
        const Fields more{{"client_id", w.app("public").id}};
        return LoginWorld::text(LoginWorld::body(w.token({{"client_id", w.app("public").id},
                                                          {"grant_type", "authorization_code"},
                                                          {"code", w.code(more)},
                                                          {"redirect_uri", LoginWorld::redirect},
                                                          {"code_verifier", LoginWorld::verifier}})),
                                "refresh_token");
    };
    const auto refresh_public = [&](const std::string& token) {
        return w.token({{"client_id", w.app("public").id}, {"grant_type", "refresh_token"}, {"refresh_token", token}});
    };
    w.app("public").redirects.emplace_back(LoginWorld::redirect);
    for (const auto* by : {"user", "self_service", "azure_portal"}) {
        const auto confidential = refresh_token();
        const auto of_public = public_token();
        EXPECT_EQ(change(by), 1) << by;
        EXPECT_EQ(w.refresh(confidential).status, 200) << by;
        expect_aadsts(refresh_public(of_public), 50173, "invalid_grant");
    }
    const auto confidential = refresh_token();
    EXPECT_GE(change("admin_center"), 1);
    expect_aadsts(w.refresh(confidential), 50173, "invalid_grant");
    expect_refused(send(Method::post, "/users/password", R"({"user":"nobody"})"), 400, "user");
    expect_refused(send(Method::post, "/users/password", R"({"user":"alice@contoso.example","by":"magic"})"), 400, "by");
}

TEST_F(SandboxConditions, WrongConditionsAreRefusedAndChangeNothing) {
    for (const auto* code : {"50057", "1", "-1", "\"50076\"", "true", "99999999999"})
        expect_refused(send(Method::put, "/switches", std::string(R"({"users":{"alice@contoso.example":{"enabled":false,"condition":)") + code + "}}}"), 400,
                       "condition");
    expect_refused(send(Method::put, "/switches", R"({"apps":{"web":{"assigned":["nobody"]}}})"), 400, "assigned");
    expect_refused(send(Method::put, "/switches", R"({"apps":{"web":{"mailboxes":"alice"}}})"), 400, "mailboxes");
    expect_refused(send(Method::put, "/switches", R"({"apps":{"web":{"sign_in_frequency":-1}}})"), 400, "sign_in_frequency");
    expect_refused(send(Method::put, "/switches", R"({"tenants":{"contoso.example":{"user_consent":"some"}}})"), 400, "user_consent");
    expect_refused(send(Method::put, "/switches", R"({"tenants":{"nowhere.example":{}}})"), 400, "tenants.nowhere.example");

    EXPECT_TRUE(w.world.find_user(LoginWorld::alice)->enabled);
    EXPECT_EQ(w.world.find_user(LoginWorld::alice)->condition, 0);
}

}  // namespace
}  // namespace renkei::sandbox
