// The pages on which a person watches and repairs connections.
#include "tests/support/connection_forms.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using core::ConnectionMode;
using core::ConnectionState;

class ApiConnectionPages : public ::testing::Test, protected FormWorld {
protected:
    ApiConnectionPages() { world.add_connection("invoice-mail"); }
    void change(const std::function<void(core::Connection&)>& edit, std::string_view name = "invoice-mail") {
        auto row = connection(name);
        const auto before = row.version++;
        edit(row);
        world.commit(home, {app::UpdateConnection{std::move(row), before}});
    }
    Answer page(std::string_view language = "en") { return browser.get("/connections/invoice-mail", {{"Accept-Language", std::string(language)}}); }
    Answer step(std::string_view step) { return browser.submit("/connections/invoice-mail", "/connections/invoice-mail/" + std::string(step), {}); }
};

TEST_F(ApiConnectionPages, TheFirstLineSaysWhetherEverythingIsFine) {
    EXPECT_TRUE(holds(browser.get("/connections"), "Nothing needs anybody"));
    change([](auto& row) { row.state = ConnectionState::needs_secret; });

    const auto list = browser.get("/connections", {{"Accept-Language", "ja"}});
    EXPECT_TRUE(holds(list, "1 件のコネクションで対応が必要です"));
    EXPECT_TRUE(holds(list, "シークレットの更新が必要"));
    EXPECT_TRUE(holds(list, "アプリの所有者")) << "who must act";
}

TEST_F(ApiConnectionPages, AnEmptyWorkspaceIsTaughtAndAPersonIsLedToSignIn) {
    Browser abroad(world), nobody(world);
    abroad.sign_in("abroad@other.example", usual_password);
    EXPECT_TRUE(holds(abroad.get("/connections"), "There are no connections yet"));

    const auto answer = nobody.get("/connections/invoice-mail");
    EXPECT_EQ(answer.status, 303);
    EXPECT_EQ(answer.headers.get("Location"), "/sign-in?next=%2Fconnections%2Finvoice-mail");
    const Fields known{{"email", "hanako@acme.example"}, {"password", std::string(usual_password)}, {"next", "/connections/invoice-mail"}};
    EXPECT_EQ(nobody.submit("/sign-in", "/sign-in", known).headers.get("Location"), "/connections/invoice-mail") << "and back";
}

TEST_F(ApiConnectionPages, ManyConnectionsComeInPages) {
    for (int i = 0; i < 105; ++i) {
        auto row = a_connection("mail-" + std::to_string(1000 + i));
        row.id = world.random.make<core::ConnectionId>();
        row.folder = world.shared.id;
        world.commit(home, {app::InsertConnection{row}});
    }
    const auto first = browser.get("/connections");
    const auto at = first.body.find("/connections?cursor=");
    ASSERT_NE(at, std::string::npos);
    const auto second = browser.get(first.body.substr(at, first.body.find('"', at) - at));

    EXPECT_TRUE(holds(first, "mail-1000"));
    EXPECT_FALSE(holds(first, "mail-1104"));
    EXPECT_TRUE(holds(second, "mail-1104"));
    EXPECT_FALSE(holds(second, "rel=\"next\""));
    EXPECT_EQ(browser.get("/connections?cursor=forged").status, 400);
    EXPECT_EQ(browser.get("/connections?state=nothing").status, 400);
}

TEST_F(ApiConnectionPages, EachStateHasSignWordActorAndItsOwnFirstButton) {
    struct Row {
        ConnectionState state;
        ConnectionMode mode;
        const char *sign, *en, *ja, *step, *not_this;
    };
    using enum ConnectionState;
    constexpr auto app = ConnectionMode::client_credentials;
    constexpr auto person = ConnectionMode::authorization_code;
    constexpr auto code = ConnectionMode::device_code;
    constexpr Row rows[] = {
        {active, app, "●", "active", "有効", "/pause", "/resume"},
        {draft, app, "○", "draft", "未完了", "/connect", "/pause"},
        {draft, person, "○", "draft", "未完了", "/sign-in", "/device"},
        {draft, code, "○", "draft", "未完了", "/device", "/sign-in"},
        {needs_user, person, "■", "needs a sign-in by its owner", "本人の再サインインが必要", "/link", "/resume"},
        {needs_admin, app, "■", "needs the administrator", "管理者の対応が必要", "/connect", "/sign-in"},
        {needs_secret, app, "■", "needs a new secret", "シークレットの更新が必要", "/credential", "/sign-in"},
        {expiring, app, "▲", "expiring", "まもなく期限切れ", "/credential", "/resume"},
        {degraded, person, "▲", "degraded", "一部機能の低下", "/sign-in", "/resume"},
        {paused, person, "‖", "paused", "一時停止中", "/resume", "/pause"},
        {revoked, person, "×", "disconnected", "取り消し済み", "/remove", "/link"},
    };
    for (const auto& row : rows) {
        change([&](auto& connection) { connection.state = row.state, connection.mode = row.mode; });
        for (const std::string language : {"en", "ja"}) {
            const auto shown = page(language);
            ASSERT_EQ(shown.status, 200) << row.en;
            EXPECT_TRUE(holds(shown, std::string("<span aria-hidden=\"true\">") + row.sign + "</span> " + (language == "en" ? row.en : row.ja)))
                << row.en << shown.body;
            EXPECT_TRUE(holds(shown, std::string("/connections/invoice-mail") + row.step)) << row.en << row.step;
            EXPECT_FALSE(holds(shown, std::string("/connections/invoice-mail") + row.not_this + "\"")) << row.en << row.not_this;
            if (row.state != active) EXPECT_TRUE(holds(shown, language == "en" ? "Who must act" : "対応する人")) << row.en;
        }
    }
}

TEST_F(ApiConnectionPages, ScopesAskedForAndGrantedStandSideBySide) {
    auto row = a_connection("hanako-mail");
    row.id = world.random.make<core::ConnectionId>();
    row.folder = world.shared.id;
    row.mode = ConnectionMode::authorization_code;
    row.scopes = {"Mail.Read", "Mail.Send"};
    auto grant = a_grant(row);
    grant.subject_kind = core::SubjectKind::person;
    grant.scopes = {"https://api.example/Mail.Read", "Contacts.Read"};
    grant.refresh_token = {"sealed"};
    grant.identity = {"https://login.example/tenant-1/v2.0", "tenant-1", "oid-1", "hanako@acme.example"};
    grant.id = world.random.make<core::GrantId>();
    world.commit(home, {app::InsertConnection{row}, app::InsertGrant{grant}});
    const auto shown = browser.get("/connections/hanako-mail");

    EXPECT_TRUE(holds(shown, "Asked for and not granted: some actions will be refused</dt><dd><ul class=\"scopes bad\"><li>Mail.Send</li></ul>")) << shown.body;
    EXPECT_TRUE(holds(shown, "<ul class=\"scopes warn\"><li>Contacts.Read</li></ul>"));
    const auto told = world.get("/v1/connections/hanako-mail").json.at("scope_standing");
    EXPECT_EQ(json::serialize(told.at("not_granted")), R"(["Mail.Send"])") << "the page says what the API says";
    EXPECT_EQ(json::serialize(told.at("not_asked")), R"(["Contacts.Read"])");
}

TEST_F(ApiConnectionPages, TheAppShowsItsEndAndNeverItsSecret) {
    auto row = app("microsoft-app");
    row.credentials.front().expires_at = world.clock.now() + std::chrono::days(12);
    const auto before = row.version++;
    world.commit(home, {app::UpdateRegistration{row, before}});

    const auto shown = page();
    EXPECT_TRUE(holds(shown, "in 12 days"));
    EXPECT_FALSE(holds(shown, "s3cret"));
    EXPECT_TRUE(holds(page("ja"), "あと 12 日"));
    world.clock.advance(std::chrono::days(13));
    browser.sign_in("hanako@acme.example", usual_password);
    EXPECT_TRUE(holds(page(), "expired on"));
}

TEST_F(ApiConnectionPages, AnEmptyFenceSaysThatEverythingIsRefused) {
    change([](auto& row) { row.fence = {}; });

    EXPECT_TRUE(holds(page(), "every request is refused"));
}

TEST_F(ApiConnectionPages, EveryEntryOfTheFenceIsListedAlsoCalendarsAndGroups) {
    change([](auto& row) {
        row.fence = {};
        row.fence.add({core::FenceKind::mailbox, "invoice@acme.example"});
        row.fence.add({core::FenceKind::calendar, "boss@acme.example"});
        row.fence.add({core::FenceKind::group, "sales@acme.example"});
        row.fence.tidy();
    });
    for (const auto* entry : {"<li>invoice@acme.example", "<li>calendar:boss@acme.example", "<li>group:sales@acme.example"})
        EXPECT_TRUE(holds(page(), entry)) << entry;
}

TEST_F(ApiConnectionPages, B05_AnAddressThatBelongsToSomebodyElseByNowIsSaidInRed) {
    world.directory.refusal.reset();
    world.directory.people = {{"11111111-1111-1111-1111-111111111111", {"invoice@acme.example"}},
                              {"22222222-2222-2222-2222-222222222222", {"new@acme.example"}}};
    ASSERT_EQ(world.post("/v1/connections/invoice-mail/fence/check", "").status, 200);
    EXPECT_FALSE(holds(page(), "belongs to somebody else"));
    world.directory.move("invoice@acme.example", "22222222-2222-2222-2222-222222222222");
    ASSERT_EQ(world.post("/v1/connections/invoice-mail/fence/check", "").status, 200);

    EXPECT_TRUE(holds(page(), "<span class=\"state bad\">■ belongs to somebody else now"));
    EXPECT_TRUE(holds(page("ja"), "所有者が変更されています"));
}

TEST_F(ApiConnectionPages, AConnectionIsPausedAndResumedAndASecondTimeIsSaidOnItsPage) {
    EXPECT_EQ(step("pause").headers.get("Location"), "/connections/invoice-mail");
    EXPECT_EQ(connection("invoice-mail").state, ConnectionState::paused);
    EXPECT_EQ(step("connect").status, 409) << "not while it is paused";
    EXPECT_EQ(step("resume").status, 303);
    const auto again = step("resume");
    EXPECT_EQ(again.status, 409);
    EXPECT_TRUE(holds(again, "class=\"notice bad\""));
    EXPECT_EQ(connection("invoice-mail").state, ConnectionState::active);
    EXPECT_EQ(audited("connection.pause"), 1);
}

TEST_F(ApiConnectionPages, RemovingAsksFirstAndSaysWhatStops) {
    const auto asked = browser.get("/connections/invoice-mail/remove");
    EXPECT_TRUE(holds(asked, "stops at once"));
    EXPECT_TRUE(holds(asked, "Remove invoice-mail"));
    EXPECT_TRUE(has_connection("invoice-mail")) << "looking removes nothing";

    EXPECT_EQ(step("remove").headers.get("Location"), "/connections");
    EXPECT_FALSE(has_connection("invoice-mail"));
    EXPECT_EQ(browser.get("/connections/invoice-mail").status, 404);
}

TEST_F(ApiConnectionPages, ALinkIsShownOnceAndLeadsToTheStart) {
    change([](auto& row) { row.mode = ConnectionMode::authorization_code; });
    const auto shown = step("link");

    EXPECT_EQ(shown.status, 200) << shown.body;
    EXPECT_TRUE(shown.secret) << "wiped after writing";
    const auto at = shown.body.find("https://renkei.example/connect/");
    ASSERT_NE(at, std::string::npos);
    const auto link = shown.body.substr(at + std::string_view("https://renkei.example").size(),
                                        shown.body.find('<', at) - at - std::string_view("https://renkei.example").size());
    EXPECT_EQ(Browser(world).get(link).status, 200);
    EXPECT_EQ(audited("connection.link"), 1);
}

TEST_F(ApiConnectionPages, ATestShowsEachStageAndWhoMustAct) {
    const auto good = step("check");
    EXPECT_EQ(good.status, 200);
    EXPECT_TRUE(holds(good, "✓ mailbox")) << good.body;

    change([](auto& row) { row.state = ConnectionState::needs_admin; });
    const auto bad = step("check");
    EXPECT_EQ(bad.status, 200);
    EXPECT_TRUE(holds(bad, "✗"));
    EXPECT_TRUE(holds(bad, "Who must act"));
}

TEST_F(ApiConnectionPages, AnAppOnlyConnectionIsConnectedAgainAndAFailureIsSaidOnItsPage) {
    change([](auto& row) { row.state = ConnectionState::draft; });
    EXPECT_EQ(step("connect").headers.get("Location"), "/connections/invoice-mail?done=connected");

    EXPECT_EQ(step("sign-in").status, 409) << "nobody has to sign in";
    EXPECT_EQ(step("device").status, 409);
    EXPECT_EQ(connection("invoice-mail").state, ConnectionState::active);
}

}  // namespace
}  // namespace renkei::testing
