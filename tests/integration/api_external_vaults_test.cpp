// A-32, T-12: external vaults over the API. Every answer is held against docs/api/openapi.yaml by ApiWorld.
#include "app/ports/seal_places.hpp"
#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

constexpr const char* main_vault = R"({"name":"main","kind":"hashicorp","auth":"token","address":"https://vault.example:8200","auth_secret":"hush-hush"})";

class ApiExternalVaults : public ::testing::Test {
protected:
    Answer patch(std::string body, Headers headers = {}) {
        return world.ask({"PATCH", "/v1/external-vaults/main", std::move(body), world.admin, std::move(headers)});
    }
    Answer remove() { return world.ask({"DELETE", "/v1/external-vaults/main", {}, world.admin}); }
    ApiWorld world;
};

TEST_F(ApiExternalVaults, ASecretGoesInAndNeverComesOut) {
    const auto made = world.post("/v1/external-vaults", main_vault);

    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.text("mount"), "secret");
    EXPECT_EQ(made.text("state"), "unknown");
    for (const auto* path : {"/v1/external-vaults/main", "/v1/external-vaults", "/v1/audit"}) {
        const auto answer = world.get(path);
        EXPECT_EQ(answer.status, 200) << path;
        EXPECT_EQ(answer.body.find("hush-hush"), std::string::npos) << path;
    }
    EXPECT_EQ(made.body.find("hush-hush"), std::string::npos);
    const auto stored = run_task(world.store.find_external_vault(home, a_name("main"))).value();
    EXPECT_EQ(world.vault.open(app::external_vault_place(home, stored.id, 1), stored.auth_secret)->expose(), "hush-hush");
}

TEST_F(ApiExternalVaults, BadOnesNameTheFieldAndNeverTheSecret) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"kind":"hashicorp","auth":"token","address":"https://v.example","auth_secret":"hush-hush"})", "name"},
        {R"({"name":"a","kind":"keepass","auth":"token","address":"https://v.example","auth_secret":"hush-hush"})", "kind"},
        {R"({"name":"a","auth":"token","address":"https://v.example","auth_secret":"hush-hush"})", "kind"},
        {R"({"name":"a","kind":"hashicorp","auth":"ldap","address":"https://v.example","auth_secret":"hush-hush"})", "auth"},
        {R"({"name":"a","kind":"hashicorp","auth":"token","address":"http://v.example","auth_secret":"hush-hush"})", "address"},
        {R"({"name":"a","kind":"https","auth":"token","address":"https://v.example/x","auth_secret":"hush-hush"})", "address"},
        {R"({"name":"a","kind":"hashicorp","auth":"token","address":"https://v.example"})", "auth_secret"},
        {R"({"name":"a","kind":"hashicorp","auth":"token","address":"https://v.example","auth_secret":"hush-hush","cache_seconds":86401})", "cache_seconds"},
        {R"({"name":"a","kind":"hashicorp","auth":"token","address":"https://v.example","auth_secret":"hush-hush","token":"x"})", "token"},
    };
    for (const auto& [body, field] : cases) {
        const auto refused = world.post("/v1/external-vaults", body);

        EXPECT_EQ(refused.status, 400) << body;
        EXPECT_NE(refused.body.find(field), std::string::npos) << refused.body;
        EXPECT_EQ(refused.body.find("hush-hush"), std::string::npos) << refused.body;
    }
}

TEST_F(ApiExternalVaults, AChangeOfTheAddressNeedsTheSecretAgain) {
    ASSERT_EQ(world.post("/v1/external-vaults", main_vault).status, 201);

    const auto stolen = patch(R"({"address":"https://evil.example"})");
    const auto moved = patch(R"({"address":"https://vault2.example","auth_secret":"newer"})");

    EXPECT_EQ(stolen.status, 400);
    EXPECT_NE(stolen.body.find("auth_secret"), std::string::npos) << stolen.body;
    EXPECT_EQ(moved.status, 200) << moved.body;
    EXPECT_EQ(moved.text("address"), "https://vault2.example");
}

TEST_F(ApiExternalVaults, CheckSaysOnlyThatItWorks) {
    ASSERT_EQ(world.post("/v1/external-vaults", main_vault).status, 201);
    world.external_vault.put({"app", "client_secret", "2"}, "the-value-itself");

    const auto works = world.post("/v1/external-vaults/main/check", R"({"path":"app","field":"client_secret","version":"2"})");
    const auto missing = world.post("/v1/external-vaults/main/check", R"({"path":"nowhere"})");

    EXPECT_EQ(works.status, 200) << works.body;
    EXPECT_EQ(works.text("state"), "works");
    EXPECT_EQ(works.body.find("the-value-itself"), std::string::npos);
    EXPECT_EQ(missing.code(), "value-missing") << missing.body;
    EXPECT_EQ(world.external_vault.auth_secret(), "hush-hush");
}

TEST_F(ApiExternalVaults, TheStateSaysWhoMustAct) {
    ASSERT_EQ(world.post("/v1/external-vaults", main_vault).status, 201);
    for (const auto& [code, status] :
         {std::pair{Errc::external_vault_sealed, 503}, {Errc::external_vault_refused, 409}, {Errc::external_vault_unreachable, 503}}) {
        world.external_vault.refuse(code);

        const auto refused = world.post("/v1/external-vaults/main/check", R"({"path":"app"})");

        EXPECT_EQ(refused.status, status) << refused.body;
        EXPECT_EQ(refused.code(), error_row(code).slug);
        EXPECT_EQ(world.get("/v1/external-vaults/main").text("state"), error_row(code).slug);
    }
}

TEST_F(ApiExternalVaults, AStaleVersionChangesNothing) {
    ASSERT_EQ(world.post("/v1/external-vaults", main_vault).status, 201);
    ASSERT_EQ(patch(R"({"cache_seconds":10})").status, 200);

    const auto late = patch(R"({"cache_seconds":20})", {{"If-Match", "\"1\""}});

    EXPECT_EQ(late.status, 412) << late.body;
}

TEST_F(ApiExternalVaults, WhatIsRemovedIsGone) {
    ASSERT_EQ(world.post("/v1/external-vaults", main_vault).status, 201);

    EXPECT_EQ(remove().status, 204);

    EXPECT_EQ(world.get("/v1/external-vaults/main").status, 404);
    EXPECT_EQ(world.post("/v1/external-vaults/main/check", R"({"path":"app"})").status, 404);
    EXPECT_EQ(remove().status, 404);
}

}  // namespace
}  // namespace renkei::testing
