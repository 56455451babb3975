#include "adapters/storage/migrations/migrations.hpp"
#include "adapters/storage/sqlite/check.hpp"
#include "tests/contract/store_world.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace renkei::testing {
namespace {

namespace fs = std::filesystem;

class SqliteFile : public ::testing::Test {
protected:
    Result<std::unique_ptr<sqlite::SqliteStore>> open() {
        sqlite::Settings settings;
        settings.folder = folder_.path() / "data";
        return sqlite::SqliteStore::open(settings);
    }
    fs::path file() const { return sqlite::database_file(folder_.path() / "data"); }
    std::unique_ptr<sqlite::Database> raw() {
        auto database = sqlite::Database::open({file(), sqlite::OpenOptions::Access::read_write, 1024, 0, {}});
        if (!database) throw std::runtime_error(database.error().detail);
        return *std::move(database);
    }
    TempFolder folder_;
};

TEST_F(SqliteFile, IsPrivateAndSoIsItsFolder) {
    auto store = open();
    ASSERT_TRUE(store);
    ASSERT_TRUE(run_task((*store)->commit(home, {app::PutWorkspace{a_workspace()}})));
    struct stat status{};

    ::stat((folder_.path() / "data").c_str(), &status);
    EXPECT_EQ(status.st_mode & 0777, 0700u);
    for (const auto& entry : fs::directory_iterator(folder_.path() / "data")) {
        ::stat(entry.path().c_str(), &status);
        EXPECT_EQ(status.st_mode & 0777, 0600u) << entry.path();
    }
}

TEST_F(SqliteFile, TheSecondProcessIsRefusedAndToldWhichOneHasIt) {
    auto first = open();
    ASSERT_TRUE(first);

    // Locks of flock() belong to the open file, so a second open in this process stands for another process.
    auto second = open();

    EXPECT_EQ(code_of(second), Errc::conflict);
    EXPECT_NE(second.error().detail.find(std::to_string(::getpid())), std::string::npos) << second.error().detail;
    first->reset();
    EXPECT_TRUE(open());
}

TEST_F(SqliteFile, AStoreOfANewerVersionIsRefused) {
    ASSERT_TRUE(open());
    ASSERT_TRUE(raw()->run_script("PRAGMA user_version=99"));

    auto opened = open();

    EXPECT_EQ(code_of(opened), Errc::storage_failed);
    EXPECT_NE(opened.error().detail.find("newer Renkei"), std::string::npos);
}

TEST_F(SqliteFile, AStoreWithOtherMigrationsIsRefused) {
    ASSERT_TRUE(open());
    ASSERT_TRUE(raw()->run_script("UPDATE schema_migrations SET checksum='00'"));

    EXPECT_EQ(code_of(open()), Errc::storage_failed);
}

TEST_F(SqliteFile, AnotherProgramsDatabaseIsRefusedAndLeftAlone) {
    fs::create_directories(folder_.path() / "data");
    ASSERT_TRUE(raw()->run_script("CREATE TABLE theirs(x); INSERT INTO theirs VALUES(1)"));

    EXPECT_EQ(code_of(open()), Errc::storage_failed);
    EXPECT_EQ(*raw()->number_of("SELECT count(*) FROM sqlite_schema"), 1);
}

TEST_F(SqliteFile, AFileThatIsNoDatabaseIsRefused) {
    fs::create_directories(folder_.path() / "data");
    std::ofstream(file()) << std::string(8192, 'x');

    EXPECT_EQ(code_of(open()), Errc::storage_failed);
}

TEST_F(SqliteFile, AFailingMigrationChangesNothing) {
    ASSERT_TRUE(open());
    auto database = raw();
    const auto newest = sqlite::all_migrations().back().number;
    const auto with = [&](std::string_view name, std::string_view sql) {
        std::vector<sqlite::Migration> steps(sqlite::all_migrations().begin(), sqlite::all_migrations().end());
        steps.push_back({newest + 1, name, sql});
        return steps;
    };
    const auto steps = with("broken", "CREATE TABLE added(x); SELECT no_such_function();");

    EXPECT_FALSE(sqlite::migrate(*database, steps));

    EXPECT_EQ(*sqlite::schema_version(*database), newest);
    EXPECT_EQ(*database->number_of("SELECT count(*) FROM sqlite_schema WHERE name='added'"), 0);
    const auto good = with("good", "CREATE TABLE added(x);");
    EXPECT_TRUE(sqlite::migrate(*database, good));
    EXPECT_TRUE(sqlite::migrate(*database, good));
    EXPECT_EQ(*sqlite::schema_version(*database), newest + 1);
}

TEST_F(SqliteFile, AStoreOfTheFirstReleaseIsBroughtUpWithItsRegistrations) {
    fs::create_directories(folder_.path() / "data");
    {
        auto database = raw();
        ASSERT_TRUE(sqlite::migrate(*database, sqlite::all_migrations().first(1)));
        ASSERT_TRUE(database->run_script(
            "INSERT INTO workspaces VALUES(x'00000000000000000000000000000001','main','Main',0);"
            "INSERT INTO client_registrations "
            "VALUES(x'00000000000000000000000000000001',x'01','a','microsoft','global','t','c','client_secret_post','','','',1,0);"
            "INSERT INTO client_registrations VALUES(x'00000000000000000000000000000001',x'02','b','oauth','','','c','private_key_jwt','','','',1,0);"
            "INSERT INTO client_credentials VALUES(x'00000000000000000000000000000001',x'01',1,0,x'00','',0,NULL);"
            "INSERT INTO client_credentials VALUES(x'00000000000000000000000000000001',x'02',1,0,x'00','kid',0,NULL)"));
    }

    ASSERT_TRUE(open());

    auto database = raw();
    EXPECT_EQ(*database->number_of("SELECT count(*) FROM client_registrations WHERE assertion_algorithm='PS256'"), 2);
    EXPECT_EQ(*database->number_of("SELECT count(*) FROM client_credentials WHERE kind='secret' AND registration=x'01'"), 1);
    EXPECT_EQ(*database->number_of("SELECT count(*) FROM client_credentials WHERE kind='private_key' AND registration=x'02'"), 1);
}

TEST_F(SqliteFile, DurabilityIsSetOnTheWriter) {
    ASSERT_TRUE(open());
    auto database = raw();

    EXPECT_EQ(*database->number_of("PRAGMA synchronous"), 2);
    EXPECT_EQ(*database->number_of("PRAGMA foreign_keys"), 1);
    EXPECT_EQ(*database->number_of("PRAGMA wal_autocheckpoint"), 4000);
    EXPECT_EQ(database->one("mode", "PRAGMA journal_mode", [](sqlite::Use& row) { return row.text(0); }).value(), "wal");
}

TEST_F(SqliteFile, TheAuditIsAppendOnlyEvenForSql) {
    {
        auto store = open();
        ASSERT_TRUE(run_task((*store)->commit(home, {app::AppendAudit{an_audit_row()}})));
    }
    auto database = raw();

    EXPECT_FALSE(database->run_script("UPDATE audit SET action='x'"));
    EXPECT_FALSE(database->run_script("DELETE FROM audit"));
    EXPECT_FALSE(database->run_script("INSERT OR REPLACE INTO audit SELECT * FROM audit"));
    EXPECT_EQ(*database->number_of("SELECT count(*) FROM audit WHERE action='connection.create'"), 1);
}

TEST_F(SqliteFile, ACheckFindsATamperedAuditAndOrphans) {
    {
        auto store = open();
        ASSERT_TRUE(run_task((*store)->commit(home, {app::AppendAudit{an_audit_row()}, app::AppendAudit{an_audit_row()}, app::AppendAudit{an_audit_row()}})));
    }
    auto clean = sqlite::check_database(file());
    ASSERT_TRUE(clean);
    EXPECT_TRUE(clean->problems.empty());
    EXPECT_EQ(clean->audit_rows, 3u);

    ASSERT_TRUE(raw()->run_script("DROP TRIGGER audit_is_not_updated; UPDATE audit SET allowed=0 WHERE sequence=2"));
    auto tampered = sqlite::check_database(file());
    ASSERT_EQ(tampered->problems.size(), 1u);
    EXPECT_NE(tampered->problems[0].find("row 2: it was changed"), std::string::npos);

    ASSERT_TRUE(raw()->run_script("PRAGMA foreign_keys=OFF; INSERT INTO refresh_intents VALUES(x'01',x'02',1,1,1)"));
    EXPECT_EQ(sqlite::check_database(file())->problems.size(), 1u);
}

TEST_F(SqliteFile, ACheckFindsADamagedFile) {
    {
        auto store = open();
        for (int i = 0; i < 50; ++i) ASSERT_TRUE(run_task((*store)->commit(home, {app::PutSetting{home, std::to_string(i), std::string(2000, 'x')}})));
    }
    {
        std::fstream damaged(file(), std::ios::in | std::ios::out | std::ios::binary);
        damaged.seekp(4096 * 30);
        damaged << std::string(8192, '\xee');
    }

    auto report = sqlite::check_database(file());
    EXPECT_TRUE(!report || !report->problems.empty());
    EXPECT_EQ(code_of(sqlite::check_database(folder_.path() / "nothing")), Errc::not_found);
}

TEST_F(SqliteFile, ABackupOfARunningStoreIsAConsistentPrivateCopyWithAManifest) {
    auto store = open();
    ASSERT_TRUE(run_task((*store)->commit(home, a_home_with_a_connection())));
    const auto copy = folder_.path() / "copy" / "renkei.db";
    fs::create_directories(copy.parent_path());

    ASSERT_EQ(code_of(run_task((*store)->backup(copy, at_start()))), fine);

    struct stat status{};
    ::stat(copy.c_str(), &status);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    std::ifstream in(copy.string() + ".json");
    const std::string manifest((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    EXPECT_NE(manifest.find("\"schema_version\":" + std::to_string(sqlite::all_migrations().back().number) + ","), std::string::npos) << manifest;
    EXPECT_NE(manifest.find("sha256"), std::string::npos);
    EXPECT_EQ(std::distance(fs::directory_iterator(copy.parent_path()), fs::directory_iterator()), 2) << "no leftovers";

    sqlite::Settings restored;
    restored.folder = copy.parent_path();
    auto opened = sqlite::SqliteStore::open(restored);
    ASSERT_TRUE(opened);
    EXPECT_TRUE(run_task((*opened)->find_connection(home, a_connection().name)));
}

TEST_F(SqliteFile, ABackupOverwritesNothingAndNeedsAStore) {
    auto store = open();
    const auto copy = folder_.path() / "copy.db";
    ASSERT_TRUE(run_task((*store)->backup(copy, at_start())));

    EXPECT_EQ(code_of(run_task((*store)->backup(copy, at_start()))), Errc::conflict);
    EXPECT_FALSE(run_task((*store)->backup(folder_.path() / "no-such-folder" / "copy.db", at_start())));
}

TEST_F(SqliteFile, WhatWasCommittedIsThereAfterAReopen) {
    {
        auto store = open();
        ASSERT_TRUE(run_task((*store)->commit(home, a_home_with_a_connection())));
    }
    auto store = open();
    EXPECT_TRUE(run_task((*store)->find_connection(home, a_connection().name)));
}

}  // namespace
}  // namespace renkei::testing
