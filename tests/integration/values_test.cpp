// Where fields take their values from (A-32): stored credentials, variables, files, environment, external vaults, or typed.
#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

class ValueSources : public ::testing::Test {
protected:
    Answer store(const std::string& name, const std::string& value) {
        return world.post("/v1/credentials", R"({"name":")" + name + R"(","value":")" + value + "\"}");
    }
    Answer registration(const std::string& more, const std::string& name = "app") {
        return world.post("/v1/registrations", R"({"name":")" + name + R"(","connector":"microsoft","tenant":"tenant-1",)" + more + "}");
    }
    ApiWorld world;
};

TEST_F(ValueSources, A32_AStoredCredentialIsNeverShown) {
    const auto made = store("app-secret", "planted-secret");
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.text("reference"), "credential:app-secret");
    for (const auto& answer : {made, world.get("/v1/credentials"), world.get("/v1/credentials/app-secret")})
        EXPECT_EQ(answer.body.find("planted"), std::string::npos);
    EXPECT_EQ(store("app-secret", "x").code(), "conflict");
    EXPECT_EQ(store("App Secret", "x").status, 400);
    EXPECT_EQ(store("empty", "").status, 400);
}

TEST_F(ValueSources, A32_EachFieldOfAnAppMayBeAReference) {
    store("app-secret", "planted-secret");
    store("app-id", "client-from-vault");
    world.ask({"PUT", "/v1/variables/tenant", R"({"value":"tenant-7"})", world.admin});

    const auto made = world.post("/v1/registrations", R"({"name":"app","connector":"microsoft","client_id_from":"credential:app-id",
        "tenant_from":"variable:tenant","credential_from":"credential:app-secret"})");

    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.text("client_id"), "client-from-vault");
    EXPECT_EQ(made.text("tenant"), "tenant-7");
    EXPECT_EQ(made.json.at("sources").at("client_id").as_string(), "credential:app-id");
    EXPECT_EQ(made.json.at("credentials").as_array().front().at("source").as_string(), "credential:app-secret");
    EXPECT_FALSE(made.json.at("credentials").as_array().front().at("insecure").as_bool());
    EXPECT_EQ(made.body.find("planted"), std::string::npos);
}

TEST_F(ValueSources, A32_TheReferenceIsReadAtEveryExchangeSoARotationNeedsNoOtherChange) {
    store("app-secret", "first");
    ASSERT_EQ(registration(R"("client_id":"client","credential_from":"credential:app-secret")").status, 201);
    auto row = *run_task(world.store.find_registration_by_name(home, a_name("app")));
    auto& endpoint = world.tokens->endpoint();
    EXPECT_EQ(run_task(endpoint.client_of(home, row.id, "r"))->client.auth.material.expose(), "first");

    EXPECT_EQ(world.post("/v1/credentials/app-secret/versions", R"({"value":"second"})").status, 201);

    EXPECT_EQ(run_task(endpoint.client_of(home, row.id, "r"))->client.auth.material.expose(), "second");
    EXPECT_EQ(world.ask({"DELETE", "/v1/credentials/app-secret/versions/2", "", world.admin}).code(), "conflict") << "the one in use";
    EXPECT_EQ(world.ask({"DELETE", "/v1/credentials/app-secret/versions/1", "", world.admin}).status, 200);
}

TEST_F(ValueSources, A32_APinnedVersionStays) {
    store("app-secret", "first");
    world.post("/v1/credentials/app-secret/versions", R"({"value":"second"})");
    ASSERT_EQ(registration(R"("client_id":"client","credential_from":"credential:app-secret@1")").status, 201);
    const auto row = *run_task(world.store.find_registration_by_name(home, a_name("app")));
    EXPECT_EQ(run_task(world.tokens->endpoint().client_of(home, row.id, "r"))->client.auth.material.expose(), "first");
    EXPECT_EQ(registration(R"("client_id":"c","credential_from":"credential:app-secret@9")", "b").code(), "value-missing");
}

TEST_F(ValueSources, A32_AReferenceServesNoOtherTokenHost) {
    store("app-secret", "planted-secret");
    ASSERT_EQ(registration(R"("client_id":"client","credential_from":"credential:app-secret")").status, 201);
    auto row = *run_task(world.store.find_registration_by_name(home, a_name("app")));
    row.credentials.front().bound_to = "microsoft https://another.example";
    const auto before = row.version++;
    world.commit(home, {app::UpdateRegistration{row, before}});

    const auto refused = run_task(world.tokens->endpoint().client_of(home, row.id, "r"));

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::source_refused);
}

TEST_F(ValueSources, A32_FilesEnvironmentAndExternalVaultsAreSourcesToo) {
    world.value_files.files["app/secret.txt"] = "from-file";
    world.value_files.variables["ACME_SECRET"] = "from-environment";
    world.external_values.values["corp/apps/mail#secret"] = "from-vault";
    int number = 0;
    for (const auto& [reference, value] : std::vector<std::pair<std::string, std::string>>{
             {"file:app/secret.txt", "from-file"}, {"env:ACME_SECRET", "from-environment"}, {"vault:corp/apps/mail#secret", "from-vault"}}) {
        const auto name = "app" + std::to_string(number++);
        ASSERT_EQ(registration(R"("client_id":"client","credential_from":")" + reference + "\"", name).status, 201) << reference;
        const auto row = *run_task(world.store.find_registration_by_name(home, a_name(name)));
        EXPECT_EQ(run_task(world.tokens->endpoint().client_of(home, row.id, "r"))->client.auth.material.expose(), value);
    }
}

TEST_F(ValueSources, A32_WhatARefersToMustBeThereAndFit) {
    EXPECT_EQ(registration(R"("client_id":"c","credential_from":"credential:nothing")").code(), "value-missing");
    EXPECT_EQ(registration(R"("client_id":"c","credential_from":"file:../x")").status, 400);
    EXPECT_EQ(registration(R"("client_id":"c","credential_from":"plain text")").status, 400);
    store("both", "x");
    EXPECT_EQ(registration(R"("client_id":"c","client_secret":"y","credential_from":"credential:both")").status, 400) << "one of the two";
    EXPECT_EQ(registration(R"("client_id":"c","auth_method":"client_certificate","credential_from":"credential:both")").code(), "value-unusable");
    world.external_values.refusal = Error{Errc::external_vault_sealed, "corp is sealed"};
    EXPECT_EQ(registration(R"("client_id":"c","credential_from":"vault:corp/a")").code(), "external-vault-sealed");
}

TEST_F(ValueSources, A32_AWorkspaceMayForbidSecretsThatAreTypedIn) {
    ASSERT_EQ(registration(R"("client_id":"c","client_secret":"typed")", "typed").status, 201);
    EXPECT_EQ(world.store.audit(home).back().reason, "granted by a right of the caller, its secret was typed in");
    ASSERT_EQ(world.ask({"PUT", "/v1/values/rules", R"({"literals":"forbidden"})", world.admin}).status, 200);

    EXPECT_EQ(registration(R"("client_id":"c","client_secret":"typed")", "typed2").code(), "value-source-not-allowed");
    store("app-secret", "x");
    EXPECT_EQ(registration(R"("client_id":"c","credential_from":"credential:app-secret")", "ref").status, 201);
}

TEST_F(ValueSources, B11_WhatDependsOnACredentialIsListedAndKeepsIt) {
    store("app-secret", "x");
    registration(R"("client_id":"c","credential_from":"credential:app-secret")");
    const auto listed = world.get("/v1/credentials/app-secret/dependents");
    ASSERT_EQ(listed.json.at("items").as_array().size(), 1u) << listed.body;
    EXPECT_EQ(listed.json.at("items").as_array().front().at("name").as_string(), "app");

    EXPECT_EQ(world.ask({"DELETE", "/v1/credentials/app-secret", "", world.admin}).code(), "conflict");
    world.ask({"DELETE", "/v1/registrations/app", "", world.admin});
    EXPECT_EQ(world.ask({"DELETE", "/v1/credentials/app-secret", "", world.admin}).status, 204);
}

TEST_F(ValueSources, A53_AConnectionsMailboxMayBeAVariableInsideTheFence) {
    ASSERT_EQ(registration(R"("client_id":"c","client_secret":"s3cret")").status, 201);
    world.ask({"PUT", "/v1/variables/box", R"({"value":"sales@acme.example"})", world.admin});
    const auto made = world.post("/v1/connections", R"({"name":"by-variable","registration":"app","mode":"client_credentials","mailbox_from":"variable:box",
        "fence":{"mailboxes":["sales@acme.example"]}})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.json.at("sources").at("mailbox").as_string(), "variable:box");
    EXPECT_EQ(world.ask({"DELETE", "/v1/variables/box", "", world.admin}).code(), "conflict");
}

TEST_F(ValueSources, A32_VariablesHaveATypeAndNoOtherValue) {
    EXPECT_EQ(world.ask({"PUT", "/v1/variables/days", R"({"type":"number","value":"7"})", world.admin}).status, 200);
    EXPECT_EQ(world.ask({"PUT", "/v1/variables/days", R"({"type":"number","value":"seven"})", world.admin}).status, 400);
    EXPECT_EQ(world.ask({"PUT", "/v1/variables/flag", R"({"type":"boolean","value":"yes"})", world.admin}).status, 400);
    const auto builder = world.add_key("nobody", {core::Action::mail_read});
    EXPECT_EQ(world.ask({"PUT", "/v1/variables/days", R"({"value":"1"})", builder}).status, 403);
    EXPECT_EQ(world.get("/v1/variables", builder).status, 403);
    EXPECT_EQ(world.get("/v1/credentials", world.add_key("foreign", {core::Action::values_read}, elsewhere)).json.at("items").as_array().size(), 0u);
}

}  // namespace
}  // namespace renkei::testing
