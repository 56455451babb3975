#include "sandbox/control/control_test_world.hpp"

namespace renkei::sandbox {
namespace {

TEST(SandboxControl, TakesTheFaultsOfTheRequirementsAndForgetsThem) {
    ControlWorld c;
    const auto added =
        c.send(Method::post, "/faults", R"({"service":"graph","method":"GET","path":"/v1.0/me","status":429,"headers":{"Retry-After":"2"},"times":1})");

    EXPECT_EQ(added.status, 200);
    EXPECT_EQ(c.faults.size(), 1u);
    EXPECT_EQ(c.send(Method::delete_, "/faults").status, 200);
    EXPECT_EQ(c.faults.size(), 0u);
}

TEST(SandboxControl, RefusesFaultsThatItDoesNotUnderstand) {
    ControlWorld c;
    c.expect_refused(c.send(Method::post, "/faults", "nonsense"), 400);
    c.expect_refused(c.send(Method::post, "/faults", "[]"), 400);
    c.expect_refused(c.send(Method::post, "/faults", R"({"statuss":500})"), 400, "statuss");
    c.expect_refused(c.send(Method::post, "/faults", R"({"status":99})"), 400, "status");
    c.expect_refused(c.send(Method::post, "/faults", R"({"status":"500"})"), 400, "status");
    c.expect_refused(c.send(Method::post, "/faults", R"({"times":-1})"), 400, "times");
    c.expect_refused(c.send(Method::post, "/faults", R"({"headers":{"a":1}})"), 400, "headers");

    EXPECT_EQ(c.faults.size(), 0u);
}

TEST(SandboxControl, MovesTimeForwardOnly) {
    ControlWorld c;
    bool ran = false;
    const auto ticket = c.w.clock->call_at(c.w.world.now() + std::chrono::hours(1), [&] { ran = true; });
    const auto before = c.w.world.now();

    EXPECT_EQ(c.send(Method::post, "/time", R"({"advance_ms":3600000})").status, 200);

    EXPECT_TRUE(ran);
    EXPECT_EQ(c.w.world.now() - before, std::chrono::hours(1));
    c.expect_refused(c.send(Method::post, "/time", R"({"advance_ms":-1})"), 400, "advance_ms");
    c.expect_refused(c.send(Method::post, "/time", R"({})"), 400, "advance_ms");
    EXPECT_EQ(json::integer(LoginWorld::body(c.send(Method::get, "/time")), "now_ms"), to_millis(c.w.world.now()));
}

TEST(SandboxControl, DeliversMessagesAsTheyAreAndAsJson) {
    ControlWorld c;
    EXPECT_EQ(c.send(Method::post, "/messages?mailbox=alice%40contoso.example&read=true", "Subject: x\r\n\r\n\xff", "message/rfc822").status, 200);
    EXPECT_EQ(
        c.send(Method::post, "/messages", R"({"mailbox":"bob@contoso.example","eml_base64":"U3ViamVjdDogeQ==","folder":"archive","received_ms":5})").status,
        200);

    ASSERT_EQ(c.postbox.deliveries.size(), 2u);
    EXPECT_EQ(c.postbox.deliveries[0].eml, "Subject: x\r\n\r\n\xff");
    EXPECT_TRUE(c.postbox.deliveries[0].read);
    EXPECT_EQ(c.postbox.deliveries[0].folder, "inbox");
    EXPECT_EQ(c.postbox.deliveries[1].eml, "Subject: y");
    EXPECT_EQ(c.postbox.deliveries[1].folder, "archive");
    EXPECT_EQ(c.postbox.deliveries[1].received, from_millis(5));
}

TEST(SandboxControl, RefusesMessagesForNobodyOrWithoutContent) {
    ControlWorld c;
    c.expect_refused(c.send(Method::post, "/messages?mailbox=nobody%40contoso.example", "x", "message/rfc822"), 404);
    c.expect_refused(c.send(Method::post, "/messages", "x", "message/rfc822"), 400, "mailbox");
    c.expect_refused(c.send(Method::post, "/messages?mailbox=a", "", "message/rfc822"), 400, "eml");
    c.expect_refused(c.send(Method::post, "/messages", R"({"mailbox":"a","eml_base64":"!"})"), 400, "eml_base64");

    EXPECT_TRUE(c.postbox.deliveries.empty());
}

TEST(SandboxControl, RevokesGrantsOfOneUserOrApp) {
    ControlWorld c;
    const auto tokens = c.w.signed_in();
    const auto refresh_token = LoginWorld::text(tokens, "refresh_token");

    EXPECT_EQ(LoginWorld::body(c.send(Method::post, "/grants/revoke", R"({"user":"bob@contoso.example"})")).at("revoked"), 0);
    EXPECT_EQ(c.w.refresh(refresh_token).status, 200);
    EXPECT_EQ(LoginWorld::body(c.send(Method::post, "/grants/revoke", R"({"user":"alice@contoso.example","app":"web"})")).at("revoked"), 1);
    expect_aadsts(c.w.refresh(refresh_token), 50173, "invalid_grant");
    EXPECT_TRUE(c.w.world.check_access_token(LoginWorld::text(tokens, "access_token")));
    c.send(Method::post, "/grants/revoke", R"({"access_tokens":true})");
    EXPECT_FALSE(c.w.world.check_access_token(LoginWorld::text(tokens, "access_token")));
    c.expect_refused(c.send(Method::post, "/grants/revoke", R"({"user":"nobody"})"), 400, "user");
    c.expect_refused(c.send(Method::post, "/grants/revoke", R"({"app":"nobody"})"), 400, "app");
}

TEST(SandboxControl, CountsRotationsAndFamiliesThatAReplayEnded) {
    ControlWorld c;
    const auto counted = [&](std::string_view name) {
        return json::integer(LoginWorld::body(c.send(Method::get, "/counters")).at("grants").as_object(), name).value_or(-1);
    };
    c.send(Method::put, "/switches", R"({"strict_rotation":true})");
    const auto first = LoginWorld::text(c.w.signed_in(), "refresh_token");
    EXPECT_EQ(counted("families_ended"), 0);

    const auto second = LoginWorld::text(LoginWorld::body(c.w.refresh(first)), "refresh_token");
    EXPECT_EQ(c.w.refresh(first).status, 400);
    EXPECT_EQ(c.w.refresh(second).status, 400);

    EXPECT_EQ(counted("families_ended"), 1) << "a family ends once";
    EXPECT_EQ(counted("made"), 1);
    const auto exchanges = LoginWorld::body(c.send(Method::get, "/counters")).at("token_exchanges").as_object();
    EXPECT_EQ(json::integer(exchanges.at("refresh_token").as_object(), "issued"), 1);
    c.send(Method::delete_, "/counters");
    EXPECT_EQ(counted("families_ended"), 0);
}

TEST(SandboxControl, LooksUpARefreshTokenWithoutUsingIt) {
    ControlWorld c;
    const auto facts = [&](const std::string& token) {
        return LoginWorld::body(c.send(Method::post, "/grants/lookup", R"({"refresh_token":")" + token + "\"}"));
    };
    c.send(Method::put, "/switches", R"({"strict_rotation":true})");
    const auto first = LoginWorld::text(c.w.signed_in(), "refresh_token");

    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(json::boolean(facts(first), "used"), false);
        EXPECT_EQ(json::boolean(facts(first), "expired"), false);
        EXPECT_EQ(json::boolean(facts(first), "revoked"), false);
    }
    const auto second = LoginWorld::text(LoginWorld::body(c.w.refresh(first)), "refresh_token");
    EXPECT_EQ(json::boolean(facts(first), "used"), true);
    EXPECT_EQ(LoginWorld::text(facts(first), "grant"), LoginWorld::text(facts(second), "grant"));
    c.w.refresh(first);
    EXPECT_EQ(json::boolean(facts(second), "revoked"), true);
    c.send(Method::post, "/time", R"({"advance_ms":31536000000})");
    EXPECT_EQ(json::boolean(facts(second), "expired"), true);
    c.expect_refused(c.send(Method::post, "/grants/lookup", R"({"refresh_token":"never given"})"), 404);
    c.expect_refused(c.send(Method::post, "/grants/lookup", "{}"), 400, "refresh_token");
}

TEST(SandboxControl, WithdrawnConsentIs65001) {
    ControlWorld c;
    const auto token = LoginWorld::text(c.w.signed_in(), "refresh_token");
    for (auto& [pair, scopes] : c.w.world.tokens().consents) EXPECT_FALSE(scopes.empty());

    c.send(Method::post, "/grants/revoke", R"({"app":"daemon","consent":true})");
    EXPECT_EQ(c.w.refresh(token).status, 200);
    c.w.world.tokens().consents.clear();

    expect_aadsts(c.w.refresh(token), 65001, "invalid_grant");
}

TEST(SandboxControl, SwitchesChangeAppsUsersAndLifetimes) {
    ControlWorld c;
    const auto answer = c.send(Method::put, "/switches",
                               R"({"strict_rotation":true,"access_token_lifetime":60,"apps":{"web":{"secrets":["new"],"consent_required":false},
                                   "daemon":{"roles":[],"secret_expires_in":0}},"users":{"bob@contoso.example":{"enabled":false,"password":"p"}}})");

    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_TRUE(c.w.world.switches().strict_rotation);
    EXPECT_EQ(c.w.secret("web"), "new");
    EXPECT_TRUE(c.w.app("daemon").roles.empty());
    EXPECT_FALSE(c.w.world.find_user("bob@contoso.example")->enabled);
    EXPECT_EQ(json::integer(c.w.signed_in(), "expires_in"), 60);
    expect_aadsts(c.w.token(c.w.as("daemon", {{"grant_type", "client_credentials"}, {"scope", "https://graph.microsoft.com/.default"}})), 7000222,
                  "invalid_client", 401);
}

TEST(SandboxControl, AWrongSwitchChangesNothing) {
    ControlWorld c;
    c.expect_refused(c.send(Method::put, "/switches", R"({"strict_rotation":true,"nonsense":1})"), 400, "nonsense");
    c.expect_refused(c.send(Method::put, "/switches", R"({"strict_rotation":true,"apps":{"nobody":{}}})"), 400, "apps.nobody");
    c.expect_refused(c.send(Method::put, "/switches", R"({"strict_rotation":true,"apps":{"web":{"enabled":"no"}}})"), 400, "enabled");
    c.expect_refused(c.send(Method::put, "/switches", R"({"strict_rotation":true,"users":{"alice@contoso.example":{"wings":true}}})"), 400, "wings");
    c.expect_refused(c.send(Method::put, "/switches", R"({"strict_rotation":true,"access_token_lifetime":-5})"), 400, "access_token_lifetime");

    EXPECT_FALSE(c.w.world.switches().strict_rotation);
}

TEST(SandboxControl, AResetBringsTheSeedBackAndKeepsWhatTheCommandLineAdded) {
    ControlWorld c;
    c.w.world.add_redirects({"https://renkei.example/provisioning_/callback/microsoft"});
    c.w.world.set_app_certificate(test_certificate());
    const auto token = LoginWorld::text(c.w.signed_in(), "refresh_token");
    c.w.world.find_user(LoginWorld::alice)->enabled = false;
    c.send(Method::post, "/faults", R"({"status":500})");

    EXPECT_EQ(c.send(Method::post, "/reset").status, 200);

    EXPECT_TRUE(c.w.world.find_user(LoginWorld::alice)->enabled);
    EXPECT_EQ(c.faults.size(), 0u);
    expect_aadsts(c.w.refresh(token), 70000, "invalid_grant");
    EXPECT_EQ(c.w.authorize({{"redirect_uri", "https://renkei.example/provisioning_/callback/microsoft"}}).status, 302);
    EXPECT_EQ(c.w.app("certificate").certificates.size(), 1u);
}

TEST(SandboxControl, UnknownPathsAndMethodsAreRefused) {
    ControlWorld c;

    EXPECT_EQ(c.send(Method::get, "/nothing").status, 404);
    EXPECT_EQ(c.send(Method::get, "/reset").status, 405);
}

}  // namespace
}  // namespace renkei::sandbox
