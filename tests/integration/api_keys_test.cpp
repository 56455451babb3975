#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using core::Action;
using core::Right;

class ApiKeys : public ::testing::Test {
protected:
    std::string limited(Right right) {
        auto key = a_key("limited");
        key.rights = {std::move(right)};
        return world.add_key(std::move(key));
    }
    ApiWorld world;
};

TEST_F(ApiKeys, AKeysTextIsInOneAnswerAndNowhereElse) {
    const auto made = world.post("/v1/keys", R"({"name":"robot","rights":[{"actions":["mail:read"]}]})");
    const auto text = made.text("text");

    ASSERT_EQ(made.status, 201);
    EXPECT_EQ(made.headers.get("Location"), "/v1/keys/robot");
    EXPECT_EQ(world.get("/v1/me", text).text("name"), "robot");
    for (const auto* path : {"/v1/keys/robot", "/v1/keys", "/v1/audit", "/v1/me"}) EXPECT_EQ(world.get(path).body.find(text), std::string::npos) << path;
    for (const auto& row : world.store.audit(home)) EXPECT_EQ((row.target + row.reason).find(text), std::string::npos);
    EXPECT_EQ(world.store.audit(home).back().action, "key.create");
}

TEST_F(ApiKeys, TokensReadAndNativeAreNeverImplied) {
    for (const auto* action : {"tokens:read", "native"}) {
        const auto answer = world.post("/v1/keys", R"({"name":"greedy","rights":[{"actions":[")" + std::string(action) + R"("]}]})");
        EXPECT_EQ(answer.status, 403) << action;
        EXPECT_EQ(answer.text("field"), "rights");
        EXPECT_FALSE(world.store.audit(home).back().allowed);
    }
    EXPECT_EQ(world.get("/v1/keys/greedy").status, 404);
}

TEST_F(ApiKeys, NobodyGivesMoreThanTheyHave) {
    const auto caller = limited({{Action::keys_write, Action::mail_read}, {}, {}, {}, {"invoice-mail"}, {"invoice@acme.example"}});
    const auto create = [&](std::string_view right) {
        return world.post("/v1/keys", R"({"name":"child","rights":[)" + std::string(right) + "]}", caller).status;
    };

    EXPECT_EQ(create(R"({"actions":["mail:read"]})"), 403);
    EXPECT_EQ(create(R"({"actions":["mail:send"],"connections":["invoice-mail"],"mailboxes":["invoice@acme.example"]})"), 403);
    EXPECT_EQ(create(R"({"actions":["mail:read"],"connections":["invoice-mail","other"],"mailboxes":["invoice@acme.example"]})"), 403);
    EXPECT_EQ(create(R"({"actions":["mail:read"],"connections":["invoice-mail"]})"), 403);
    EXPECT_EQ(create(R"({"actions":["mail:read"],"connections":["invoice-mail"],"mailboxes":["invoice@acme.example"]})"), 201);
}

TEST_F(ApiKeys, AKeyDoesNotOutliveOrOutreachItsMaker) {
    auto maker = a_key("maker");
    maker.rights = {{{Action::keys_write, Action::mail_read}, {}, {}, {}, {}, {}}};
    maker.expires_at = world.clock.now() + std::chrono::hours(1);
    maker.allowed_ranges = {core::AddressRange::parse("192.0.2.0/24").value()};
    const auto caller = world.add_key(maker);
    const auto soon = iso_text(world.clock.now() + std::chrono::minutes(30));
    const auto create = [&](const std::string& rest) {
        return world.post("/v1/keys", R"({"name":"child","rights":[{"actions":["mail:read"]}])" + rest + "}", caller).status;
    };

    EXPECT_EQ(create(""), 403);
    EXPECT_EQ(create(R"(,"expires_at":")" + iso_text(world.clock.now() + std::chrono::hours(2)) + "\""), 403);
    EXPECT_EQ(create(R"(,"expires_at":")" + soon + "\""), 403) << "from anywhere";
    EXPECT_EQ(create(R"(,"allowed_ranges":["192.0.0.0/16"],"expires_at":")" + soon + "\""), 403);
    EXPECT_EQ(create(R"(,"allowed_ranges":["192.0.2.7"],"expires_at":")" + soon + "\""), 201);
}

TEST_F(ApiKeys, ARevokedKeyStopsAtOnceAndStaysInTheList) {
    const auto robot = world.add_key("robot", {Action::connections_read});
    ASSERT_EQ(world.get("/v1/connections", robot).status, 200);

    EXPECT_EQ(world.ask({"DELETE", "/v1/keys/robot", {}, world.admin, {{"If-Match", "\"1\""}}}).status, 204);

    EXPECT_EQ(world.get("/v1/connections", robot).status, 401);
    EXPECT_EQ(world.get("/v1/keys/robot").text("state"), "revoked");
    EXPECT_EQ(world.ask({"DELETE", "/v1/keys/robot", {}, world.admin}).status, 204) << "a repeat changes nothing";
    EXPECT_EQ(world.ask({"DELETE", "/v1/keys/nothing", {}, world.admin}).status, 404);
    EXPECT_EQ(world.post("/v1/keys", R"({"name":"robot","rights":[{"actions":["mail:read"]}]})").text("field"), "name");
}

TEST_F(ApiKeys, AnExpiredKeyStopsAtItsTime) {
    auto key = a_key("robot");
    key.rights = {{{Action::connections_read}, {}, {}, {}, {}, {}}};
    key.expires_at = world.clock.now() + std::chrono::hours(1);
    const auto robot = world.add_key(key);
    EXPECT_EQ(world.get("/v1/connections", robot).status, 200);

    world.clock.advance(std::chrono::hours(1));

    EXPECT_EQ(world.get("/v1/connections", robot).status, 401);
    EXPECT_EQ(world.get("/v1/keys/robot").text("state"), "expired");
}

TEST_F(ApiKeys, ListsPageWithCursorsThatFitNowhereElse) {
    for (const auto* name : {"a", "b", "c"}) world.add_key(name, {Action::mail_read});
    std::vector<std::string> names;
    std::string cursor, first;
    do {
        const auto page = world.get("/v1/keys?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
        ASSERT_EQ(page.status, 200);
        for (const auto& item : page.json.at("items").as_array()) names.emplace_back(json::view(item.at("name").as_string()));
        cursor = page.text("next_cursor");
        if (first.empty()) first = cursor;
    } while (!cursor.empty());
    const auto stranger = world.add_key("stranger", {Action::keys_read}, elsewhere);

    EXPECT_EQ(names, (std::vector<std::string>{"a", "admin", "b", "c", "reader"}));
    EXPECT_EQ(world.get("/v1/registrations?cursor=" + first).status, 400) << "another list";
    EXPECT_EQ(world.get("/v1/keys?cursor=" + first, stranger).status, 400) << "another workspace";
    first.back() = first.back() == 'A' ? 'B' : 'A';
    EXPECT_EQ(world.get("/v1/keys?cursor=" + first).status, 400) << "changed";
}

TEST_F(ApiKeys, ARightInAFolderOpensTheFolderAndNoFurther) {
    ASSERT_EQ(world.post("/v1/folders", R"({"name":"team","title":"Team"})").status, 201);
    const auto id = world.get("/v1/folders/team").text("id");
    const auto robot = world.post("/v1/keys", R"({"name":"robot","rights":[{"actions":["connections:read"],"folders":[")" + id + R"("]}]})").text("text");
    const auto outsider = world.add_key("outsider", {Action::connections_read, Action::connections_write});

    EXPECT_EQ(world.get("/v1/folders/team", robot).status, 200);
    EXPECT_EQ(world.get("/v1/folders/team", outsider).status, 404);
    EXPECT_EQ(world.ask({"PUT", "/v1/folders/team/grants", R"({"key":"outsider","right":"edit"})", outsider}).status, 404);
    EXPECT_EQ(world.ask({"PUT", "/v1/folders/team/grants", R"({"key":"outsider","right":"see"})", world.admin}).status, 200);
    EXPECT_EQ(world.get("/v1/folders/team", outsider).status, 200);
    EXPECT_EQ(world.ask({"PUT", "/v1/folders/team/grants", R"({"key":"outsider","right":"edit"})", outsider}).status, 403);
    EXPECT_EQ(world.ask({"PUT", "/v1/folders/team/grants", R"({"key":"nobody","right":"see"})", world.admin}).text("field"), "key");
    EXPECT_EQ(world.ask({"PUT", "/v1/folders/team/grants", R"({"right":"see"})", world.admin}).status, 400);
}

}  // namespace
}  // namespace renkei::testing
