#include "sandbox/login/login_test_world.hpp"

namespace renkei::sandbox {
namespace {

TEST(SandboxRefresh, TheOldTokenGoesOnWorking) {
    LoginWorld w;
    const auto first = w.text(w.signed_in(), "refresh_token");
    const auto second = w.text(w.body(w.refresh(first)), "refresh_token");

    EXPECT_NE(first, second);
    EXPECT_EQ(w.refresh(first).status, 200);
    EXPECT_EQ(w.refresh(second).status, 200);
}

TEST(SandboxRefresh, WithStrictRotationAReplayRevokesTheFamily) {
    LoginWorld w;
    const auto first = w.text(w.signed_in("strict"), "refresh_token");
    const auto second = w.text(w.body(w.refresh(first, "strict")), "refresh_token");

    expect_aadsts(w.refresh(first, "strict"), 50173, "invalid_grant");
    expect_aadsts(w.refresh(second, "strict"), 50173, "invalid_grant");
}

TEST(SandboxRefresh, TheGlobalSwitchMakesEveryAppStrict) {
    LoginWorld w;
    w.world.switches().strict_rotation = true;
    const auto first = w.text(w.signed_in(), "refresh_token");

    EXPECT_EQ(w.refresh(first).status, 200);
    EXPECT_EQ(w.text(w.body(w.refresh(first)), "suberror"), "bad_token");
}

TEST(SandboxRefresh, ARefusedRequestDoesNotUseTheTokenUp) {
    LoginWorld w;
    const auto token = w.text(w.signed_in("strict"), "refresh_token");

    expect_aadsts(w.refresh(token, "strict", {{"scope", "Calendars.Read"}}), 65001, "invalid_grant");
    EXPECT_EQ(w.refresh(token, "strict").status, 200);
}

TEST(SandboxRefresh, ASubsetOrAnotherResourceMayBeAsked) {
    LoginWorld w;
    const auto token = w.text(w.signed_in("web", "offline_access User.Read Mail.Read https://outlook.office.com/SMTP.Send"), "refresh_token");

    EXPECT_EQ(w.text(w.body(w.refresh(token, "web", {{"scope", "Mail.Read"}})), "scope"), "Mail.Read");
    const auto other = w.body(w.refresh(token, "web", {{"scope", "https://outlook.office.com/SMTP.Send"}}));
    EXPECT_EQ(w.world.check_access_token(w.text(other, "access_token"))->audience, "https://outlook.office.com");
    expect_aadsts(w.refresh(token, "web", {{"scope", "User.Read https://outlook.office.com/SMTP.Send"}}), 28000, "invalid_scope");
    expect_aadsts(w.refresh(token, "web", {{"scope", "User.Raed"}}), 70011, "invalid_scope");
}

TEST(SandboxRefresh, AScopeWithoutConsentIs65001) {
    LoginWorld w;
    const auto answer = w.refresh(w.text(w.signed_in(), "refresh_token"), "web", {{"scope", "Mail.Send"}});

    expect_aadsts(answer, 65001, "invalid_grant");
    EXPECT_EQ(w.text(w.body(answer), "suberror"), "consent_required");
}

TEST(SandboxRefresh, DefaultGivesWhatWasConsented) {
    LoginWorld w;
    const auto token = w.text(w.signed_in("web", "openid offline_access User.Read Mail.Read"), "refresh_token");
    const auto body = w.body(w.refresh(token, "web", {{"scope", "https://graph.microsoft.com/.default"}}));

    EXPECT_NE(w.text(body, "scope").find("https://graph.microsoft.com/Mail.Read"), std::string::npos);
    EXPECT_TRUE(w.world.check_access_token(w.text(body, "access_token"))->allows("Mail.Read"));
}

TEST(SandboxRefresh, DiesAfterNinetyIdleDaysOnly) {
    LoginWorld w;
    auto token = w.text(w.signed_in(), "refresh_token");
    w.manual.advance(std::chrono::hours(24 * 89));
    token = w.text(w.body(w.refresh(token)), "refresh_token");
    w.manual.advance(std::chrono::hours(24 * 89));
    EXPECT_EQ(w.refresh(token).status, 200);
    w.manual.advance(std::chrono::hours(24 * 2));

    expect_aadsts(w.refresh(token), 700082, "invalid_grant");
}

TEST(SandboxRefresh, RefusesATokenOfAnotherAppOrNone) {
    LoginWorld w;
    const auto token = w.text(w.signed_in(), "refresh_token");

    expect_aadsts(w.refresh(token, "special"), 70000, "invalid_grant");
    expect_aadsts(w.refresh("nonsense"), 70000, "invalid_grant");
    expect_aadsts(w.token(w.as("web", {{"grant_type", "refresh_token"}})), 900144, "invalid_request");
}

TEST(SandboxRefresh, ADisabledUserIs50057AndADeletedOne50034) {
    LoginWorld w;
    const auto token = w.text(w.signed_in(), "refresh_token");
    w.world.find_user(LoginWorld::alice)->enabled = false;

    expect_aadsts(w.refresh(token), 50057, "invalid_grant");
    std::erase_if(w.world.users(), [](const SandboxUser& user) { return user.upn == LoginWorld::alice; });
    expect_aadsts(w.refresh(token), 50034, "invalid_grant");
}

TEST(SandboxRefresh, AnAccessTokenEndsByTheClockAndByRevocation) {
    LoginWorld w;
    const auto first = w.signed_in();
    const auto second = w.signed_in();
    for (auto& [id, grant] : w.world.tokens().grants) grant.access_revoked = true;

    EXPECT_EQ(w.world.check_access_token(w.text(first, "access_token")).error(), TokenProblem::revoked);
    for (auto& [id, grant] : w.world.tokens().grants) grant.access_revoked = false;
    EXPECT_TRUE(w.world.check_access_token(w.text(second, "access_token")));
    w.manual.advance(std::chrono::seconds(3599));
    EXPECT_EQ(w.world.check_access_token(w.text(second, "access_token")).error(), TokenProblem::expired);
    EXPECT_EQ(w.world.check_access_token("x").error(), TokenProblem::unknown);
}

TEST(SandboxRefresh, APublicClientRefreshesWithoutASecret) {
    LoginWorld w;
    const auto code = w.code({{"client_id", w.app("public").id}, {"redirect_uri", "http://localhost:5000"}});
    Fields form{{"client_id", w.app("public").id},
                {"grant_type", "authorization_code"},
                {"code", code},
                {"redirect_uri", "http://localhost:5000"},
                {"code_verifier", LoginWorld::verifier}};
    const auto token = w.text(w.body(w.token(form)), "refresh_token");

    EXPECT_EQ(w.token({{"client_id", w.app("public").id}, {"grant_type", "refresh_token"}, {"refresh_token", token}}).status, 200);
}

}  // namespace
}  // namespace renkei::sandbox
