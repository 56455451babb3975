// /v1/connections/{name}/fence: what a connection may touch, and the proof of it at the provider (B-05).
#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using core::Action;

constexpr auto invoices_id = "11111111-1111-1111-1111-111111111111";
constexpr auto new_owner_id = "22222222-2222-2222-2222-222222222222";
const std::string path = "/v1/connections/invoice-mail/fence";

class ApiFence : public ::testing::Test {
protected:
    void SetUp() override {
        world.directory.refusal.reset();
        world.directory.people = {{invoices_id, {"invoice@acme.example", "billing@acme.example"}}, {new_owner_id, {"new@acme.example"}}};
        world.add_connection("invoice-mail", false);
        both = world.add_key("both", {Action::mail_read, Action::connections_read, Action::connections_write});
    }
    json::object entry(const Answer& answer, std::size_t at = 0) { return answer.json.at("entries").as_array().at(at).as_object(); }
    Answer set_fence(std::string fence, std::string key = {}) {
        return world.ask({"PATCH", "/v1/connections/invoice-mail", R"({"fence":)" + fence + "}", key.empty() ? world.admin : std::move(key)});
    }
    Answer read_mail(std::string mailbox) {
        Ask ask{"GET", "/v1/mail/messages", {}, both};
        ask.headers.set("Renkei-Connection", "invoice-mail");
        ask.headers.set("Renkei-Mailbox", std::move(mailbox));
        return world.ask(std::move(ask));
    }
    std::vector<std::string> audited() {
        std::vector<std::string> actions;
        for (const auto& row : world.store.audit(home)) actions.push_back(row.action + (row.allowed ? "" : " refused"));
        return actions;
    }
    bool in_audit(const std::string& action) {
        const auto actions = audited();
        return std::ranges::find(actions, action) != actions.end();
    }
    core::Person a_person_with(core::Role role) {
        auto person = a_person(7, "someone@acme.example");
        world.commit(home, {app::PutPerson{person}, app::PutMembership{{home, person.id, {role}, {}}}});
        return person;
    }
    /// The address belongs to somebody else, and the directory has been asked.
    void move_the_address() {
        ASSERT_EQ(world.post(path + "/check", "").status, 200);
        world.directory.move("invoice@acme.example", new_owner_id);
        ASSERT_EQ(world.post(path + "/check", "").status, 200);
    }

    ApiWorld world;
    std::string both;
};

TEST_F(ApiFence, B05_EachEntryIsShownWithItsState) {
    const auto never = world.get(path);
    const auto looked = world.post(path + "/check", "");

    EXPECT_EQ(json::text(entry(never), "state"), "unresolved");
    EXPECT_TRUE(entry(never).at("checked_at").is_null());
    EXPECT_TRUE(never.json.at("checked_at").is_null());
    EXPECT_EQ(looked.status, 200) << looked.body;
    EXPECT_EQ(looked.text("decided_by"), "directory");
    EXPECT_EQ(json::text(entry(looked), "state"), "resolved");
    EXPECT_EQ(json::text(entry(looked), "directory_id"), invoices_id);
    EXPECT_EQ(json::text(entry(looked), "entry"), "invoice@acme.example");
    EXPECT_EQ(json::serialize(entry(looked).at("names")), R"(["11111111-1111-1111-1111-111111111111","billing@acme.example","invoice@acme.example"])");
    EXPECT_TRUE(in_audit("fence.check"));
}

TEST_F(ApiFence, B05_AnAddedEntryIsLookedUpAtOnce) {
    const auto changed = set_fence(R"({"mailboxes":["invoice@acme.example","calendar:new@acme.example","group:sales@acme.example"]})");

    EXPECT_EQ(json::serialize(changed.json.at("fence")),
              R"({"everything":false,"mailboxes":["invoice@acme.example"],"calendars":["new@acme.example"],"groups":["sales@acme.example"]})");
    const auto shown = world.get(path);
    EXPECT_EQ(json::text(entry(shown, 0), "state"), "resolved");
    EXPECT_EQ(json::text(entry(shown, 1), "directory_id"), new_owner_id);
    EXPECT_EQ(json::text(entry(shown, 2), "state"), "missing");
    EXPECT_FALSE(shown.json.at("due_at").is_null());
}

TEST_F(ApiFence, B05_KindsMayBeGivenAsListsOfTheirOwn) {
    EXPECT_EQ(json::serialize(
                  set_fence(R"({"mailboxes":["invoice@acme.example"],"calendars":["New@acme.example"],"groups":["Sales@acme.example"]})").json.at("fence")),
              R"({"everything":false,"mailboxes":["invoice@acme.example"],"calendars":["new@acme.example"],"groups":["sales@acme.example"]})");
    for (const auto& [fence, field] :
         {std::pair(R"({"mailboxes":["group:x"]})", "fence.mailboxes[0]"), std::pair(R"({"groups":["x"]})", "fence.groups[0]"),
          std::pair(R"({"calendars":["x y@z"]})", "fence.calendars[0]"), std::pair(R"({"mailboxes":["*","a@acme.example"]})", "fence")}) {
        const auto refused = set_fence(fence);
        EXPECT_EQ(refused.status, 400) << fence << refused.body;
        EXPECT_NE(refused.body.find(field), std::string::npos) << refused.body;
    }
}

TEST_F(ApiFence, B05_AliasAndIdOfAnAllowedMailboxAreAllowedAndOthersAreNot) {
    for (const auto* who : {"invoice@acme.example", "billing@acme.example", invoices_id}) EXPECT_EQ(read_mail(who).status, 200) << who;
    for (const auto* who : {"new@acme.example", new_owner_id}) {
        EXPECT_EQ(read_mail(who).status, 403) << who;
        EXPECT_EQ(read_mail(who).code(), "outside-fence") << who;
    }
}

TEST_F(ApiFence, B05_AnAddressThatMovedIsRefusedUntilAnAdministratorConfirmsItsNewOwner) {
    move_the_address();
    const auto moved = world.get(path);
    EXPECT_EQ(json::text(entry(moved), "state"), "changed");
    EXPECT_EQ(json::text(entry(moved), "found_id"), new_owner_id);
    EXPECT_EQ(read_mail("invoice@acme.example").code(), "address-moved");
    EXPECT_TRUE(in_audit("fence.changed refused"));
    const std::string body = R"({"entry":"invoice@acme.example","found_id":"22222222-2222-2222-2222-222222222222"})";

    EXPECT_EQ(world.post(path + "/confirm", R"({"entry":"invoice@acme.example","found_id":"33333333-3333-3333-3333-333333333333"})").status, 409);
    EXPECT_EQ(world.post(path + "/confirm", R"({"entry":"other@acme.example","found_id":"22222222-2222-2222-2222-222222222222"})").status, 404);
    const auto confirmed = world.post(path + "/confirm", body);

    EXPECT_EQ(confirmed.status, 200) << confirmed.body;
    EXPECT_EQ(json::text(entry(confirmed), "state"), "resolved");
    EXPECT_EQ(json::text(entry(confirmed), "directory_id"), new_owner_id);
    EXPECT_EQ(read_mail("invoice@acme.example").status, 200);
    EXPECT_EQ(read_mail("billing@acme.example").status, 403) << "the old owner's";
    EXPECT_TRUE(in_audit("fence.confirm"));
    EXPECT_EQ(world.post(path + "/confirm", body).status, 409) << "once";
}

TEST_F(ApiFence, B05_OnlyAnAdministratorConfirms) {
    move_the_address();
    auto key = a_key("limited");
    key.rights = {{{Action::connections_write}, {}, {}, {}, {}, {"invoice@acme.example"}}};
    const auto refused =
        world.post(path + "/confirm", R"({"entry":"invoice@acme.example","found_id":"22222222-2222-2222-2222-222222222222"})", world.add_key(key));

    EXPECT_EQ(refused.code(), "denied");
    EXPECT_TRUE(in_audit("fence.confirm refused"));
    EXPECT_EQ(read_mail("invoice@acme.example").code(), "address-moved");
}

TEST_F(ApiFence, B05_EverythingIsAnAdministratorsChoiceAndAuditedAsSuch) {
    const auto builder = a_person_with(core::Role::builder);
    app::By by;
    by.principal.kind = core::Principal::Kind::person;
    by.principal.workspace = home;
    by.principal.id = builder.id.bytes();
    by.principal.rights = {{{Action::connections_read, Action::connections_write}, {}, {}, {}, {}, {}}};
    app::ChangeConnection wanted;
    wanted.fence = core::Fence{true};

    const auto refused = run_task(world.connections->change(by, a_name("invoice-mail"), wanted, {}));
    EXPECT_EQ(refused.error().code, Errc::denied);
    EXPECT_FALSE(in_audit("connection.fence.everything"));
    world.commit(home, {app::PutMembership{{home, builder.id, {core::Role::administrator}, {}}}});
    EXPECT_TRUE(run_task(world.connections->change(by, a_name("invoice-mail"), wanted, {})));

    EXPECT_TRUE(in_audit("connection.fence.everything"));
    EXPECT_EQ(world.get(path).text("decided_by"), "nothing");
    EXPECT_TRUE(world.get(path).json.at("everything").as_bool());
}

TEST_F(ApiFence, B05_AKeyWithALimitedRightOpensNoGroup) {
    auto key = a_key("limited");
    key.rights = {{{Action::connections_write}, {}, {}, {}, {}, {"invoice@acme.example"}}};
    const auto limited = world.add_key(key);

    EXPECT_EQ(set_fence(R"({"groups":["sales@acme.example"]})", limited).status, 403);
    EXPECT_EQ(set_fence(R"({"calendars":["new@acme.example"]})", limited).status, 403);
    EXPECT_EQ(set_fence(R"({"calendars":["invoice@acme.example"]})", limited).status, 200);
    EXPECT_EQ(set_fence(R"({"mailboxes":["*"]})", limited).status, 403);
}

TEST_F(ApiFence, B05_TheScriptIsForApplications) {
    const auto script = world.get(path + "/script?outside=CEO@acme.example");
    EXPECT_EQ(script.status, 200) << script.body;
    EXPECT_EQ(script.body, "# invoice-mail client 1 ceo@acme.example\n");
    EXPECT_TRUE(script.headers.get("Content-Type").starts_with("text/plain"));
    EXPECT_EQ(world.get(path + "/script?outside=nobody").status, 400);
    EXPECT_EQ(set_fence(R"({"mailboxes":["*"]})").status, 200);
    EXPECT_EQ(world.get(path + "/script").status, 409) << "nothing to keep";
    auto connection = a_connection("person-mail");
    connection.folder = world.shared.id;
    connection.mode = core::ConnectionMode::authorization_code;
    world.commit(home, {app::InsertConnection{connection}});
    EXPECT_EQ(world.get("/v1/connections/person-mail/fence/script").status, 409);
}

TEST_F(ApiFence, B05_TheProbeTellsWhetherTheProviderKeepsTheFenceToo) {
    const auto open = world.post(path + "/probe", R"({"mailbox":"ceo@acme.example"})");
    EXPECT_EQ(open.text("result"), "open") << open.body;
    EXPECT_EQ(open.text("script"), "/v1/connections/invoice-mail/fence/script");
    EXPECT_TRUE(in_audit("fence.probe"));
    EXPECT_TRUE(in_audit("fence.probed"));

    world.mail_provider.refuse_outside({"invoice@acme.example"});
    const auto closed = world.post(path + "/probe", R"({"mailbox":"ceo@acme.example"})");
    EXPECT_EQ(closed.text("result"), "closed") << closed.body;

    world.mail_provider.refuse_outside({});
    const auto all = world.post(path + "/probe", R"({"mailbox":"ceo@acme.example"})");
    EXPECT_EQ(all.text("result"), "unknown") << "refused everywhere proves nothing";

    world.mail_provider.refusal = Error{Errc::provider_unavailable, "scripted"};
    const auto down = world.post(path + "/probe", R"({"mailbox":"ceo@acme.example"})");
    EXPECT_EQ(down.text("result"), "unknown");
    EXPECT_EQ(json::text(down.json.at("problem").as_object(), "code"), "provider-unavailable");
}

TEST_F(ApiFence, B05_TheProbeAsksForNobodyWhoIsInside) {
    EXPECT_EQ(world.post(path + "/probe", R"({"mailbox":"billing@acme.example"})").status, 400);
    EXPECT_EQ(world.post(path + "/probe", R"({"mailbox":"x"})").status, 400);
    EXPECT_EQ(set_fence(R"({"mailboxes":["*"]})").status, 200);
    EXPECT_EQ(world.post(path + "/probe", R"({"mailbox":"ceo@acme.example"})").status, 409);
    EXPECT_EQ(world.mail_provider.probes, 0);
}

TEST_F(ApiFence, NobodyElsesFenceIsShown) {
    const auto stranger = world.add_key("stranger", {Action::connections_read, Action::connections_write}, elsewhere);
    EXPECT_EQ(world.get(path, stranger).status, 404);
    EXPECT_EQ(world.post(path + "/check", "", stranger).status, 404);
    EXPECT_EQ(world.get(path + "/script", stranger).status, 404);
    EXPECT_EQ(world.post(path + "/probe", R"({"mailbox":"ceo@acme.example"})", stranger).status, 404);
    EXPECT_EQ(world.post(path + "/confirm", R"({"entry":"invoice@acme.example","found_id":"x"})", stranger).status, 404);
}

}  // namespace
}  // namespace renkei::testing
