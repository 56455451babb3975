#include "adapters/vault/sealing_vault.hpp"
#include "offline/commands.hpp"
#include "tests/contract/store_world.hpp"

#include <unistd.h>

#include <fstream>
#include <sstream>

namespace renkei::testing {
namespace {

/// A store folder as a server leaves it, and the settings that name it.
class OfflineCommands : public ::testing::Test {
protected:
    OfflineCommands() {
        settings_.data_dir = (folder_.path() / "data").string();
        settings_.master_key_file = (folder_.path() / "master.key").string();
        auto store = open_store();
        auto vault = open_vault(*store);
        auto unit = a_home_with_a_connection();
        unit.push_back(app::PutDataKey{home, 1, *vault->create_data_key(home), true});
        auto grant = a_grant();
        grant.refresh_token = *vault->seal(app::refresh_token_place(home, grant.id, 1), Secret("refresh"));
        unit.push_back(app::InsertGrant{grant});
        unit.push_back(app::AppendAudit{an_audit_row()});
        if (!run_task(store->commit(home, unit))) throw std::runtime_error("the arrangement failed");
    }
    std::unique_ptr<sqlite::SqliteStore> open_store() {
        sqlite::Settings settings;
        settings.folder = settings_.data_dir;
        return *sqlite::SqliteStore::open(settings);
    }
    std::unique_ptr<vault::SealingVault> open_vault(app::Store& store) {
        vault::Settings settings;
        settings.key_file = settings_.master_key_file;
        return *run_task(vault::SealingVault::open_store(std::move(settings), store, random_));
    }
    std::string master_key() const {
        std::ifstream in(settings_.master_key_file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }

    TempFolder folder_;
    SystemRandom random_;
    server::Settings settings_;
    std::ostringstream out_;
};

TEST_F(OfflineCommands, VaultStatusSaysWhereTheKeyIsFromAndNotTheKey) {
    EXPECT_EQ(code_of(offline::vault_status(settings_, out_, false)), fine);
    EXPECT_EQ(code_of(offline::vault_status(settings_, out_, true)), fine);

    EXPECT_NE(out_.str().find("\"data_keys\":1"), std::string::npos) << out_.str();
    EXPECT_NE(out_.str().find(settings_.master_key_file), std::string::npos);
    EXPECT_EQ(out_.str().find(master_key()), std::string::npos);
}

TEST_F(OfflineCommands, AllButBackupRefuseWhileAServerRunsAndNameIt) {
    const auto running = open_store();
    const auto pid = std::to_string(::getpid());
    for (const auto& refused :
         {offline::vault_status(settings_, out_, false), offline::vault_rotate(settings_, true, true, out_, false), offline::check(settings_, out_, false)}) {
        EXPECT_EQ(code_of(refused), Errc::conflict);
        EXPECT_NE(refused.error().detail.find(pid), std::string::npos);
    }

    EXPECT_EQ(code_of(offline::backup(settings_, folder_.path() / "copy.db", out_, false)), fine);
    EXPECT_TRUE(run_task(running->commit(home, {app::PutSetting{home, "still", "writing"}})));
}

TEST_F(OfflineCommands, RotationOfBothLevelsKeepsEverySecret) {
    const auto before = master_key();

    EXPECT_EQ(code_of(offline::vault_rotate(settings_, true, true, out_, true)), fine);

    EXPECT_NE(out_.str().find("\"resealed\":1"), std::string::npos) << out_.str();
    EXPECT_NE(master_key(), before);
    auto store = open_store();
    auto grant = run_task(store->find_grant(home, a_grant().id));
    EXPECT_EQ(open_vault(*store)->open(app::refresh_token_place(home, a_grant().id, 1), grant->refresh_token)->expose(), "refresh");
}

TEST_F(OfflineCommands, CheckIsContentWithAGoodStoreAndFailsForATamperedOne) {
    EXPECT_EQ(code_of(offline::check(settings_, out_, true)), fine);
    EXPECT_NE(out_.str().find("\"problems\":[]"), std::string::npos) << out_.str();
    {
        auto raw = *sqlite::Database::open({sqlite::database_file(settings_.data_dir), sqlite::OpenOptions::Access::read_write, 1024, 0, {}});
        ASSERT_TRUE(raw->run_script("DROP TRIGGER audit_is_not_updated; UPDATE audit SET action='x'"));
    }

    EXPECT_EQ(code_of(offline::check(settings_, out_, false)), Errc::storage_failed);
    EXPECT_NE(out_.str().find("it was changed"), std::string::npos);
}

TEST_F(OfflineCommands, ABackupHoldsNoMasterKeyAndNoSecretInClear) {
    ASSERT_TRUE(offline::backup(settings_, folder_.path() / "copy.db", out_, false));

    std::ifstream in(folder_.path() / "copy.db", std::ios::binary);
    const std::string copy((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    EXPECT_GT(copy.size(), 4096u);
    EXPECT_EQ(copy.find(master_key()), std::string::npos);
    EXPECT_EQ(code_of(offline::backup(settings_, folder_.path() / "copy.db", out_, false)), Errc::conflict);
}

TEST_F(OfflineCommands, LookingAtNothingMakesNothing) {
    auto nowhere = settings_;
    nowhere.data_dir = (folder_.path() / "nowhere").string();

    EXPECT_EQ(code_of(offline::vault_status(nowhere, out_, false)), Errc::not_found);
    EXPECT_EQ(code_of(offline::check(nowhere, out_, false)), Errc::not_found);
    EXPECT_FALSE(offline::backup(nowhere, folder_.path() / "copy.db", out_, false));
    EXPECT_FALSE(std::filesystem::exists(nowhere.data_dir));
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "copy.db.partial"));
}

}  // namespace
}  // namespace renkei::testing
