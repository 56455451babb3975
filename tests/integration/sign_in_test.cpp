#include "app/password.hpp"
#include "tests/support/browser.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using core::Role;

constexpr std::string_view new_password = "a much longer sentence";

class SignIn : public ::testing::Test {
protected:
    SignIn() {
        add_member(world, 1, "hanako@acme.example", {Role::administrator});
        add_member(world, 2, "taro@acme.example", {Role::user});
    }
    /// The path of a link that the API has shown.
    std::string invite(const std::string& email, const std::string& key = {}) {
        const auto made = world.post("/v1/people", R"({"email":")" + email + R"(","display_name":"鈴木 一郎","roles":["user"]})", key);
        return path_of(std::string(json::view(made.json.at("invitation").at("url").as_string())));
    }
    std::string reset(const std::string& email) { return path_of(world.post("/v1/people/" + email + "/password-reset", {}).text("url")); }
    static std::string path_of(const std::string& url) { return url.substr(std::string("https://renkei.example").size()); }
    static Fields passwords(std::string_view text) { return {{"password", std::string(text)}, {"password_again", std::string(text)}}; }
    static Fields named(std::string_view text) {
        auto fields = passwords(text);
        fields.emplace_back("display_name", "鈴木 一郎");
        return fields;
    }

    ApiWorld world;
    Browser browser{world};
};

TEST_F(SignIn, A52_APasswordGivesASessionAndLeadsToMyConnections) {
    const auto answer = browser.sign_in(" Taro@Acme.example ", usual_password);

    EXPECT_EQ(answer.status, 303);
    EXPECT_EQ(answer.headers.get("Location"), "/my/connections");
    EXPECT_EQ(browser.get("/my/connections").status, 200);
    EXPECT_NE(browser.get("/my/account").body.find("taro@acme.example"), std::string::npos);
    EXPECT_EQ(world.store.audit(home).back().action, "session.begin");
    EXPECT_EQ(world.store.audit(home).back().principal_name, "taro@acme.example");
}

TEST_F(SignIn, TheCookieIsOfThisHostAloneAndOutOfReachOfScripts) {
    const auto answer = browser.sign_in("taro@acme.example", usual_password);
    std::string cookie;
    for (const auto& [name, value] : answer.headers)
        if (name == "Set-Cookie" && value.starts_with("__Host-renkei-session=")) cookie = value;

    for (const auto* part : {"; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Max-Age=604800"}) EXPECT_NE(cookie.find(part), cookie.npos) << cookie;
    EXPECT_EQ(cookie.find("Domain"), cookie.npos);
    EXPECT_TRUE(answer.secret);
    EXPECT_EQ(run_task(world.store.sessions_of(home, a_person(2).id))->front().hash, world.vault.lookup_hash(Secret(browser.session())));
}

TEST_F(SignIn, APageThatWasAskedForComesAfterIt) {
    const auto away = browser.get("/my/account");
    EXPECT_EQ(away.headers.get("Location"), "/sign-in?next=%2Fmy%2Faccount");

    const auto answer = browser.submit(std::string(away.headers.get("Location")), "/sign-in",
                                       {{"email", "taro@acme.example"}, {"password", std::string(usual_password)}, {"next", "/my/account"}});

    EXPECT_EQ(answer.headers.get("Location"), "/my/account");
}

TEST_F(SignIn, ASessionEndsWhenNothingComesAndAtTheLatestAfterAWeek) {
    browser.sign_in("taro@acme.example", usual_password);
    for (int i = 0; i < 6; ++i) {
        world.clock.advance(std::chrono::hours(7));
        EXPECT_EQ(browser.get("/my/account").status, 200) << i;
    }
    world.clock.advance(std::chrono::hours(8));
    EXPECT_EQ(browser.get("/my/account").status, 303);

    browser.sign_in("taro@acme.example", usual_password);
    for (int i = 0; i < 24 * 7 / 7; ++i) {
        world.clock.advance(std::chrono::hours(7));
        static_cast<void>(browser.get("/my/account"));
    }
    EXPECT_EQ(browser.get("/my/account").status, 303);
}

TEST_F(SignIn, SigningOutEndsTheSessionInTheStoreAndNotOnlyInTheBrowser) {
    browser.sign_in("taro@acme.example", usual_password);
    const auto stolen = browser.cookies;

    EXPECT_EQ(browser.submit("/my/account", "/sign-out", {}).headers.get("Location"), "/sign-in?done=signed-out");

    EXPECT_TRUE(browser.session().empty());
    browser.cookies = stolen;
    EXPECT_EQ(browser.get("/my/account").status, 303);
    EXPECT_EQ(world.store.audit(home).back().action, "session.end");
}

TEST_F(SignIn, AMemberOfSeveralWorkspacesChoosesOneAndGetsAnotherSession) {
    world.commit(elsewhere, {app::PutMembership{{elsewhere, a_person(2).id, {Role::auditor}, {}}}});
    EXPECT_EQ(browser.sign_in("taro@acme.example", usual_password).headers.get("Location"), "/sign-in/workspace");
    const auto before = browser.session();
    EXPECT_EQ(browser.get("/my/account").headers.get("Location"), "/sign-in/workspace") << "no page before the choice";
    EXPECT_EQ(browser.get("/sign-in/workspace").body.find("third"), std::string::npos);

    const auto chosen = browser.submit("/sign-in/workspace", "/sign-in/workspace", {{"workspace", "other"}});

    EXPECT_EQ(chosen.status, 303);
    EXPECT_NE(browser.session(), before);
    EXPECT_EQ(run_task(world.store.sessions_of(elsewhere, a_person(2).id))->size(), 1u);
    browser.cookies["__Host-renkei-session"] = before;
    EXPECT_EQ(browser.get("/my/account").status, 303) << "the old session has ended";
}

TEST_F(SignIn, AWorkspaceOfOthersCannotBeChosen) {
    world.commit(elsewhere, {app::PutMembership{{elsewhere, a_person(2).id, {Role::auditor}, {}}}});
    const auto third = id_of<core::WorkspaceId>(3);
    world.commit(third, {app::PutWorkspace{a_workspace(third, "third")}});
    browser.sign_in("taro@acme.example", usual_password);

    for (const auto* name : {"third", "nowhere", "", "../acme", "THIRD"})
        EXPECT_EQ(browser.submit("/sign-in/workspace", "/sign-in/workspace", {{"workspace", name}}).status, 404) << name;
    EXPECT_TRUE(run_task(world.store.sessions_of(third, a_person(2).id))->empty());
}

TEST_F(SignIn, ANewPasswordNeedsTheCurrentOneAndEndsTheOtherSessions) {
    Browser other(world);
    other.sign_in("taro@acme.example", usual_password);
    browser.sign_in("taro@acme.example", usual_password);
    const auto before = browser.session();
    const auto change = [&](std::string current, std::string_view wanted, std::string_view again) {
        return browser.submit("/my/account", "/my/password",
                              {{"current", std::move(current)}, {"password", std::string(wanted)}, {"password_again", std::string(again)}});
    };
    EXPECT_EQ(change("wrong wrong wrong", new_password, new_password).status, 400);
    EXPECT_EQ(change(std::string(usual_password), new_password, "something else here").status, 400);
    EXPECT_EQ(change(std::string(usual_password), "short", "short").status, 400);
    EXPECT_EQ(other.get("/my/account").status, 200);

    EXPECT_EQ(change(std::string(usual_password), new_password, new_password).status, 303);

    EXPECT_EQ(browser.get("/my/account").status, 200);
    EXPECT_NE(browser.session(), before);
    EXPECT_EQ(other.get("/my/account").status, 303);
    Browser fresh(world);
    EXPECT_EQ(fresh.sign_in("taro@acme.example", usual_password).status, 401);
    EXPECT_EQ(fresh.sign_in("taro@acme.example", new_password).status, 303);
}

TEST_F(SignIn, OwnSessionsAreListedAndEndedAndNobodyElses) {
    Browser other(world), boss(world);
    other.sign_in("taro@acme.example", usual_password);
    boss.sign_in("hanako@acme.example", usual_password);
    browser.sign_in("taro@acme.example", usual_password);
    const auto boss_session = run_task(world.store.sessions_of(home, a_person(1).id))->front().id.text();
    EXPECT_EQ(browser.get("/my/account").body.find(boss_session), std::string::npos);

    EXPECT_NE(browser.get("/my/account").body.find("<strong>192.0.2.7</strong>"), std::string::npos);

    EXPECT_EQ(browser.submit("/my/account", "/my/sessions/" + boss_session + "/end", {}).status, 404);
    EXPECT_EQ(browser.submit("/my/account", "/my/sessions/00000000000000000000000000000000/end", {}).status, 404);
    EXPECT_EQ(browser.submit("/my/account", "/my/sessions/xyz/end", {}).status, 404);
    EXPECT_EQ(boss.get("/my/account").status, 200);

    EXPECT_EQ(browser.submit("/my/account", "/my/sessions/end-others", {}).status, 303);
    EXPECT_EQ(other.get("/my/account").status, 303);
    EXPECT_EQ(browser.get("/my/account").status, 200);
    EXPECT_EQ(boss.get("/my/account").status, 200);
}

TEST_F(SignIn, H01_AnInvitationIsAcceptedOnceWithANewPassword) {
    const auto link = invite("ichiro@acme.example");
    const auto page = browser.get(link);
    EXPECT_EQ(page.status, 200);
    EXPECT_NE(page.body.find("ichiro@acme.example"), std::string::npos);
    EXPECT_EQ(browser.submit(link, link, named("short")).status, 400);
    EXPECT_EQ(browser.submit(link, link, {{"password", "one long password"}, {"password_again", "another password"}, {"display_name", "A"}}).status, 400);

    EXPECT_EQ(browser.submit(link, link, named(new_password)).headers.get("Location"), "/sign-in?done=invitation");

    EXPECT_EQ(browser.get(link).status, 410);
    EXPECT_EQ(browser.sign_in("ichiro@acme.example", new_password).status, 303);
    EXPECT_EQ(world.get("/v1/people/ichiro@acme.example").text("state"), "active");
    EXPECT_EQ(world.store.audit(home).back().action, "session.begin");
}

TEST_F(SignIn, InvitationsEndByTimeByANewerOneAndByRemoval) {
    const auto first = invite("ichiro@acme.example");
    const auto second =
        path_of(std::string(json::view(world.post("/v1/people/ichiro@acme.example/invitation", {}).json.at("invitation").at("url").as_string())));
    EXPECT_EQ(browser.get(first).status, 410);
    EXPECT_EQ(browser.get(second).status, 200);
    world.clock.advance(std::chrono::hours(24 * 7));
    EXPECT_EQ(browser.get(second).status, 410);

    const auto third = invite("jiro@acme.example");
    world.ask({"DELETE", "/v1/people/jiro@acme.example", {}, world.admin});
    EXPECT_EQ(browser.get(third).status, 410);
    EXPECT_EQ(browser.get("/invitations/guess").status, 410);
    EXPECT_EQ(world.post("/v1/people/taro@acme.example/invitation", {}).code(), "conflict");
}

TEST_F(SignIn, WhoHasAnAccountElsewhereConfirmsWithItsPasswordAndKeepsIt) {
    add_member(world, 3, "ryoko@other.example", {Role::administrator}, elsewhere);
    const auto link = invite("ryoko@other.example");

    EXPECT_EQ(browser.submit(link, link, named(new_password)).status, 401) << "a new password is not set by an invitation";
    EXPECT_EQ(browser.submit(link, link, {{"password", std::string(usual_password)}}).status, 303);

    EXPECT_EQ(browser.sign_in("ryoko@other.example", usual_password).headers.get("Location"), "/sign-in/workspace");
}

TEST_F(SignIn, AResetLinkSetsAPasswordOnceAndEndsEverySession) {
    browser.sign_in("taro@acme.example", usual_password);
    const auto first = reset("taro@acme.example"), second = reset("taro@acme.example");
    Browser other(world);
    EXPECT_EQ(other.submit(first, first, passwords("short")).status, 400);

    EXPECT_EQ(other.submit(first, first, passwords(new_password)).headers.get("Location"), "/sign-in?done=password");

    EXPECT_EQ(other.get(first).status, 410);
    EXPECT_EQ(other.get(second).status, 410) << "every other link ends with it";
    EXPECT_EQ(browser.get("/my/account").status, 303);
    EXPECT_EQ(other.sign_in("taro@acme.example", new_password).status, 303);
}

TEST_F(SignIn, AResetLinkIsWorthlessOnceThePersonBelongsElsewhereToo) {
    const auto link = reset("taro@acme.example");
    world.commit(elsewhere, {app::PutMembership{{elsewhere, a_person(2).id, {Role::administrator}, {}}}});

    EXPECT_EQ(browser.get(link).status, 410);
    world.clock.advance(std::chrono::hours(24));
    EXPECT_EQ(browser.get("/password-reset/guess").status, 410);
}

TEST_F(SignIn, ALinkOfOneKindIsNoneOfTheOther) {
    const auto invitation = invite("ichiro@acme.example"), link = reset("taro@acme.example");

    EXPECT_EQ(browser.get("/password-reset/" + invitation.substr(invitation.rfind('/') + 1)).status, 410);
    EXPECT_EQ(browser.get("/invitations/" + link.substr(link.rfind('/') + 1)).status, 410);
    EXPECT_EQ(browser.get("/setup/" + link.substr(link.rfind('/') + 1)).status, 410);
}

}  // namespace
}  // namespace renkei::testing
