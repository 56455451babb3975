// Issue 2, "What bad input gets": the right status, a problem answer that names the field, nothing stored, no crash.
#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

class ApiBadInput : public ::testing::Test {
protected:
    void SetUp() override { commits = world.store.commits(); }
    void TearDown() override {
        EXPECT_EQ(world.store.commits(), commits) << "something was stored";
        EXPECT_TRUE(world.failures.empty());
    }
    Answer create_key(std::string body) { return world.post("/v1/keys", std::move(body)); }
    ApiWorld world;
    std::uint64_t commits = 0;
};

TEST_F(ApiBadInput, MalformedJsonIsA400ThatTellsThePlaceAndNotTheContent) {
    for (const auto* body : {"{", "nonsense-secret", R"({"name":"a",})", R"({"name":"a"} {})", "\xef\xbb\xbf{}", R"({"name":'a'})", "{\"name\":\"a\x01\"}"}) {
        const auto answer = create_key(body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(answer.code(), "bad-request") << body;
        EXPECT_EQ(answer.body.find("nonsense-secret"), std::string::npos);
    }
}

TEST_F(ApiBadInput, DepthDuplicateKeysAndInvalidUtf8AreRefused) {
    EXPECT_EQ(create_key(std::string(64, '[') + std::string(64, ']')).status, 400);
    EXPECT_NE(create_key(R"({"name":"a","name":"b"})").text("detail").find("same name"), std::string::npos);
    EXPECT_EQ(create_key("{\"name\":\"\xff\xfe\"}").status, 400);
    EXPECT_EQ(create_key("{\"name\":\"\\ud800\"}").status, 400);
    EXPECT_EQ(create_key("[]").status, 400);
    EXPECT_EQ(create_key("null").status, 400);
}

TEST_F(ApiBadInput, WrongTypesNameTheFieldByItsPath) {
    const auto answer = create_key(R"({"name":7,"rights":[{"actions":["mail:read"]},{"actions":"mail:read","connections":[1]},5],"expires_at":"tomorrow"})");

    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.code(), "invalid-field");
    EXPECT_EQ(answer.text("field"), "name");
    std::string fields;
    for (const auto& refusal : answer.json.at("errors").as_array()) fields += std::string(json::view(refusal.at("field").as_string())) + " ";
    for (const auto* field : {"name ", "rights[1].actions ", "rights[1].connections[0] ", "rights[2] ", "expires_at "})
        EXPECT_NE(fields.find(field), std::string::npos) << fields;
}

TEST_F(ApiBadInput, UnknownFieldsAreRefusedWithASuggestion) {
    const auto answer = create_key(R"({"name":"a","rigths":[],"rights":[{"action":["mail:read"],"actions":["mail:read"]}]})");

    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.code(), "unknown-field");
    EXPECT_NE(answer.body.find("did you mean `rights`?"), std::string::npos);
    EXPECT_NE(answer.body.find("rights[0].action"), std::string::npos);
    EXPECT_NE(answer.body.find("did you mean `actions`?"), std::string::npos);
}

TEST_F(ApiBadInput, UnknownFieldNamesOfAnyShapeStayWellFormed) {
    const auto answer = create_key("{\"" + std::string(2000, 'x') + "\\u0000\\u3042\":1}");

    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(is_utf8(answer.body));
    EXPECT_LT(answer.body.size(), 4000u);
}

TEST_F(ApiBadInput, NamesActionsAndRangesAreValidated) {
    for (const auto* body :
         {R"({"name":"UPPER","rights":[{"actions":["mail:read"]}]})", R"({"name":"","rights":[{"actions":["mail:read"]}]})", R"({"name":"a","rights":[]})",
          R"({"name":"a"})", R"({"name":"a","rights":[{"actions":[]}]})", R"({"name":"a","rights":[{"actions":["mail:eat"]}]})",
          R"({"name":"a","rights":[{"actions":["mail:read"],"mailboxes":["nobody"]}]})",
          R"({"name":"a","rights":[{"actions":["mail:read"],"folders":["xyz"]}]})",
          R"({"name":"a","rights":[{"actions":["mail:read"]}],"allowed_ranges":["10.0.0.1/8"]})",
          R"({"name":"a","rights":[{"actions":["mail:read"]}],"expires_at":"2026-13-01T00:00:00Z"})",
          R"({"name":"a","rights":[{"actions":["mail:read"]}],"expires_at":"2020-01-01T00:00:00Z"})",
          R"({"name":"a\u0000","rights":[{"actions":["mail:read"]}]})"}) {
        const auto answer = create_key(body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_FALSE(answer.text("field").empty()) << body << answer.body;
    }
}

TEST_F(ApiBadInput, OtherMediaTypesAre415) {
    for (const auto* type :
         {"", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=shift_jis", "application/jsonp", "multipart/form-data"}) {
        Ask ask{"POST", "/v1/keys", "{}", world.admin};
        ask.content_type = type;
        EXPECT_EQ(world.ask(std::move(ask)).status, 415) << type;
    }
    Ask twice{"POST", "/v1/keys", "{}", world.admin, {{"Content-Type", "application/json"}, {"Content-Type", "application/json"}}};
    EXPECT_EQ(world.ask(std::move(twice)).status, 415);
}

TEST_F(ApiBadInput, BodiesWhereNoneBelongAndMissingOnesAre400) {
    EXPECT_EQ(world.ask({"GET", "/v1/keys", "{}", world.admin}).status, 400);
    EXPECT_EQ(world.ask({"POST", "/v1/keys", "", world.admin}).status, 400);
    EXPECT_EQ(world.ask({"POST", "/v1/connections/nothing/pause", R"({"now":true})", world.admin}).status, 400);
}

TEST_F(ApiBadInput, PathTricksFindNothing) {
    for (const auto* path : {"/",
                             "//",
                             "/v1",
                             "/v1/",
                             "/v1/keys/",
                             "/v1//keys",
                             "/v1/./keys",
                             "/v1/x/../keys",
                             "/v1/%2e%2e/keys",
                             "/v1/keys/..",
                             "/v1/keys/%2e",
                             "/V1/keys",
                             "/v1/keys/%00",
                             "/v1/keys/%zz",
                             "/v1/keys/%ff",
                             "/v1/keys%2Fadmin",
                             "/v1/keys/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r",
                             "v1/keys",
                             "*",
                             "/v1/keys/%0d%0aSet-Cookie:x"}) {
        const auto answer = world.get(path);
        EXPECT_EQ(answer.status, 404) << path;
        EXPECT_EQ(answer.code(), "not-found") << path;
    }
    EXPECT_EQ(world.get("/v1/keys/" + std::string(5000, 'a')).status, 404);
    EXPECT_EQ(world.get("/v1/keys/..%2fadmin").status, 404) << "an escaped slash is data, and no name";
}

TEST_F(ApiBadInput, QueriesAreReadAsStrictlyAsBodies) {
    EXPECT_EQ(world.get("/v1/keys?limit=0").text("field"), "limit");
    EXPECT_EQ(world.get("/v1/keys?limit=501").status, 400);
    EXPECT_EQ(world.get("/v1/keys?limit=ten").status, 400);
    EXPECT_EQ(world.get("/v1/keys?limit=99999999999999999999").status, 400);
    EXPECT_EQ(world.get("/v1/keys?limit=1&limit=2").status, 400);
    EXPECT_EQ(world.get("/v1/keys?limt=1").code(), "unknown-field");
    EXPECT_NE(world.get("/v1/keys?limt=1").text("detail").find("did you mean `limit`?"), std::string::npos);
    EXPECT_EQ(world.get("/v1/audit?action=%00").status, 400);
    EXPECT_EQ(world.get("/v1/audit?%ff=1").status, 400);
}

TEST_F(ApiBadInput, CursorsThatWereNotGivenAreRefused) {
    for (const auto* cursor : {"x", "====", "AAAA", "..%2f", "%00"}) {
        const auto answer = world.get("/v1/keys?cursor=" + std::string(cursor));
        EXPECT_EQ(answer.status, 400) << cursor;
        EXPECT_EQ(answer.text("field"), "cursor") << cursor;
    }
    EXPECT_EQ(world.get("/v1/keys?cursor=" + std::string(4000, 'A')).status, 400);
}

TEST_F(ApiBadInput, IfMatchThatIsNoEtagMatchesNothing) {
    for (const auto* tag : {"7", "W/\"1\"", "\"abc\"", "\"\"", "\"99999999999999999999999\"", "\"9\""}) {
        const auto answer = world.ask({"DELETE", "/v1/registrations/microsoft-app", {}, world.admin, {{"If-Match", tag}}});
        EXPECT_EQ(answer.status, 412) << tag;
    }
    EXPECT_EQ(world.ask({"DELETE", "/v1/registrations/microsoft-app", {}, world.admin, {{"If-Match", "\"1\", \"2\""}}}).status, 400);
}

TEST_F(ApiBadInput, WhatTheServerRefusesHasTheSameForm) {
    const auto answer = world.api->refuse(431, "more than 16 KiB of headers", "00");

    EXPECT_EQ(answer.status, 431);
    EXPECT_EQ(answer.headers.get("Content-Type"), "application/problem+json");
    EXPECT_NE(answer.body.find("\"code\":\"header-too-large\""), std::string::npos);
}

TEST_F(ApiBadInput, ProblemsSpeakTheLanguageThatIsAskedFor) {
    Ask ask{"GET", "/v1/nothing"};
    ask.headers.set("Accept-Language", "fr, ja;q=0.8, en;q=0.3");
    const auto answer = world.ask(std::move(ask));

    EXPECT_EQ(answer.headers.get("Content-Language"), "ja");
    EXPECT_EQ(answer.text("title"), error_row(Errc::not_found).title_ja);
    EXPECT_EQ(answer.text("remedy"), error_row(Errc::not_found).remedy_ja);
}

}  // namespace
}  // namespace renkei::testing
