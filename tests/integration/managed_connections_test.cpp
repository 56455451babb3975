// Connections of everybody's own: who may act as whom, decided on every call.
#include "tests/support/managed_world.hpp"

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;

TEST_F(ManagedConnections, A52_APersonSeesWhatIsAskedSignsInAndSeesActive) {
    const auto before = browser.get("/my/connections", {{"Accept-Language", "ja"}}).body;
    EXPECT_NE(before.find("未接続"), before.npos);
    const auto page = browser.get("/my/connections/outlook").body;
    for (const auto* text : {"Mail.Read", "Mail.Send", "taro@acme.example", "Continue", "Nobody but you"}) EXPECT_NE(page.find(text), page.npos) << text;

    const auto done = connect(browser);

    EXPECT_EQ(done.status, 200) << done.body;
    ASSERT_TRUE(taros());
    EXPECT_EQ(taros()->state, core::ConnectionState::active);
    EXPECT_EQ(taros()->owner, taro.id);
    const auto after = browser.get("/my/connections").body;
    EXPECT_NE(after.find(">active<"), after.npos) << after;
    EXPECT_EQ(after.find("not connected yet"), after.npos);
    const auto people = world.get("/v1/connections/outlook/people").json.at("items").as_array();
    ASSERT_EQ(people.size(), 1u);
    EXPECT_EQ(people[0].at("email").as_string(), "taro@acme.example");
    EXPECT_EQ(people[0].at("state").as_string(), "active");
}

TEST_F(ManagedConnections, A52_WithoutPermissionAnAutomationIsRefusedWithThePersonsLinkAndTheProviderIsNotAsked) {
    given_taro_is_connected();
    const auto exchanges = world.provider.exchanges();

    const auto refused = read();

    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.code(), "permission-needed");
    EXPECT_EQ(refused.text("actor"), "user");
    EXPECT_EQ(refused.text("permission_url"), "https://renkei.example/my/connections/outlook?key=robot");
    EXPECT_EQ(world.mail_provider.asked, 0);
    EXPECT_EQ(world.provider.exchanges(), exchanges);
    EXPECT_FALSE(world.store.audit(home).back().allowed);
    const auto form = browser.get("/my/connections/outlook?key=robot").body;
    EXPECT_NE(form.find("value=\"robot\""), form.npos) << "the link fills the form in";
}

TEST_F(ManagedConnections, A52_WhatAPersonLentWorksForThatKeyAndActionAndNothingElse) {
    given_taro_is_connected();
    EXPECT_EQ(lend().status, 303);

    EXPECT_EQ(read().status, 200);
    EXPECT_EQ(world.mail_provider.mailbox, "taro@acme.example");
    Ask send{"POST", "/v1/mail/messages", R"({"to":[{"email":"a@b.example"}],"subject":"s","text_body":"t"})", robot};
    send.headers.set("Renkei-Connection", "outlook");
    send.headers.set("Renkei-Act-As", std::string(taro_mail));
    EXPECT_EQ(world.ask(send).code(), "permission-needed");
    robot = world.add_key("robot2", {Action::mail_read});
    EXPECT_EQ(read().code(), "permission-needed");
}

TEST_F(ManagedConnections, A52_WithdrawingTakesEffectAtOnce) {
    given_taro_is_connected();
    lend();
    ASSERT_EQ(read().status, 200);
    const auto id = permissions().front().id.text();

    EXPECT_EQ(browser.submit("/my/connections/outlook", "/my/connections/outlook/permissions/" + id + "/withdraw", {}).status, 303);

    EXPECT_EQ(read().code(), "permission-needed");
    EXPECT_EQ(world.store.audit(home).end()[-2].action, "permission.withdraw");
    EXPECT_EQ(browser.submit("/my/connections/outlook", "/my/connections/outlook/permissions/" + id + "/withdraw", {}).status, 404);
}

TEST_F(ManagedConnections, A52_APermissionEndsWithItsDay) {
    given_taro_is_connected();
    const auto today = iso_text(world.clock.now()).substr(0, 10);
    EXPECT_EQ(lend("robot", {{"action", "mail:read"}}, today).status, 303);
    EXPECT_EQ(read().status, 200);
    world.clock.advance(*permissions().front().until - world.clock.now());
    EXPECT_EQ(read().code(), "permission-needed");
    browser.sign_in(taro_mail, usual_password);
    EXPECT_EQ(lend("robot", {{"action", "mail:read"}}, today).status, 400) << "a day that has passed";
}

TEST_F(ManagedConnections, A52_ARuleOfTheWorkspaceHoldsForEverybodyAndIsShownToThem) {
    given_taro_is_connected();
    const auto made = world.post("/v1/connections/outlook/permissions", R"({"key":"robot","actions":["mail:read"]})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.text("kind"), "rule");

    EXPECT_EQ(read().status, 200);
    const auto page = browser.get("/my/connections/outlook").body;
    EXPECT_NE(page.find("A rule of the workspace"), page.npos);
    EXPECT_EQ(browser.submit("/my/connections/outlook", "/my/connections/outlook/permissions/" + made.text("id") + "/withdraw", {}).status, 404)
        << "not theirs to take back";
    EXPECT_EQ(world.ask({"DELETE", "/v1/connections/outlook/permissions/" + made.text("id"), {}, world.admin}).status, 204);
    EXPECT_EQ(read().code(), "permission-needed");
}

TEST_F(ManagedConnections, A52_DisconnectingEndsARuleForThatPersonAtOnce) {
    given_taro_is_connected();
    world.post("/v1/connections/outlook/permissions", R"({"key":"robot","actions":["mail:read"]})");
    ASSERT_EQ(read().status, 200);
    EXPECT_EQ(browser.submit("/my/connections", "/my/connections/outlook/disconnect", {}).status, 303);
    EXPECT_EQ(read().code(), "reconnect-required");
    given_taro_is_connected();
    EXPECT_EQ(read().status, 200) << "and signing in again opens it";
}

TEST_F(ManagedConnections, OnlyWhoMayWriteKeysMakesRules) {
    const auto builder = world.add_key("builder", {Action::connections_read, Action::connections_write});
    EXPECT_EQ(world.post("/v1/connections/outlook/permissions", R"({"key":"robot","actions":["mail:read"]})", builder).status, 403);
    EXPECT_TRUE(permissions().empty());
}

TEST_F(ManagedConnections, ARuleIsCheckedFieldByField) {
    for (const auto& [body, field] :
         std::vector<std::pair<std::string, std::string>>{{R"({"actions":["mail:read"]})", "key"},
                                                          {R"({"key":"robot","runs_of":"taro@acme.example","actions":["mail:read"]})", "key"},
                                                          {R"({"key":"robot","actions":[]})", "actions"},
                                                          {R"({"key":"robot"})", "actions"},
                                                          {R"({"key":"robot","actions":["mail:write"]})", "actions"},
                                                          {R"({"key":"robot","actions":["keys:write"]})", "actions"},
                                                          {R"({"key":"nobody","actions":["mail:read"]})", "key"},
                                                          {R"({"key":"NO NAME","actions":["mail:read"]})", "key"},
                                                          {R"({"runs_of":"jiro@acme.example","actions":["mail:read"]})", "person"},
                                                          {R"({"key":"robot","actions":["mail:read"],"until":"2020-01-01T00:00:00Z"})", "until"},
                                                          {R"({"key":"robot","actions":["mail:read"],"until":"tomorrow"})", "until"},
                                                          {R"({"key":"robot","actions":["mail:read"],"person":"taro@acme.example"})", "person"}}) {
        const auto refused = world.post("/v1/connections/outlook/permissions", body);
        EXPECT_EQ(refused.status, 400) << body;
        EXPECT_EQ(refused.text("field"), field) << body << refused.body;
    }
    EXPECT_TRUE(permissions().empty());
    world.add_connection("invoice-mail");
    EXPECT_EQ(world.post("/v1/connections/invoice-mail/permissions", R"({"key":"robot","actions":["mail:read"]})").status, 409)
        << "nobody's account is behind an application's connection";
    EXPECT_EQ(world.get("/v1/connections/nowhere/permissions").status, 404);
}

TEST_F(ManagedConnections, AllowingIsCheckedInTheFormAndKeepsWhatWasTyped) {
    for (const auto& [key, actions, until] : std::vector<std::tuple<std::string, Fields, std::string>>{{"", {{"action", "mail:read"}}, ""},
                                                                                                       {"no such", {{"action", "mail:read"}}, ""},
                                                                                                       {"unknown", {{"action", "mail:read"}}, ""},
                                                                                                       {"robot", {}, ""},
                                                                                                       {"robot", {{"action", "people:write"}}, ""},
                                                                                                       {"robot", {{"action", "mail:read"}}, "soon"},
                                                                                                       {"robot", {{"action", "mail:read"}}, "2020-01-01"}}) {
        const auto page = lend(key, actions, until);
        EXPECT_EQ(page.status, 400) << key << until;
        EXPECT_NE(page.body.find("value=\"" + key + "\""), page.body.npos) << page.body;
    }
    EXPECT_TRUE(permissions().empty());
}

TEST_F(ManagedConnections, A43_TheFirstSignInMustBeThePersonsOwnAccount) {
    EXPECT_EQ(connect(browser, "jiro@acme.example", "oid-jiro").status, 403);
    ASSERT_TRUE(taros());
    EXPECT_EQ(taros()->state, core::ConnectionState::draft);
    EXPECT_TRUE(run_task(world.store.grants_of_connection(home, taros()->id))->empty());
    EXPECT_EQ(connect(browser, "Taro@ACME.example").status, 200) << "spelled another way";
}

TEST_F(ManagedConnections, A43_LaterSignInsAreTheSamePersonWhateverTheirNameIs) {
    given_taro_is_connected();
    EXPECT_EQ(connect(browser, "taro.yamada@acme.example", "oid-taro").status, 200) << "renamed";
    EXPECT_EQ(connect(browser, std::string(taro_mail), "oid-somebody-else").status, 403) << "the address has a new owner";
}

TEST_F(ManagedConnections, EverybodysAccountIsTheirOwn) {
    given_taro_is_connected();
    lend();
    Browser other(world);
    other.sign_in("hanako@acme.example", usual_password);
    EXPECT_EQ(read("hanako@acme.example").code(), "permission-needed");
    EXPECT_EQ(connect(other, "hanako@acme.example", "oid-hanako").status, 200);
    EXPECT_EQ(read("hanako@acme.example").code(), "permission-needed") << "what Taro lent is Taro's";
    const auto page = other.get("/my/connections/outlook").body;
    EXPECT_EQ(page.find("API key robot"), page.npos);
    const auto id = permissions().front().id.text();
    EXPECT_EQ(other.submit("/my/connections/outlook", "/my/connections/outlook/permissions/" + id + "/withdraw", {}).status, 404);
    EXPECT_EQ(read().status, 200);
}

TEST_F(ManagedConnections, WhoIsAMemberCannotBeFoundOut) {
    const auto member = read("hanako@acme.example"), stranger = read("nobody@acme.example");
    EXPECT_EQ(member.status, stranger.status);
    EXPECT_EQ(member.code(), stranger.code());
    EXPECT_EQ(member.text("permission_url"), stranger.text("permission_url"));
}

TEST_F(ManagedConnections, A53_SaysWhoseAccountIsMeantOrIsRefused) {
    EXPECT_EQ(read("").text("field"), "act_as");
    EXPECT_EQ(read("not an address").code(), "invalid-field");
    Ask twice{"GET", "/v1/mail/messages", {}, robot};
    twice.headers.set("Renkei-Connection", "outlook");
    twice.headers.add("Renkei-Act-As", "a@b.example");
    twice.headers.add("Renkei-Act-As", "c@d.example");
    EXPECT_EQ(world.ask(twice).text("field"), "Renkei-Act-As");
    lend();
    EXPECT_EQ(read().code(), "connection-draft") << "allowed, and not connected yet";
}

TEST_F(ManagedConnections, A31_TheFenceHoldsThePersonsOwnMailboxAndTheSharedOnesOfTheConnection) {
    given_taro_is_connected();
    lend();
    EXPECT_EQ(read(std::string(taro_mail), "team@acme.example").status, 200);
    EXPECT_EQ(world.mail_provider.mailbox, "team@acme.example");
    const auto calls = world.mail_provider.asked;
    for (const auto* outside : {"hanako@acme.example", "boss@acme.example"})
        EXPECT_EQ(read(std::string(taro_mail), outside).code(), "outside-fence") << outside;
    EXPECT_EQ(world.mail_provider.asked, calls);
}

TEST_F(ManagedConnections, AMemberWhoIsNotActiveAnyMoreHasLentNothing) {
    given_taro_is_connected();
    lend();
    auto membership = *run_task(world.store.find_membership(home, taro.id));
    const auto version = membership.version++;
    membership.active = false;
    world.commit(home, {app::UpdateMembership{membership, version}});
    EXPECT_EQ(read().code(), "permission-needed");
}

TEST_F(ManagedConnections, APausedConnectionIsClosedForEverybody) {
    given_taro_is_connected();
    lend();
    EXPECT_EQ(world.post("/v1/connections/outlook/pause", "").status, 200);
    EXPECT_EQ(read().code(), "connection-paused");
    EXPECT_EQ(read(std::string(taro_mail), {}, taros()->name.text()).code(), "connection-paused") << "by its own name too";
    EXPECT_EQ(connect(browser).status, 409);
    EXPECT_EQ(world.post("/v1/connections/outlook/resume", "").text("state"), "active");
    EXPECT_EQ(read().status, 200);
}

TEST_F(ManagedConnections, RemovingItTakesEverybodysTokensAlong) {
    given_taro_is_connected();
    const auto mine = *taros();
    EXPECT_EQ(world.ask({"DELETE", "/v1/connections/outlook", {}, world.admin}).status, 204);
    EXPECT_EQ(run_task(world.store.find_connection_by_id(home, mine.id)).error().code, Errc::not_found);
    EXPECT_EQ(browser.get("/my/connections/outlook").status, 404);
}

TEST_F(ManagedConnections, APersonsOwnConnectionIsNotAmongThoseOfTheWorkspaceAndGivesNoLink) {
    given_taro_is_connected();
    const auto list = world.get("/v1/connections").body;
    EXPECT_EQ(list.find(taros()->name.text()), list.npos);
    EXPECT_EQ(world.post("/v1/connections/outlook/link", "").status, 409);
    EXPECT_EQ(world.post("/v1/connections/" + taros()->name.text() + "/link", "").status, 409) << "nobody else connects it";
}

TEST_F(ManagedConnections, TheOwnNameOfAPersonsConnectionIsNoWayAroundThePermission) {
    given_taro_is_connected();
    EXPECT_EQ(read({}, {}, taros()->name.text()).code(), "permission-needed");
    EXPECT_EQ(world.get("/v1/connections/" + taros()->name.text() + "/token", robot).code(), "permission-needed");
    lend();
    EXPECT_EQ(read({}, {}, taros()->name.text()).status, 200);
}

TEST_F(ManagedConnections, A51_ATokenIsReleasedOnlyIfThePersonAllowedThat) {
    given_taro_is_connected();
    lend();
    Ask ask{"GET", "/v1/connections/outlook/token", {}, robot};
    ask.headers.set("Renkei-Act-As", std::string(taro_mail));
    EXPECT_EQ(world.ask(ask).code(), "permission-needed");
    lend("robot", {{"action", "tokens:read"}});
    const auto token = world.ask(ask);
    EXPECT_EQ(token.status, 200) << token.body;
    EXPECT_EQ(world.releases->tickets(), 0u) << "nothing is kept that a withdrawal would have to find";
    EXPECT_EQ(read().code(), "permission-needed") << "the second form took the first one's place";
    browser.submit("/my/connections/outlook", "/my/connections/outlook/permissions/" + permissions().front().id.text() + "/withdraw", {});
    EXPECT_EQ(world.ask(ask).code(), "permission-needed");
}

TEST_F(ManagedConnections, WhatIsOfEverybodyHasNoAccountOfItsOwn) {
    for (const auto& [body, field] : std::vector<std::pair<std::string, std::string>>{
             {R"({"name":"x","registration":"microsoft-app","mode":"client_credentials","token_type":"user_specific"})", "mode"},
             {R"({"name":"x","registration":"microsoft-app","mode":"authorization_code","token_type":"user_specific","act_as":"a@b.example"})", "act_as"},
             {R"({"name":"x","registration":"microsoft-app","mode":"authorization_code","token_type":"user_specific","mailbox":"a@b.example"})", "mailbox"},
             {R"({"name":"x","registration":"microsoft-app","mode":"authorization_code","token_type":"everybodys"})", "token_type"}}) {
        const auto refused = world.post("/v1/connections", body);
        EXPECT_EQ(refused.status, 400) << body;
        EXPECT_EQ(refused.text("field"), field) << refused.body;
    }
    auto registration = *run_task(world.store.find_registration(home, a_registration().id));
    registration.tenant = "common";
    const auto before = registration.version++;
    world.commit(home, {app::UpdateRegistration{registration, before}});
    const auto refused =
        world.post("/v1/connections", R"({"name":"x","registration":"microsoft-app","mode":"authorization_code","token_type":"user_specific"})");
    EXPECT_EQ(refused.text("field"), "registration") << "any tenant's word about an address would count";
}

TEST_F(ManagedConnections, NobodyOfAnotherWorkspaceReachesIt) {
    given_taro_is_connected();
    world.commit(elsewhere, {app::PutMembership{{elsewhere, hanako.id, {Role::administrator}, {}}}});
    const auto foreign = world.add_key("robot", {Action::mail_read, Action::connections_read, Action::keys_write}, elsewhere);
    robot = foreign;
    EXPECT_EQ(read().status, 404);
    EXPECT_EQ(world.get("/v1/connections/outlook/permissions", foreign).status, 404);
    EXPECT_EQ(world.post("/v1/connections/outlook/permissions", R"({"key":"robot","actions":["mail:read"]})", foreign).status, 404);
}

TEST_F(ManagedConnections, ThePagesNeedASessionAndTheFormsTheirToken) {
    Browser stranger(world);
    const auto sent = stranger.get("/my/connections/outlook?key=robot");
    EXPECT_EQ(sent.status, 303);
    EXPECT_EQ(sent.headers.get("Location"), "/sign-in?next=%2Fmy%2Fconnections%2Foutlook%3Fkey%3Drobot") << "and comes back to the very page";
    for (const auto* path : {"connect", "lend", "disconnect"})
        EXPECT_EQ(browser.post(std::string("/my/connections/outlook/") + path, {{"key", "robot"}}).status, 403) << path;
    EXPECT_FALSE(taros());
    EXPECT_TRUE(permissions().empty());
}

TEST_F(ManagedConnections, AnAppsConnectionTakesTheUserAsTheMailboxAndKeepsThemInTheFence) {
    world.add_connection("invoice-mail");
    EXPECT_EQ(read("invoice@acme.example", {}, "invoice-mail").status, 200);
    EXPECT_EQ(world.mail_provider.mailbox, "invoice@acme.example");
    EXPECT_EQ(read("boss@acme.example", {}, "invoice-mail").code(), "outside-fence");
    EXPECT_EQ(read("boss@acme.example", "invoice@acme.example", "invoice-mail").code(), "outside-fence") << "the user too";
}

}  // namespace
}  // namespace renkei::testing
