#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

class ApiRegistrations : public ::testing::Test {
protected:
    ApiWorld world;
};

TEST_F(ApiRegistrations, ASecretGoesInAndNeverComesOut) {
    const auto made = world.post("/v1/registrations", R"({"name":"app","connector":"microsoft","client_id":"c:l+i%e&n t","client_secret":"p@ss:w+o%r&d !"})");

    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.text("tenant"), "common");
    EXPECT_EQ(made.text("cloud"), "global");
    EXPECT_EQ(made.text("client_id"), "c:l+i%e&n t");
    EXPECT_EQ(made.text("redirect_uri"), "https://renkei.example/provisioning_/callback/microsoft");
    for (const auto* path : {"/v1/registrations/app", "/v1/registrations", "/v1/audit"})
        EXPECT_EQ(world.get(path).body.find("w+o%r"), std::string::npos) << path;
    const auto stored = run_task(world.store.find_registration_by_name(home, a_name("app"))).value();
    EXPECT_EQ(stored.credentials.front().material.bytes.find("w+o%r"), std::string::npos);
    EXPECT_EQ(world.vault.open(app::credential_place(home, stored.id, 1), stored.credentials.front().material)->expose(), "p@ss:w+o%r&d !");
}

TEST_F(ApiRegistrations, BadOnesNameTheFieldAndNeverTheSecret) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"name":"app","connector":"mikrosoft","client_id":"c","client_secret":"hush-hush"})", "connector"},
        {R"({"name":"app","connector":"microsoft","client_id":"c"})", "client_secret"},
        {R"({"name":"app","connector":"microsoft","client_id":"","client_secret":"hush-hush"})", "client_id"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":"hush-hush","tenant":"a/b"})", "tenant"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":"hush-hush","cloud":"mars"})", "cloud"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":"hush-hush","issuer":"https://a.example"})", "issuer"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":"hush-hush","auth_method":"none"})", "auth_method"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","auth_method":"private_key_jwt","private_key":"hush-hush"})", "private_key"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":"hush-hush","private_key":"x"})", "client_secret"},
        {R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":["hush-hush"]})", "client_secret"},
        {R"({"name":"app","connector":"oauth","client_id":"c","client_secret":"hush-hush"})", "issuer"},
        {R"({"name":"app","connector":"oauth","client_id":"c","client_secret":"hush-hush","token_endpoint":"http://a.example/token"})", "token_endpoint"},
        {R"({"name":"app","connector":"oauth","client_id":"c","client_secret":"hush-hush","token_endpoint":"https://u:p@a.example/t"})", "token_endpoint"},
        {R"({"name":"app","connector":"oauth","client_id":"c","client_secret":"hush-hush","issuer":"https://a.example","tenant":"t"})", "tenant"},
    };
    for (const auto& [body, field] : cases) {
        const auto answer = world.post("/v1/registrations", body);
        EXPECT_EQ(answer.status, 400) << body;
        EXPECT_EQ(answer.text("field"), field) << answer.body;
        EXPECT_EQ(answer.body.find("hush-hush"), std::string::npos);
    }
}

TEST_F(ApiRegistrations, AGenericServerTakesAllFourWaysToProveTheClient) {
    const std::string rest = R"(,"connector":"oauth","client_id":"c","issuer":"https://id.example")";
    EXPECT_EQ(world.post("/v1/registrations", R"({"name":"a","auth_method":"client_secret_basic","client_secret":"s")" + rest + "}").status, 201);
    EXPECT_EQ(world.post("/v1/registrations", R"({"name":"b","auth_method":"client_secret_post","client_secret":"s")" + rest + "}").status, 201);
    EXPECT_EQ(world.post("/v1/registrations", R"({"name":"c","auth_method":"none")" + rest + "}").status, 201);
    EXPECT_EQ(world.post("/v1/registrations", R"({"name":"d","auth_method":"none","client_secret":"s")" + rest + "}").text("field"), "client_secret");
}

TEST_F(ApiRegistrations, ANewCredentialIsANewVersionAndTheNewest) {
    const auto added = world.post("/v1/registrations/microsoft-app/credentials", R"({"client_secret":"newer","expires_at":"2027-01-01T00:00:00Z"})");

    ASSERT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(added.json.at("credentials").as_array().size(), 2u);
    EXPECT_EQ(added.json.at("credentials").as_array().front().at("version").as_int64(), 2);
    EXPECT_EQ(world.store.audit(home).back().credential_version, 2u);
    EXPECT_EQ(world.post("/v1/registrations/microsoft-app/credentials", "{}").text("field"), "client_secret");
    EXPECT_EQ(world.post("/v1/registrations/microsoft-app/credentials", R"({"client_secret":"old","expires_at":"2020-01-01T00:00:00Z"})").text("field"),
              "expires_at");
    EXPECT_EQ(world.post("/v1/registrations/nothing/credentials", R"({"client_secret":"s"})").status, 404);
}

TEST_F(ApiRegistrations, OneInUseIsNotRemoved) {
    world.add_connection("invoice-mail");

    const auto refused = world.ask({"DELETE", "/v1/registrations/microsoft-app", {}, world.admin});
    world.ask({"DELETE", "/v1/connections/invoice-mail", {}, world.admin});

    EXPECT_EQ(refused.status, 409);
    EXPECT_NE(refused.text("detail").find("1 connection"), std::string::npos);
    EXPECT_EQ(world.ask({"DELETE", "/v1/registrations/microsoft-app", {}, world.admin}).status, 204);
    EXPECT_EQ(world.get("/v1/registrations/microsoft-app").status, 404);
}

TEST_F(ApiRegistrations, AClosedVaultStoresNothing) {
    world.vault.lock();
    const auto commits = world.store.commits();

    EXPECT_EQ(world.post("/v1/registrations", R"({"name":"app","connector":"microsoft","client_id":"c","client_secret":"s"})").code(), "vault-locked");

    EXPECT_EQ(world.store.commits(), commits);
    EXPECT_EQ(world.ask({"GET", "/readyz"}).status, 503);
    EXPECT_EQ(world.ask({"GET", "/healthz"}).status, 200);
}

}  // namespace
}  // namespace renkei::testing
