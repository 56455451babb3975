// U-82: who may do what in a folder, given and taken back.
#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using core::Action;

/// A shared folder of admin's with a connection in it, and a key that sees it only by the folder's grant.
class ApiFolders : public ::testing::Test {
protected:
    ApiFolders() {
        world.post("/v1/folders", R"({"name":"team"})");
        connection = world.add_connection("team-mail");
        auto moved = connection;
        moved.folder = folder_id();
        moved.version = connection.version + 1;
        world.commit(home, {app::UpdateConnection{moved, connection.version}});
        robot = world.add_key("robot", {Action::tokens_read, Action::connections_read, Action::connections_write});
    }
    core::FolderId folder_id() { return *core::FolderId::parse(world.get("/v1/folders/team").text("id")); }
    Answer grant(std::string body, std::string key = {}) {
        return world.ask({"PUT", "/v1/folders/team/grants", std::move(body), key.empty() ? world.admin : std::move(key)});
    }
    Answer revoke(const std::string& holder, std::string key = {}) {
        return world.ask({"DELETE", "/v1/folders/team/grants" + holder, {}, key.empty() ? world.admin : std::move(key)});
    }
    Answer read() { return world.get("/v1/connections/team-mail/token", robot); }
    ApiWorld world;
    core::Connection connection;
    std::string robot;
};

TEST_F(ApiFolders, U82_AKeyWhoseRightIsTakenBackIsRefusedOnTheNextCall) {
    EXPECT_EQ(read().status, 404);
    ASSERT_EQ(grant(R"({"key":"robot","right":"use"})").status, 200);
    ASSERT_EQ(read().status, 200);

    EXPECT_EQ(revoke("?key=robot").status, 204);

    EXPECT_EQ(read().status, 404);
    EXPECT_EQ(world.get("/v1/folders/team", robot).status, 404);
    EXPECT_EQ(world.get("/v1/folders/team").json.at("grants").as_array().size(), 1u) << "admin's own stays";
    const auto row = world.store.audit(home).back();
    EXPECT_TRUE(std::ranges::any_of(world.store.audit(home), [](const core::AuditRow& one) {
        return one.action == "folder.revoke" && one.allowed && one.target == "folder:team" && one.reason.ends_with("from robot");
    })) << row.action;
}

TEST_F(ApiFolders, U82_AKeptTokenDecisionIsForgottenWithTheGrantItRestsOn) {
    grant(R"({"key":"robot","right":"use"})");
    ASSERT_EQ(read().status, 200);
    const auto hash = world.vault.lookup_hash(Secret(robot));
    const auto fast = [&] { return world.releases->try_release(hash, "team-mail", {}, *core::parse_address("192.0.2.7")).ticket != nullptr; };
    ASSERT_TRUE(fast());

    world.releases->committed({app::AppendAudit{}});
    EXPECT_TRUE(fast()) << "nothing that it rests on has changed";
    world.releases->committed({app::DeleteFolderGrant{home, folder_id(), core::FolderGrant::Holder::key, id_of<core::KeyId>(9).bytes()}});
    EXPECT_FALSE(fast());
}

TEST_F(ApiFolders, TakingBackWhatIsNotThereIsNotFound) {
    EXPECT_EQ(revoke("?key=robot").code(), "not-found");
    EXPECT_EQ(revoke("?key=nobody").text("field"), "key");
    EXPECT_EQ(revoke("?group=sales").text("field"), "group");
    EXPECT_EQ(revoke("?person=a@acme.example").text("field"), "person");
    EXPECT_EQ(world.ask({"DELETE", "/v1/folders/nothing/grants?key=robot", {}, world.admin}).status, 404);
}

TEST_F(ApiFolders, TheHolderIsNamedByExactlyOneParameter) {
    for (const auto* query : {"", "?key=robot&group=sales", "?right=use", "?key=robot&right=use", "?key="}) EXPECT_EQ(revoke(query).status, 400) << query;
}

TEST_F(ApiFolders, OnlyWhoMayEditInTheFolderTakesARightBack) {
    grant(R"({"key":"robot","right":"use"})");

    EXPECT_EQ(revoke("?key=admin", robot).code(), "denied");
    EXPECT_FALSE(world.store.audit(home).back().allowed);
    EXPECT_EQ(revoke("?key=robot", world.add_key("unseeing", {Action::connections_write})).status, 404);
    EXPECT_EQ(revoke("?key=robot", world.add_key("stranger", {Action::connections_write}, elsewhere)).status, 404);

    EXPECT_EQ(read().status, 200);
}

TEST_F(ApiFolders, TheLastOneWhoMayEditStaysUntilThereIsAnother) {
    EXPECT_EQ(revoke("?key=admin").code(), "conflict");
    grant(R"({"key":"robot","right":"edit"})");

    EXPECT_EQ(revoke("?key=admin").status, 204);
    EXPECT_EQ(world.get("/v1/folders/team").status, 404);
    EXPECT_EQ(revoke("?key=robot", robot).code(), "conflict");
}

TEST_F(ApiFolders, AFormerMembersRightCanBeTakenBack) {
    auto person = a_person();
    world.commit(
        home, {app::PutPerson{person}, app::PutFolderGrant{{home, folder_id(), core::FolderGrant::Holder::person, person.id.bytes(), core::FolderRight::use}}});

    EXPECT_EQ(grant(R"({"person":")" + person.email + R"(","right":"use"})").text("field"), "person") << "no member any more";
    EXPECT_EQ(revoke("?person=" + person.email).status, 204);
    EXPECT_EQ(revoke("?person=" + person.email).status, 404);
}

}  // namespace
}  // namespace renkei::testing
