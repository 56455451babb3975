#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

const std::string app_only = R"({"name":"invoice-mail","registration":"microsoft-app","mode":"client_credentials","mailbox":"Invoice@Acme.example"})";

class ApiConnections : public ::testing::Test {
protected:
    std::string fence_of(const Answer& answer) { return json::serialize(answer.json.at("fence")); }
    Answer change(std::string body, std::string match = {}) {
        Ask ask{"PATCH", "/v1/connections/invoice-mail", std::move(body), world.admin};
        if (!match.empty()) ask.headers.set("If-Match", std::move(match));
        return world.ask(std::move(ask));
    }
    ApiWorld world;
};

TEST_F(ApiConnections, B05_AnAppOnlyConnectionIsConnectedAtOnceAndFencedToItsMailbox) {
    const auto made = world.post("/v1/connections", app_only);

    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.text("state"), "active") << made.body;
    EXPECT_TRUE(made.json.at("problem").is_null());
    EXPECT_EQ(fence_of(made), R"({"everything":false,"mailboxes":["invoice@acme.example"],"calendars":[],"groups":[]})");
    EXPECT_EQ(made.text("folder"), "default");
    EXPECT_EQ(world.provider.exchanges(), 1u);
}

TEST_F(ApiConnections, U31_AFailureToConnectIsToldAndTheDraftStays) {
    world.provider.set_secret("changed at the provider");

    const auto made = world.post("/v1/connections", app_only);

    ASSERT_EQ(made.status, 201);
    EXPECT_NE(made.text("state"), "active");
    EXPECT_EQ(json::text(made.json.at("problem").as_object(), "code"), "needs-app-owner");
    EXPECT_EQ(json::text(made.json.at("problem").as_object(), "actor"), "app-owner");
    world.provider.set_secret("s3cret");
    EXPECT_EQ(world.post("/v1/connections/invoice-mail/connect", "").text("state"), "active");
}

TEST_F(ApiConnections, U43_ASignInConnectionIsADraftUntilAPersonHasSignedIn) {
    const auto made =
        world.post("/v1/connections", R"({"name":"hanako","registration":"microsoft-app","mode":"authorization_code","act_as":"hanako@acme.example"})");
    const auto link = world.post("/v1/connections/hanako/link", "");

    EXPECT_EQ(made.text("state"), "draft");
    EXPECT_EQ(made.text("mailbox"), "hanako@acme.example");
    EXPECT_EQ(json::serialize(made.json.at("scopes")), R"(["Mail.Read","Mail.Send"])");
    EXPECT_EQ(link.status, 201);
    EXPECT_TRUE(link.secret);
    EXPECT_TRUE(link.text("url").starts_with("https://renkei.example/connect/"));
    EXPECT_EQ(world.post("/v1/connections/hanako/connect", "").status, 409);
}

TEST_F(ApiConnections, BadOnesNameTheField) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"registration":"microsoft-app","mode":"client_credentials","mailbox":"a@b.example"})", "name"},
        {R"({"name":"x","mode":"client_credentials","mailbox":"a@b.example"})", "registration"},
        {R"({"name":"x","registration":"nothing","mode":"client_credentials","mailbox":"a@b.example"})", "registration"},
        {R"({"name":"x","registration":"microsoft-app","mailbox":"a@b.example"})", "mode"},
        {R"({"name":"x","registration":"microsoft-app","mode":"password","mailbox":"a@b.example"})", "mode"},
        {R"({"name":"x","registration":"microsoft-app","mode":"client_credentials"})", "mailbox"},
        {R"({"name":"x","registration":"microsoft-app","mode":"client_credentials","mailbox":"no address"})", "mailbox"},
        {R"({"name":"x","registration":"microsoft-app","mode":"client_credentials","mailbox":"a@b.example","act_as":"c@b.example"})", "act_as"},
        {R"({"name":"x","registration":"microsoft-app","mode":"client_credentials","mailbox":"a@b.example","scopes":["two words"]})", "scopes[0]"},
        {R"({"name":"x","registration":"microsoft-app","mode":"client_credentials","mailbox":"a@b.example","fence":{"mailboxes":["x"]}})",
         "fence.mailboxes[0]"},
        {R"({"name":"x","registration":"microsoft-app","mode":"client_credentials","mailbox":"a@b.example","fence":{"everything":1}})", "fence.everything"},
        {R"({"name":"x","registration":"microsoft-app","mode":"client_credentials","mailbox":"a@b.example","fence":{"everything":true,"mailboxes":["a@b.example"]}})",
         "fence"},
        {R"({"name":"x","registration":"microsoft-app","mode":"client_credentials","mailbox":"a@b.example","folder":"nowhere"})", "folder"},
        {R"({"name":"x","registration":"microsoft-app","mode":"client_credentials","mailbox":"a@b.example","connector":"oauth"})", "connector"},
    };
    for (const auto& [body, field] : cases) {
        const auto answer = world.post("/v1/connections", body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(answer.text("field"), field) << answer.body;
    }
    EXPECT_EQ(world.provider.exchanges(), 0u);
    EXPECT_EQ(json::serialize(world.get("/v1/connections").json.at("items")), "[]");
}

TEST_F(ApiConnections, ATakenNameIs409AndDoesNotTouchTheOther) {
    ASSERT_EQ(world.post("/v1/connections", app_only).status, 201);

    EXPECT_EQ(world.post("/v1/connections", app_only).text("field"), "name");
    EXPECT_EQ(world.provider.exchanges(), 1u);
}

TEST_F(ApiConnections, ChangesAreMadeOnTheVersionThatWasSeen) {
    world.add_connection("invoice-mail");
    const auto etag = std::string(world.get("/v1/connections/invoice-mail").headers.get("ETag"));

    const auto changed = change(R"({"title":"Incoming invoices"})", etag);

    EXPECT_EQ(changed.text("title"), "Incoming invoices");
    EXPECT_NE(changed.headers.get("ETag"), etag);
    EXPECT_EQ(change(R"({"title":"Too late"})", etag).status, 412);
    EXPECT_EQ(world.get("/v1/connections/invoice-mail").text("title"), "Incoming invoices");
    EXPECT_EQ(world.store.audit(home).back().action, "connection.change");
}

TEST_F(ApiConnections, B05_NobodyOpensAFenceBeyondTheirOwnRights) {
    world.add_connection("invoice-mail");
    auto key = a_key("limited");
    key.rights = {{{core::Action::connections_write, core::Action::connections_read}, {}, {}, {}, {}, {"invoice@acme.example"}}};
    const auto limited = world.add_key(key);
    const auto open = [&](std::string_view fence) {
        return world.ask({"PATCH", "/v1/connections/invoice-mail", R"({"fence":)" + std::string(fence) + "}", limited}).status;
    };

    EXPECT_EQ(open(R"({"everything":true})"), 403);
    EXPECT_EQ(open(R"({"mailboxes":["invoice@acme.example","ceo@acme.example"]})"), 403);
    EXPECT_FALSE(world.store.audit(home).back().allowed);
    EXPECT_EQ(open(R"({"mailboxes":[]})"), 200);
    EXPECT_EQ(change(R"({"fence":{"everything":true}})").status, 200);
}

TEST_F(ApiConnections, APausedConnectionGivesNothingUntilItIsResumed) {
    world.add_connection("invoice-mail");

    EXPECT_EQ(world.post("/v1/connections/invoice-mail/resume", "").status, 409);
    EXPECT_EQ(world.post("/v1/connections/invoice-mail/pause", "").text("state"), "paused");
    EXPECT_EQ(world.get("/v1/connections/invoice-mail/token", world.reader).code(), "connection-paused");
    EXPECT_EQ(world.post("/v1/connections/invoice-mail/resume", "{}").text("state"), "active");
    EXPECT_EQ(world.get("/v1/connections/invoice-mail/token", world.reader).status, 200);
}

TEST_F(ApiConnections, B09_ATokenIsReleasedOnlyToTokensReadAndIsAudited) {
    world.add_connection("invoice-mail");

    const auto refused = world.get("/v1/connections/invoice-mail/token");
    const auto token = world.get("/v1/connections/invoice-mail/token", world.reader);

    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(token.text("access_token"), "access token of invoice-mail");
    EXPECT_EQ(token.text("token_type"), "Bearer");
    EXPECT_EQ(json::integer(token.json.as_object(), "expires_in"), 3600);
    EXPECT_TRUE(token.secret);
    EXPECT_EQ(world.store.audit(home).back().action, "token.release");
    EXPECT_EQ(world.store.audit(home).back().principal_name, "reader");
    EXPECT_EQ(world.get("/v1/connections/invoice-mail/token?min_validity=-1", world.reader).text("field"), "min_validity");
    EXPECT_EQ(world.get("/v1/connections/nothing/token", world.reader).status, 404);
    const auto outside = world.ask({"GET", "/v1/connections/invoice-mail/token", {}, world.reader, {{"Renkei-Mailbox", "ceo@acme.example"}}});
    EXPECT_EQ(outside.code(), "outside-fence");
}

TEST_F(ApiConnections, ATokenThatCannotBeAuditedIsNotReleased) {
    world.add_connection("invoice-mail");
    world.store.fail_next_commits(1, Errc::storage_full);

    const auto answer = world.get("/v1/connections/invoice-mail/token", world.reader);

    EXPECT_EQ(answer.status, 507);
    EXPECT_EQ(answer.body.find("access token of"), std::string::npos);
}

TEST_F(ApiConnections, ACheckTellsTheStageWhoMustActAndWhatToDo) {
    world.add_connection("invoice-mail");
    const auto stage = [](const Answer& answer, std::size_t index) { return answer.json.at("stages").as_array().at(index).as_object(); };

    const auto good = world.post("/v1/connections/invoice-mail/check", "");
    world.mail_provider.refusal = Error{Errc::provider_refused, "the permission Mail.Read is missing"};
    const auto refused = world.post("/v1/connections/invoice-mail/check", "");
    world.post("/v1/connections/invoice-mail/pause", "");
    const auto paused = world.post("/v1/connections/invoice-mail/check", "");

    EXPECT_TRUE(good.json.at("ok").as_bool()) << good.body;
    EXPECT_FALSE(refused.json.at("ok").as_bool());
    EXPECT_EQ(json::text(stage(refused, 3), "result"), "failed");
    EXPECT_EQ(json::text(stage(refused, 3)["problem"].as_object(), "actor"), "administrator");
    EXPECT_EQ(json::text(stage(paused, 0), "result"), "failed");
    for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(json::text(stage(paused, i), "result"), "skipped");
}

TEST_F(ApiConnections, RemovingTakesGrantsAndTokensAlong) {
    const auto connection = world.add_connection("invoice-mail");
    ASSERT_EQ(world.get("/v1/connections/invoice-mail/token", world.reader).status, 200);

    EXPECT_EQ(world.ask({"DELETE", "/v1/connections/invoice-mail", {}, world.admin}).status, 204);

    EXPECT_EQ(world.get("/v1/connections/invoice-mail").status, 404);
    EXPECT_EQ(world.get("/v1/connections/invoice-mail/token", world.reader).status, 404);
    EXPECT_TRUE(run_task(world.store.grants_of_connection(home, connection.id))->empty());
}

TEST_F(ApiConnections, ListsLeaveOutWhatTheCallerMayNotSee) {
    world.add_connection("invoice-mail");
    world.add_connection("payroll-mail");
    auto key = a_key("limited");
    key.rights = {{{core::Action::connections_read}, {}, {}, {}, {"invoice-mail"}, {}}};
    const auto limited = world.add_key(key);

    const auto seen = world.get("/v1/connections", limited);

    EXPECT_EQ(seen.json.at("items").as_array().size(), 1u);
    EXPECT_EQ(seen.body.find("payroll"), std::string::npos);
    EXPECT_NE(world.get("/v1/connections/payroll-mail", limited).status, 200);
}

}  // namespace
}  // namespace renkei::testing
