#include "tests/support/browser.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using core::Role;

class MyConnections : public ::testing::Test {
protected:
    MyConnections() {
        add_member(world, 1, "hanako@acme.example", {Role::administrator});
        taro = add_member(world, 2, "taro@acme.example", {Role::user});
        mine = a_connection("taro-mail");
        mine.folder = world.shared.id;
        mine.owner = taro.id;
        mine.mode = core::ConnectionMode::authorization_code;
        auto grant = a_grant(mine);
        grant.subject_kind = core::SubjectKind::person;
        grant.identity.display = "taro@contoso.example";
        grant.refresh_token = {"sealed refresh token"};
        world.commit(home, {app::InsertConnection{mine}, app::InsertGrant{grant}, app::PutToken{a_token(grant)}});
        world.add_connection("invoice-mail");
        browser.sign_in("taro@acme.example", usual_password);
    }
    ApiWorld world;
    core::Person taro;
    core::Connection mine;
    Browser browser{world};
};

TEST_F(MyConnections, K41_APersonSeesWhatTheyLentWithStateAccountAndWhoMayUseIt) {
    auto robot = a_key("robot");
    robot.rights = {{{core::Action::mail_read, core::Action::mail_send}, {}, {}, {}, {}, {}}};
    world.add_key(robot);
    world.add_key("stranger", {core::Action::mail_read});
    world.commit(home, {app::PutPermission{a_permission(mine, taro.id)}});
    const auto page = browser.get("/my/connections", {{"Accept-Language", "ja"}});

    ASSERT_EQ(page.status, 200);
    for (const auto* text : {"taro-mail", "taro@contoso.example", "有効", "API キー robot: メールの閲覧", "マイ コネクション"})
        EXPECT_NE(page.body.find(text), page.body.npos) << text;
    EXPECT_EQ(page.body.find("invoice-mail"), page.body.npos) << "the workspace's own";
    for (const auto* text : {"API キー people", "stranger", "hanako@acme.example", "メールの送信"})
        EXPECT_EQ(page.body.find(text), page.body.npos) << text << ": rights alone open nobody's own account";
    EXPECT_EQ(page.headers.get("Cache-Control"), "no-store");
}

TEST_F(MyConnections, ARevokedKeyAndAnInvitedMemberAreNotAmongThem) {
    auto revoked = a_key("old-robot");
    revoked.revoked_at = world.clock.now();
    world.add_key(revoked);
    world.post("/v1/people", R"({"email":"jiro@acme.example","display_name":"Jiro","roles":["administrator"]})");
    const auto page = browser.get("/my/connections").body;

    EXPECT_EQ(page.find("old-robot"), page.npos);
    EXPECT_EQ(page.find("jiro@"), page.npos);
}

TEST_F(MyConnections, K41_DisconnectingForgetsTheTokensAtOnce) {
    EXPECT_EQ(browser.submit("/my/connections", "/my/connections/taro-mail/disconnect", {}).status, 303);

    EXPECT_EQ(run_task(world.store.find_connection(home, mine.name))->state, core::ConnectionState::revoked);
    const auto grant = run_task(world.store.grants_of_connection(home, mine.id))->front();
    EXPECT_EQ(grant.state, core::GrantState::dead);
    EXPECT_TRUE(grant.refresh_token.bytes.empty());
    EXPECT_EQ(grant.generation, 2u) << "a refresh that is under way cannot write back";
    EXPECT_EQ(run_task(world.store.find_token(a_token(a_grant(mine)).key)).error().code, Errc::not_found);
    EXPECT_EQ(world.store.audit(home).back().action, "connection.disconnect");
    EXPECT_EQ(world.store.audit(home).back().principal_name, "taro@acme.example");
    EXPECT_NE(browser.get("/my/connections").body.find("disconnected"), std::string::npos);
    EXPECT_EQ(browser.submit("/my/connections", "/my/connections/taro-mail/disconnect", {}).status, 303) << "again";
}

TEST_F(MyConnections, NobodyElsesConnectionIsDisconnected) {
    Browser boss(world);
    boss.sign_in("hanako@acme.example", usual_password);
    for (const auto* name : {"taro-mail", "invoice-mail", "nowhere", "..", "UPPER"})
        EXPECT_EQ(boss.submit("/my/account", std::string("/my/connections/") + name + "/disconnect", {}).status, 404) << name;

    EXPECT_EQ(run_task(world.store.find_connection(home, mine.name))->state, core::ConnectionState::active);
    EXPECT_EQ(boss.get("/my/connections").body.find("taro-mail"), std::string::npos);
}

TEST_F(MyConnections, AnOwnConnectionOfTheSameNameElsewhereIsAnother) {
    world.commit(elsewhere, {app::PutMembership{{elsewhere, taro.id, {Role::administrator}, {}}}});
    Browser abroad(world);
    abroad.sign_in("taro@acme.example", usual_password);
    abroad.submit("/sign-in/workspace", "/sign-in/workspace", {{"workspace", "other"}});

    EXPECT_EQ(abroad.get("/my/connections").body.find("taro-mail"), std::string::npos);
    EXPECT_EQ(abroad.submit("/my/account", "/my/connections/taro-mail/disconnect", {}).status, 404);
    EXPECT_EQ(run_task(world.store.find_connection(home, mine.name))->state, core::ConnectionState::active);
}

TEST_F(MyConnections, TemplateInjection_TitlesAndProvidersWordsStayText) {
    auto evil = mine;
    evil.title = "<script>alert(1)</script>";
    evil.version = 2;
    auto grant = run_task(world.store.grants_of_connection(home, mine.id))->front();
    grant.identity.display = "\"><img src=x>";
    world.commit(home, {app::UpdateConnection{evil, 1}, app::UpdateGrant{grant, 1}});
    const auto page = browser.get("/my/connections").body;

    EXPECT_EQ(page.find("<script"), page.npos);
    EXPECT_EQ(page.find("<img"), page.npos);
    EXPECT_NE(page.find("&lt;script&gt;"), page.npos);
}

}  // namespace
}  // namespace renkei::testing
