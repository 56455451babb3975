// Issue 2: rotation of the vault's keys while the server serves, asked for by its API.
#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using core::Action;

class ApiVault : public ::testing::Test {
protected:
    Answer rotate(std::string body, std::string key = {}) { return world.post("/v1/vault/rotate", std::move(body), std::move(key)); }
    std::string operations_behind() { return std::to_string(world.get("/v1/vault").json.at("sealed_with_older_keys").to_number<int>()); }
    /// A rotation that has been accepted and is not worked on: as after a stop.
    core::OperationId given_an_unfinished_rotation(core::WorkspaceId workspace = home) {
        core::Operation operation;
        operation.workspace = workspace;
        operation.id = id_of<core::OperationId>(77);
        operation.kind = app::VaultRotation::kind;
        operation.request = R"({"targets":[],"request_id":"r"})";
        operation.created_at = operation.updated_at = world.clock.now();
        operation.expires_at = world.clock.now() + std::chrono::hours(1);
        world.commit(workspace, {app::InsertOperation{operation}});
        return operation.id;
    }
    ApiWorld world;
};

TEST_F(ApiVault, StatusSaysWhichKeysAreInUseAndWhatIsBehind) {
    world.vault.next_key(home);

    const auto answer = world.get("/v1/vault");

    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.text("master_key_source"), "the file master.key");
    EXPECT_EQ(answer.text("master_key_id"), "0000000000000001");
    EXPECT_TRUE(answer.json.at("can_replace_master_key").as_bool());
    EXPECT_EQ(answer.json.at("sealed_with_older_keys").to_number<int>(), 1) << "the registration's secret";
    EXPECT_TRUE(answer.json.at("running_operation").is_null());
}

TEST_F(ApiVault, RotatingDataKeysSealsEverythingAnewAndKeepsItReadable) {
    const auto connection = world.add_connection("invoice-mail");
    ASSERT_EQ(world.get("/v1/connections/invoice-mail/token", world.reader).status, 200);

    const auto started = rotate(R"({"data_keys":true})");
    const auto ended = world.wait_for_operation(started.text("id"));
    const auto items = world.get("/v1/operations/" + started.text("id") + "/items").json.at("items").as_array();

    EXPECT_EQ(started.status, 202);
    EXPECT_EQ(started.headers.get("Location"), "/v1/operations/" + started.text("id"));
    EXPECT_EQ(started.text("kind"), "vault.rotate");
    EXPECT_EQ(ended.text("state"), "done");
    for (const auto& item : items) EXPECT_TRUE(item.at("ok").as_bool()) << json::serialize(item);
    EXPECT_EQ(world.vault.newest_key(home), 2u);
    EXPECT_EQ(world.vault.newest_key(elsewhere), 2u) << "every workspace of the installation";
    EXPECT_EQ(operations_behind(), "0");
    EXPECT_EQ(world.get("/v1/vault").text("master_key_id"), "0000000000000001") << "the master key was not asked for";
    world.tokens->forget(connection.id);  // the store is asked again
    EXPECT_EQ(world.get("/v1/connections/invoice-mail/token", world.reader).text("access_token"), "access token of invoice-mail");
}

TEST_F(ApiVault, RotatingTheMasterKeyGivesItAnotherId) {
    const auto started = rotate(R"({"master_key":true})");
    const auto ended = world.wait_for_operation(started.text("id"));

    EXPECT_EQ(ended.text("state"), "done");
    EXPECT_EQ(ended.json.at("total").to_number<int>(), 1);
    EXPECT_EQ(world.get("/v1/vault").text("master_key_id"), "0000000000000002");
    EXPECT_EQ(world.vault.newest_key(home), 1u);
}

TEST_F(ApiVault, ManySecretsAreManyPartsSoThatProgressIsSeenAndACancelIsFollowed) {
    for (unsigned i = 0; i < 600; ++i) {
        const auto hash = sha256(std::to_string(i));
        world.commit(home, {app::InsertOneTime{home, "connect", hash, "", *world.vault.seal(app::one_time_place(home, hash), Secret("s")),
                                               world.clock.now() + std::chrono::hours(1)}});
    }

    const auto started = rotate(R"({"data_keys":true})");
    const auto ended = world.wait_for_operation(started.text("id"));

    EXPECT_EQ(started.json.at("total").to_number<int>(), 6) << "a data key and three parts; a data key and one part of the other workspace";
    EXPECT_EQ(ended.json.at("done").to_number<int>(), 6);
    EXPECT_EQ(operations_behind(), "0");
}

TEST_F(ApiVault, WhatDoesNotOpenIsToldByTheLastPartAndLeftAsItIs) {
    const auto hash = sha256("broken");
    world.commit(home, {app::InsertOneTime{home, "connect", hash, "", *world.vault.seal(app::one_time_place(home, sha256("another place")), Secret("s")),
                                           world.clock.now() + std::chrono::hours(1)}});

    const auto id = rotate(R"({"data_keys":true})").text("id");
    world.wait_for_operation(id);
    int failed = 0;
    for (const auto& item : world.get("/v1/operations/" + id + "/items").json.at("items").as_array())
        if (!item.at("ok").as_bool()) {
            ++failed;
            EXPECT_EQ(item.at("code").as_string(), "vault-locked");
        }

    EXPECT_EQ(failed, 1);
    EXPECT_EQ(operations_behind(), "1");
}

TEST_F(ApiVault, TheStartAndEveryNewKeyAreAudited) {
    world.wait_for_operation(rotate(R"({"master_key":true,"data_keys":true})").text("id"));

    std::vector<std::string> rows;
    for (const auto& row : world.store.audit(home))
        if (row.action.starts_with("vault.")) rows.push_back(row.action + " " + row.target + " " + row.principal_name + " " + row.request_id.substr(0, 4));
    const std::vector<std::string> expected{"vault.rotate vault admin 0123", "vault.key vault:master-key vault.rotate 0123",
                                            "vault.key vault:data-key-2 vault.rotate 0123"};
    EXPECT_EQ(rows, expected);
    EXPECT_EQ(world.store.audit(elsewhere).back().action, "vault.key") << "each workspace sees what became of its own key";
}

TEST_F(ApiVault, WithoutTheRightOrFromAnotherWorkspaceItIsRefusedAndAudited) {
    const auto operator_only = world.add_key("operations", {Action::operations_read, Action::operations_write, Action::vault_read});
    const auto stranger = world.add_key("stranger", {Action::vault_read, Action::vault_rotate}, elsewhere);

    EXPECT_EQ(rotate(R"({"data_keys":true})", operator_only).code(), "denied");
    EXPECT_EQ(world.ask({"POST", "/v1/vault/rotate", R"({"data_keys":true})"}).status, 401);
    EXPECT_EQ(world.get("/v1/vault", stranger).code(), "denied");
    ASSERT_FALSE(world.store.audit(elsewhere).empty());
    EXPECT_FALSE(world.store.audit(elsewhere).back().allowed);
    EXPECT_EQ(rotate(R"({"data_keys":true})", stranger).code(), "denied");
    EXPECT_EQ(world.store.audit(elsewhere).back().action, "vault.rotate");
    EXPECT_FALSE(world.store.audit(elsewhere).back().allowed);

    EXPECT_EQ(world.vault.newest_key(home), 1u);
    EXPECT_TRUE(run_task(world.store.unfinished_operations())->empty());
}

TEST_F(ApiVault, TheRightToStartOperationsDoesNotStartThisKind) {
    EXPECT_EQ(world.post("/v1/operations", R"({"kind":"vault.rotate"})").text("field"), "kind");
    EXPECT_TRUE(run_task(world.store.unfinished_operations())->empty());
}

TEST_F(ApiVault, ABodyThatNamesNothingOrSomethingElseIsRefused) {
    for (const auto* body : {"{}", R"({"master_key":false,"data_keys":false})", R"({"data_keys":null})"}) EXPECT_EQ(rotate(body).text("field"), "data_keys");
    EXPECT_EQ(rotate(R"({"data_keys":"yes"})").status, 400);
    EXPECT_EQ(rotate(R"({"data_keys":true,"new_key":"AAAA"})").code(), "unknown-field") << "no key is taken over the network";
    EXPECT_EQ(rotate("[]").status, 400);
    EXPECT_EQ(world.get("/v1/vault?all=1").status, 400);
}

TEST_F(ApiVault, WhileAnotherRotationHasNotEndedItIsAConflictThatNamesIt) {
    const auto other = given_an_unfinished_rotation();

    const auto refused = rotate(R"({"data_keys":true})");

    EXPECT_EQ(refused.status, 409);
    EXPECT_NE(refused.text("detail").find(other.text()), std::string::npos) << refused.body;
    EXPECT_EQ(world.get("/v1/vault").text("running_operation"), other.text());
    EXPECT_EQ(world.vault.newest_key(home), 1u);
}

TEST_F(ApiVault, AMasterKeyFromElsewhereIsTheOperatorsToReplaceButDataKeysAreNot) {
    world.vault_keys.give_master_from_outside();

    const auto refused = rotate(R"({"master_key":true,"data_keys":true})");

    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.code(), "needs-operator");
    EXPECT_EQ(refused.text("actor"), "operator");
    EXPECT_NE(refused.text("detail").find("the environment"), std::string::npos);
    EXPECT_NE(refused.text("detail").find("renkei vault rotate --master --new-key-file FILE"), std::string::npos);
    EXPECT_FALSE(world.get("/v1/vault").json.at("can_replace_master_key").as_bool());
    EXPECT_EQ(world.wait_for_operation(rotate(R"({"data_keys":true})").text("id")).text("state"), "done");
}

TEST_F(ApiVault, AFailedStepIsToldAndLeavesTheOldKeySealing) {
    world.store.fail_commits_when([](const app::UnitOfWork& unit) {
        const auto* row = unit.size() == 1 ? std::get_if<app::AppendAudit>(&unit.front()) : nullptr;
        return row != nullptr && row->row.action == "vault.key" ? std::optional(Errc::storage_full) : std::nullopt;
    });

    const auto id = rotate(R"({"data_keys":true})").text("id");
    world.wait_for_operation(id);
    const auto items = world.get("/v1/operations/" + id + "/items").json.at("items").as_array();

    EXPECT_EQ(items[0].at("code").as_string(), "storage-full");
    EXPECT_EQ(items[1].at("code").as_string(), "conflict") << "nothing is sealed anew with a key that was not made";
    EXPECT_EQ(world.vault.newest_key(home), 1u);
    EXPECT_EQ(operations_behind(), "0");
}

}  // namespace
}  // namespace renkei::testing
