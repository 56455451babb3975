#include "adapters/vault/sealing_vault.hpp"
#include "base/encoding.hpp"
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
    for (const auto& refused : {offline::vault_status(settings_, out_, false), offline::vault_rotate(settings_, {true, true, std::nullopt}, out_, false),
                                offline::check(settings_, out_, false)}) {
        EXPECT_EQ(code_of(refused), Errc::conflict);
        EXPECT_NE(refused.error().detail.find(pid), std::string::npos);
    }

    EXPECT_EQ(code_of(offline::backup(settings_, folder_.path() / "copy.db", out_, false)), fine);
    EXPECT_TRUE(run_task(running->commit(home, {app::PutSetting{home, "still", "writing"}})));
}

TEST_F(OfflineCommands, RotationOfBothLevelsKeepsEverySecret) {
    const auto before = master_key();

    EXPECT_EQ(code_of(offline::vault_rotate(settings_, {true, true, std::nullopt}, out_, true)), fine);

    EXPECT_NE(out_.str().find("\"resealed\":1"), std::string::npos) << out_.str();
    EXPECT_NE(master_key(), before);
    auto store = open_store();
    auto grant = run_task(store->find_grant(home, a_grant().id));
    EXPECT_EQ(open_vault(*store)->open(app::refresh_token_place(home, a_grant().id, 1), grant->refresh_token)->expose(), "refresh");
}

TEST_F(OfflineCommands, TheRefusalNamesTheCommandThatTheRunningServerFollows) {
    const auto running = open_store();
    settings_.public_url = *Uri::parse("https://renkei.example");
    const auto refused = [&](offline::VaultRotate what) { return offline::vault_rotate(settings_, what, out_, false).error().detail; };

    EXPECT_NE(offline::vault_status(settings_, out_, false).error().detail.find("`renkei vault status --online --url https://renkei.example --key-file FILE`"),
              std::string::npos);
    EXPECT_NE(refused({false, true, std::nullopt}).find("`renkei vault rotate --data-keys --online --url"), std::string::npos);
    EXPECT_NE(refused({true, true, std::nullopt}).find("`renkei vault rotate --master --data-keys --online"), std::string::npos);
    settings_.master_key_text = base64(as_bytes(std::string(32, 'k')));
    EXPECT_NE(refused({true, true, std::nullopt}).find("`renkei vault rotate --data-keys --online"), std::string::npos)
        << "the server cannot change the environment";
    EXPECT_EQ(refused({true, false, std::nullopt}).find("--online"), std::string::npos);
}

TEST_F(OfflineCommands, AMasterKeyFromTheEnvironmentIsRotatedWithAPrivateFileOnly) {
    const auto old_key = master_key();
    settings_.master_key_text = base64(as_bytes(old_key));
    const auto next = folder_.path() / "next.key";
    std::ofstream(next) << base64(as_bytes(std::string(32, 'n'))) << "\n";
    const auto rotate = [&](std::optional<std::filesystem::path> file) {
        return offline::vault_rotate(settings_, {true, false, std::move(file)}, out_, false);
    };

    EXPECT_EQ(code_of(rotate(std::nullopt)), Errc::needs_operator);
    EXPECT_EQ(code_of(rotate(folder_.path() / "not-there")), Errc::not_found);
    std::filesystem::permissions(next, std::filesystem::perms(0644));
    EXPECT_EQ(code_of(rotate(next)), Errc::vault_locked) << "others can read it";
    std::filesystem::permissions(next, std::filesystem::perms(0600));
    EXPECT_EQ(code_of(rotate(next)), fine);

    EXPECT_NE(out_.str().find("the environment before the next start"), std::string::npos) << out_.str();
    EXPECT_EQ(out_.str().find(base64(as_bytes(std::string(32, 'n')))), std::string::npos);
    EXPECT_EQ(code_of(offline::vault_status(settings_, out_, false)), Errc::vault_locked) << "the old key opens nothing any more";
    settings_.master_key_text = base64(as_bytes(std::string(32, 'n')));
    EXPECT_EQ(code_of(offline::vault_rotate(settings_, {false, true, std::nullopt}, out_, true)), fine);
    EXPECT_NE(out_.str().find("\"resealed\":1"), std::string::npos) << out_.str();
    auto store = open_store();
    EXPECT_EQ(run_task(store->list_audit(home, {"vault.key", "", ""}, {}))->items.size(), 2u);
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
