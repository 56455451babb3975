// Calls of the provider's own API: the right, the fence, and what comes back.
#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using core::Action;

class NativeCalls : public ::testing::Test {
protected:
    NativeCalls() {
        world.add_connection("invoice-mail");
        key = world.add_key("robot", {Action::native});
    }
    Answer call(std::string body, std::string connection = "invoice-mail", std::string with = {}) {
        Ask ask{"POST", "/v1/native", std::move(body), with.empty() ? key : std::move(with)};
        ask.headers.set("Renkei-Connection", std::move(connection));
        return world.ask(std::move(ask));
    }
    std::string code_of_path(const std::string& path) { return call(R"({"path":")" + path + "\"}").code(); }
    void given_a_person_signed_in(std::string account = "Invoice@acme.example") {
        auto connection = *run_task(world.store.find_connection(home, a_name("invoice-mail")));
        auto grant = run_task(world.store.grants_of_connection(home, connection.id))->front();
        world.commit(home, {app::DeleteConnection{home, connection.id}});
        connection.mode = core::ConnectionMode::authorization_code;
        connection.version = 1;
        grant.subject_kind = core::SubjectKind::person;
        grant.identity = {"https://login.example/tenant-1/v2.0", "tenant-1", "oid-1", std::move(account)};
        auto token = a_token(grant);
        token.key.audience.clear();
        token.token = *world.vault.seal(app::access_token_place(token.key, grant.generation), Secret("person's token"));
        token.expires_at = world.clock.now() + std::chrono::hours(1);
        world.commit(home, {app::InsertConnection{connection}, app::InsertGrant{grant}, app::PutToken{token}});
    }

    ApiWorld world;
    std::string key;
};

TEST_F(NativeCalls, U12_TheProvidersAnswerComesBackWithItsStatusAndNoToken) {
    world.native_api.answer = {201, "application/json; charset=utf-8", R"({"id":"1","name":"見積.xlsx"})"};
    const auto answer =
        call(R"({"method":"POST","path":"/users/invoice@acme.example/drive/root/children","query":[{"name":"$top","value":"10"}],"body":{"a":[1]}})");

    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json.at("status").as_int64(), 201);
    EXPECT_EQ(answer.json.at("body").at("name").as_string(), "見積.xlsx");
    EXPECT_EQ(world.native_api.last.method, Method::post);
    EXPECT_EQ(world.native_api.last.body, R"({"a":[1]})");
    EXPECT_EQ(world.native_api.last.query, (Fields{{"$top", "10"}}));
    EXPECT_EQ(world.native_api.mailbox, "invoice@acme.example");
    EXPECT_EQ(world.store.audit(home).back().action, "native");
    EXPECT_NE(world.store.audit(home).back().reason.find("POST /users/invoice@acme.example/drive"), std::string::npos);
}

TEST_F(NativeCalls, WhatTheProviderRefusesIsToldAsItIs) {
    world.native_api.answer = {403, "application/json", R"({"error":{"code":"accessDenied"}})"};
    EXPECT_EQ(call(R"({"path":"/users/invoice@acme.example/drive"})").json.at("status").as_int64(), 403);
    world.native_api.answer = {200, "text/plain", "plain words"};
    const auto text = call(R"({"path":"/users/invoice@acme.example/drive"})");
    EXPECT_TRUE(text.json.at("body").is_null());
    EXPECT_EQ(text.text("text"), "plain words");
    world.native_api.answer = {204, "", ""};
    EXPECT_TRUE(call(R"({"method":"DELETE","path":"/users/invoice@acme.example/drive"})").json.at("text").is_null());
}

TEST_F(NativeCalls, TheRightIsImpliedByNothing) {
    const auto other =
        world.add_key("everything-else", {Action::mail_read, Action::mail_send, Action::connections_write, Action::tokens_read, Action::keys_write});
    EXPECT_EQ(call(R"({"path":"/users/invoice@acme.example/drive"})", "invoice-mail", other).status, 403);
    EXPECT_EQ(world.native_api.asked, 0);
}

TEST_F(NativeCalls, B05_TheFenceHoldsForNativePathsToo) {
    for (const auto* path : {"/users/boss@acme.example/messages", "/USERS/boss@acme.example/messages", "/users", "/groups/1/threads", "/search/query",
                             "/$batch", "/communications/calls", "/users/invoice@acme.example/sendMail", "/users/invoice@acme.example/calendar/getSchedule",
                             "/users/invoice@acme.example/microsoft.graph.sendMail", "/users/invoice@acme.example/messages/AAMk/send",
                             "/users/invoice@acme.example/findMeetingTimes"})
        EXPECT_EQ(code_of_path(path), "outside-fence") << path;
    EXPECT_EQ(world.native_api.asked, 0);
    EXPECT_FALSE(world.store.audit(home).back().allowed);
}

TEST_F(NativeCalls, B05_OnlyOneSpellingOfAPathIsTaken) {
    for (const auto* path :
         {"users/invoice@acme.example", "/users/../me", "/users/./x", "//users/x", "/users('boss@acme.example')/messages", "/users%2Fboss@acme.example",
          "/users/boss%40acme.example/messages", "/me?x=y", "/me#x", "/me\\\\x", "/", "", "/me messages", "https://evil.example/", "/users/{x}"})
        EXPECT_EQ(code_of_path(path), "invalid-field") << path;
    EXPECT_EQ(code_of_path("/users/not-an-address/messages"), "invalid-field");
    EXPECT_EQ(code_of_path("/me/messages"), "invalid-field") << "an application is nobody";
    EXPECT_EQ(world.native_api.asked, 0);
}

TEST_F(NativeCalls, WhatHasNoMailboxNeedsNone) {
    for (const auto* path : {"/sites/root", "/drives/1/items", "/teams/1/channels", "/chats/1", "/organization"}) EXPECT_EQ(code_of_path(path), "") << path;
    EXPECT_EQ(world.native_api.asked, 5);
}

TEST_F(NativeCalls, MeIsTheOneWhoSignedIn) {
    given_a_person_signed_in();
    EXPECT_EQ(code_of_path("/me/joinedTeams"), "");
    EXPECT_EQ(world.native_api.mailbox, "invoice@acme.example");
    auto connection = *run_task(world.store.find_connection(home, a_name("invoice-mail")));
    connection.fence.mailboxes = {"another@acme.example"};
    const auto version = connection.version++;
    world.commit(home, {app::UpdateConnection{connection, version}});
    EXPECT_EQ(code_of_path("/me/joinedTeams"), "outside-fence");
    EXPECT_EQ(world.native_api.asked, 1);
}

TEST_F(NativeCalls, B05_MeIsRefusedWhereNobodyKnowsWhoSignedIn) {
    given_a_person_signed_in("no address");
    EXPECT_EQ(code_of_path("/me/messages"), "outside-fence") << "the connection's mailbox says nothing of the account";
    EXPECT_EQ(world.native_api.asked, 0);
}

TEST_F(NativeCalls, B05_NoPathGoesOnFromOneUserToAnother) {
    given_a_person_signed_in();
    for (const auto* path : {"/me/manager", "/me/directReports/1/messages", "/users/invoice@acme.example/Manager/messages", "/me/memberOf/1/threads",
                             "/teams/1/group/threads", "/drives/1/items/2/createdByUser/messages", "/sites/root/lastModifiedByUser/messages"})
        EXPECT_EQ(code_of_path(path), "outside-fence") << path;
    EXPECT_EQ(world.native_api.asked, 0);
}

TEST_F(NativeCalls, AFenceOfEverythingOpensEveryPath) {
    auto connection = *run_task(world.store.find_connection(home, a_name("invoice-mail")));
    connection.fence = {true, {}};
    const auto version = connection.version++;
    world.commit(home, {app::UpdateConnection{connection, version}});
    for (const auto* path : {"/users", "/$batch", "/users/boss@acme.example/sendMail"}) EXPECT_EQ(code_of_path(path), "") << path;
}

TEST_F(NativeCalls, ATokenThatTheProviderRefusesIsReplacedOnce) {
    world.native_api.refusal = Error{Errc::unauthenticated, "refused"};
    EXPECT_EQ(code_of_path("/sites/root"), "needs-admin");
    EXPECT_EQ(world.native_api.asked, 2);
}

TEST_F(NativeCalls, TheBodyIsCheckedFieldByField) {
    for (const auto& [body, field] : std::vector<std::pair<std::string, std::string>>{{"{}", "path"},
                                                                                      {R"({"path":"/sites/root","method":"HEAD"})", "method"},
                                                                                      {R"({"path":"/sites/root","method":"get"})", "method"},
                                                                                      {R"({"path":"/sites/root","body":{}})", "body"},
                                                                                      {R"({"path":"/sites/root","query":[{"name":"a"}]})", "query[0].value"},
                                                                                      {R"({"path":"/sites/root","query":{"a":"b"}})", "query"},
                                                                                      {R"({"path":"/sites/root","headers":{}})", "headers"}}) {
        const auto refused = call(body);
        EXPECT_EQ(refused.status, 400) << body;
        EXPECT_EQ(refused.text("field"), field) << refused.body;
    }
    EXPECT_EQ(world.native_api.asked, 0);
}

TEST_F(NativeCalls, AnotherWorkspacesConnectionIsNotThere) {
    const auto foreign = world.add_key("foreign", {Action::native}, elsewhere);
    EXPECT_EQ(call(R"({"path":"/sites/root"})", "invoice-mail", foreign).status, 404);
    EXPECT_EQ(call(R"({"path":"/sites/root"})", "nowhere").status, 404);
}

}  // namespace
}  // namespace renkei::testing
