#include "app/password.hpp"
#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

class ApiSetup : public ::testing::Test {
protected:
    std::string make_code() {
        auto link = run_task(world.setup->ensure_setup_link()).value();
        const std::string url(link->url.expose());
        return url.substr(url.rfind('/') + 1);
    }
    Answer complete(const std::string& code, const std::string& rest = {}) {
        return world.ask(
            {"POST", "/v1/setup",
             R"({"code":")" + code + R"(","email":"Hanako@Acme.example","display_name":"山田花子","password":"correct horse battery")" + rest + "}"});
    }
    ApiWorld world{ApiWorld::Start::empty};
};

TEST_F(ApiSetup, TheLinkMakesWorkspaceAdministratorAndOneKey) {
    const auto done = complete(make_code());

    ASSERT_EQ(done.status, 201) << done.body;
    EXPECT_TRUE(done.secret);
    EXPECT_EQ(done.text("workspace"), "main");
    const auto key = std::string(*json::text(done.json.at("key").as_object(), "text"));
    EXPECT_EQ(world.get("/v1/me", key).text("workspace"), "main");
    EXPECT_EQ(world.get("/v1/folders/default", key).status, 200);
    EXPECT_EQ(world.post("/v1/keys", R"({"name":"robot","rights":[{"actions":["mail:read","mail:send"]}]})", key).status, 201);
    const auto person = run_task(world.store.find_person_by_email("hanako@acme.example")).value();
    EXPECT_TRUE(person.password_hash.starts_with("$argon2id$"));
    EXPECT_TRUE(app::is_password(person.password_hash, Secret("correct horse battery")));
    EXPECT_FALSE(app::is_password(person.password_hash, Secret("correct horse batterx")));
    EXPECT_EQ(run_task(world.store.all_data_keys())->size(), 1u);
}

TEST_F(ApiSetup, TokensReadAndNativeAreOffUnlessNamed) {
    const auto done = complete(make_code());
    EXPECT_EQ(done.body.find("tokens:read"), std::string::npos);
    EXPECT_EQ(done.body.find("native"), std::string::npos);

    ApiWorld other(ApiWorld::Start::empty);
    const std::string url(run_task(other.setup->ensure_setup_link()).value()->url.expose());
    const auto named = other.ask({"POST", "/v1/setup",
                                  R"({"code":")" + url.substr(url.rfind('/') + 1) +
                                      R"(","email":"a@b.example","display_name":"A","password":"correct horse battery","also":["tokens:read"]})"});
    EXPECT_NE(named.body.find("tokens:read"), std::string::npos);
}

TEST_F(ApiSetup, ACodeWorksOnce) {
    const auto code = make_code();
    ASSERT_EQ(complete(code).status, 201);

    EXPECT_EQ(complete(code).status, 410);
    EXPECT_EQ(world.ask({"GET", "/setup/" + code}).status, 410);
    EXPECT_FALSE(run_task(world.setup->ensure_setup_link()).value().has_value());
    EXPECT_EQ(run_task(world.store.all_workspaces())->size(), 1u);
}

TEST_F(ApiSetup, ACodeOfAnEarlierStartIsWorthlessAfterSetUp) {
    const auto earlier = make_code(), later = make_code();
    ASSERT_EQ(complete(later).status, 201);

    EXPECT_EQ(complete(earlier).status, 410);
}

TEST_F(ApiSetup, ACodeEndsAfterAnHour) {
    const auto code = make_code();
    world.clock.advance(std::chrono::hours(1));

    EXPECT_EQ(complete(code).status, 410);
}

TEST_F(ApiSetup, WrongCodesLearnNothingAndStoreNothing) {
    make_code();
    const auto commits = world.store.commits();

    EXPECT_EQ(complete("guess").status, 410);
    EXPECT_EQ(world.ask({"POST", "/v1/setup", R"({"code":"guess","email":"x","display_name":"A","password":"short"})"}).status, 410);
    EXPECT_EQ(world.store.commits(), commits);
}

TEST_F(ApiSetup, BadFieldsAreNamedAndTheCodeStaysGood) {
    const auto code = make_code();
    const std::pair<const char*, const char*> cases[] = {
        {R"("email":"nobody","display_name":"A","password":"correct horse battery")", "email"},
        {R"("email":"a@b.example","display_name":" ","password":"correct horse battery")", "display_name"},
        {R"("email":"a@b.example","display_name":"A","password":"too short")", "password"},
        {R"("email":"a@b.example","display_name":"A","password":"correct horse battery","locale":"fr")", "locale"},
        {R"("email":"a@b.example","display_name":"A","password":"correct horse battery","also":["mail:read"])", "also"},
        {R"("email":"a@b.example","display_name":"A","password":"correct horse battery","admin":true)", "admin"},
    };
    for (const auto& [body, field] : cases) {
        const auto answer = world.ask({"POST", "/v1/setup", R"({"code":")" + code + "\"," + body + "}"});
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(answer.text("field"), field) << answer.body;
        EXPECT_EQ(answer.body.find("too short"), std::string::npos);
    }
    EXPECT_EQ(complete(code).status, 201);
}

TEST_F(ApiSetup, TwoAtTheSameMomentMakeOneWorkspace) {
    const auto code = make_code();
    asio::io_context loop(1);
    int made = 0, refused = 0;
    for (int i = 0; i < 3; ++i) {
        app::SetupWish wish{Secret(code), "a@b.example", "A", Secret("correct horse battery")};
        asio::co_spawn(loop, world.setup->complete(std::move(wish), "req"),
                       [&](std::exception_ptr, Result<app::SetupDone> done) { ++(done ? made : refused); });
    }
    loop.run();

    EXPECT_EQ(made, 1);
    EXPECT_EQ(refused, 2);
    EXPECT_EQ(run_task(world.store.all_workspaces())->size(), 1u);
}

}  // namespace
}  // namespace renkei::testing
