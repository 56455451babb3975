#include "adapters/vault/sealed_value.hpp"
#include "adapters/vault/sealing_vault.hpp"
#include "base/encoding.hpp"
#include "tests/contract/store_world.hpp"

#include <sys/stat.h>

#include <fstream>
#include <set>

namespace renkei::testing {
namespace {

namespace fs = std::filesystem;

/// A store in memory and a key file, opened again and again as after restarts.
class SealingVault : public ::testing::Test {
protected:
    using Opened = Result<std::unique_ptr<vault::SealingVault>>;
    vault::Settings settings() const {
        vault::Settings settings;
        settings.key_file = key_file();
        return settings;
    }
    Opened open(vault::Settings with) { return run_task(vault::SealingVault::open_store(std::move(with), store_, random_)); }
    Opened open() { return open(settings()); }
    std::unique_ptr<vault::SealingVault> open_or_throw() {
        auto opened = open();
        if (!opened) throw std::runtime_error(opened.error().detail);
        return *std::move(opened);
    }
    /// A store that has a workspace with a data key, and a grant sealed with it.
    void given_a_sealed_token() { given_a_sealed_token_with(settings()); }
    void given_a_sealed_token_with(vault::Settings with) {
        auto vault = *open(std::move(with));
        auto wrapped = vault->create_data_key(home);
        auto grant = a_grant();
        grant.refresh_token = *vault->seal(place(), Secret("refresh token"));
        auto unit = a_home_with_a_connection();
        unit.push_back(app::PutDataKey{home, 1, *wrapped, true});
        unit.push_back(app::InsertGrant{grant});
        if (!run_task(store_.commit(home, unit))) throw std::runtime_error("the arrangement failed");
        hash_ = vault->lookup_hash(Secret("rk_1"));
    }
    void expect_the_token_opens(vault::SealingVault& vault) {
        auto grant = run_task(store_.find_grant(home, a_grant().id));
        auto opened = vault.open(place(), grant->refresh_token);
        ASSERT_TRUE(opened);
        EXPECT_EQ(opened->expose(), "refresh token");
        EXPECT_EQ(vault.lookup_hash(Secret("rk_1")), hash_) << "keys must still be found";
    }
    static app::SealPlace place() { return app::refresh_token_place(home, a_grant().id, 1); }
    fs::path key_file() const { return folder_.path() / "master.key"; }
    static std::string bytes_of(const fs::path& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }
    static void write(const fs::path& file, std::string_view bytes) {
        std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
        ::chmod(file.c_str(), 0600);
    }

    TempFolder folder_;
    FakeStore store_;
    SystemRandom random_;
    Digest hash_{};
};

TEST_F(SealingVault, MakesAPrivateKeyFileAtTheFirstStartOnly) {
    open_or_throw();
    struct stat status{};
    ASSERT_EQ(::stat(key_file().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    const auto first = bytes_of(key_file());
    EXPECT_EQ(first.size(), 32u);

    open_or_throw();

    EXPECT_EQ(bytes_of(key_file()), first);
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1) << "no leftovers";
}

TEST_F(SealingVault, OpensAfterARestartWhatItSealedBefore) {
    given_a_sealed_token();

    expect_the_token_opens(*open_or_throw());
}

TEST_F(SealingVault, RefusesAKeyFileThatOthersCanRead) {
    given_a_sealed_token();
    for (const unsigned mode : {0640u, 0604u, 0666u}) {
        ::chmod(key_file().c_str(), mode);
        auto opened = open();
        EXPECT_EQ(code_of(opened), Errc::vault_locked);
        EXPECT_NE(opened.error().detail.find("chmod 600"), std::string::npos);
    }
}

TEST_F(SealingVault, AWrongMasterKeyStopsTheStartWithWhatToDo) {
    given_a_sealed_token();
    write(key_file(), std::string(32, 'w'));

    auto opened = open();

    EXPECT_EQ(code_of(opened), Errc::vault_locked);
    EXPECT_NE(opened.error().detail.find("not the one"), std::string::npos);
}

TEST_F(SealingVault, ALostMasterKeyIsNeverReplacedByANewOne) {
    given_a_sealed_token();
    fs::remove(key_file());

    auto opened = open();

    EXPECT_EQ(code_of(opened), Errc::vault_locked);
    EXPECT_NE(opened.error().detail.find("missing"), std::string::npos);
    EXPECT_FALSE(fs::exists(key_file()));
}

TEST_F(SealingVault, ADamagedKeyFileOrDataKeyIsRefused) {
    given_a_sealed_token();
    const auto good = bytes_of(key_file());
    for (const auto& bad : {std::string(), good.substr(1), good + "x", std::string("not base64 at all but long enough......")}) {
        write(key_file(), bad);
        EXPECT_EQ(code_of(open()), Errc::vault_locked) << bad.size();
    }
    write(key_file(), good);
    EXPECT_TRUE(run_task(store_.commit({}, {app::PutDataKey{home, 1, "damaged", false}})));
    EXPECT_EQ(code_of(open()), Errc::vault_locked);
}

TEST_F(SealingVault, TakesTheKeyFromTheEnvironmentOrACredentialFile) {
    auto given = settings();
    given.given.emplace(base64(as_bytes(std::string(32, 'k'))));
    ASSERT_TRUE(open(std::move(given)));
    EXPECT_FALSE(fs::exists(key_file())) << "no key is made when one is given";

    const auto credential = folder_.path() / "renkei-master-key";
    write(credential, base64(as_bytes(std::string(32, 'k'))) + "\n");
    auto from_file = settings();
    from_file.credential_file = credential;
    EXPECT_TRUE(open(std::move(from_file)));

    auto wrong = settings();
    wrong.given.emplace(base64(as_bytes(std::string(32, 'x'))));
    EXPECT_EQ(code_of(open(std::move(wrong))), Errc::vault_locked);
    auto broken = settings();
    broken.given.emplace("AAAA");
    EXPECT_EQ(code_of(open(std::move(broken))), Errc::vault_locked);
    auto absent = settings();
    absent.credential_file = folder_.path() / "not-there";
    EXPECT_EQ(code_of(open(std::move(absent))), Errc::vault_locked);
}

TEST_F(SealingVault, ANewMasterKeyOpensEverythingAndTheOldOneNothing) {
    given_a_sealed_token();
    const auto old = bytes_of(key_file());
    {
        auto vault = open_or_throw();
        ASSERT_TRUE(run_task(vault->rotate_master(std::nullopt, {})));
        expect_the_token_opens(*vault);
    }
    EXPECT_NE(bytes_of(key_file()), old);
    expect_the_token_opens(*open_or_throw());

    write(key_file(), old);
    EXPECT_EQ(code_of(open()), Errc::vault_locked);
}

TEST_F(SealingVault, ARotationThatWasCutOffIsSettledAtTheNextStart) {
    for (const bool stored : {false, true}) {
        SCOPED_TRACE(stored ? "after the commit" : "before the commit");
        if (!run_task(store_.find_grant(home, a_grant().id))) given_a_sealed_token();
        const auto old = bytes_of(key_file());
        {
            auto vault = open_or_throw();
            stored ? store_.die_after_next_commit() : store_.die_before_next_commit();
            EXPECT_FALSE(run_task(vault->rotate_master(std::nullopt, {})));
            EXPECT_EQ(bytes_of(key_file()), old);
        }
        store_.revive();

        expect_the_token_opens(*open_or_throw());

        EXPECT_EQ(bytes_of(key_file()) != old, stored);
        EXPECT_FALSE(fs::exists(vault::next_key_file(key_file())));
    }
}

TEST_F(SealingVault, AfterARotationOfUnknownOutcomeAnotherOneWaitsForARestart) {
    given_a_sealed_token();
    auto vault = open_or_throw();
    store_.fail_next_commits(1);
    EXPECT_EQ(code_of(run_task(vault->rotate_master(std::nullopt, {}))), Errc::storage_failed);

    EXPECT_EQ(code_of(run_task(vault->rotate_master(std::nullopt, {}))), Errc::conflict);

    expect_the_token_opens(*vault);
    auto restarted = open_or_throw();
    EXPECT_TRUE(run_task(restarted->rotate_master(std::nullopt, {})));
    expect_the_token_opens(*open_or_throw());
}

TEST_F(SealingVault, ADamagedStoreDoesNotPassForANewOne) {
    given_a_sealed_token();
    for (const auto* setting : {"vault.check", "vault.lookup"}) {
        const auto good = *run_task(store_.find_setting({}, setting));
        ASSERT_TRUE(run_task(store_.commit({}, {app::PutSetting{{}, setting, "damaged"}})));
        EXPECT_EQ(code_of(open()), Errc::vault_locked) << setting;
        ASSERT_TRUE(run_task(store_.commit({}, {app::PutSetting{{}, setting, good}})));
    }
    expect_the_token_opens(*open_or_throw());
}

TEST_F(SealingVault, ADataKeyMadeDuringARotationIsOpenedByTheNextStart) {
    given_a_sealed_token();
    auto vault = open_or_throw();
    const auto wrapped_by_the_old = *vault->create_data_key(elsewhere);
    const auto there = app::one_time_place(elsewhere, sha256("x"));
    const auto sealed = *vault->seal(there, Secret("code"));
    ASSERT_TRUE(run_task(vault->rotate_master(std::nullopt, {})));
    ASSERT_TRUE(
        run_task(store_.commit(elsewhere, {app::PutWorkspace{a_workspace(elsewhere, "late")}, app::PutDataKey{elsewhere, 1, wrapped_by_the_old, true}})));

    EXPECT_EQ(open_or_throw()->open(there, sealed)->expose(), "code");
    EXPECT_EQ(*run_task(store_.find_setting({}, "vault.previous")), "") << "the old master key is not kept for longer than needed";
    // It has been wrapped anew: another rotation does not lose it.
    ASSERT_TRUE(run_task(open_or_throw()->rotate_master(std::nullopt, {})));
    EXPECT_EQ(open_or_throw()->open(there, sealed)->expose(), "code");
}

TEST_F(SealingVault, AKeyThatDoesNotComeFromAFileIsRotatedWithAGivenOne) {
    const auto with = [&](char letter) {
        auto given = settings();
        given.given.emplace(base64(as_bytes(std::string(32, letter))));
        return given;
    };
    auto vault = open(with('a'));
    ASSERT_TRUE(vault);

    EXPECT_EQ(code_of(run_task((*vault)->rotate_master(std::nullopt, {}))), Errc::needs_operator);
    EXPECT_EQ(code_of(run_task((*vault)->rotate_master(Secret("short"), {}))), Errc::vault_locked);
    EXPECT_EQ(code_of(run_task((*vault)->rotate_master(Secret(base64(as_bytes(std::string(32, 'a')))), {}))), Errc::invalid_field) << "the same key again";
    EXPECT_TRUE(run_task((*vault)->rotate_master(Secret(base64(as_bytes(std::string(32, 'b')))), {})));

    EXPECT_EQ(code_of(open(with('a'))), Errc::vault_locked);
    EXPECT_TRUE(open(with('b')));
}

TEST_F(SealingVault, AGivenMasterKeyWhoseRotationWasCutOffLeavesExactlyOneThatFits) {
    for (const bool stored : {false, true}) {
        SCOPED_TRACE(stored ? "after the commit" : "before the commit");
        const auto with = [&](char letter) {
            auto given = settings();
            given.given.emplace(base64(as_bytes(std::string(32, letter))));
            return given;
        };
        const char old = stored ? 'b' : 'a', next = stored ? 'c' : 'b';
        if (!stored) given_a_sealed_token_with(with('a'));
        {
            auto vault = open(with(old));
            ASSERT_TRUE(vault);
            stored ? store_.die_after_next_commit() : store_.die_before_next_commit();
            EXPECT_FALSE(run_task((*vault)->rotate_master(Secret(base64(as_bytes(std::string(32, next)))), {})));
        }
        store_.revive();

        EXPECT_EQ(code_of(open(with(stored ? old : next))), Errc::vault_locked);
        auto opened = open(with(stored ? next : old));
        ASSERT_TRUE(opened);
        expect_the_token_opens(**opened);
        if (!stored) ASSERT_TRUE(run_task((*opened)->rotate_master(Secret(base64(as_bytes(std::string(32, 'b')))), {})));
    }
}

TEST_F(SealingVault, TheIdOfTheMasterKeyChangesWithItAndIsNoPartOfIt) {
    given_a_sealed_token();
    auto vault = open_or_throw();
    const auto before = vault->state();
    EXPECT_EQ(before.master_key_id, open_or_throw()->state().master_key_id);
    EXPECT_EQ(before.master_key_id.size(), 16u);
    EXPECT_EQ(to_hex(as_bytes(bytes_of(key_file()))).find(before.master_key_id), std::string::npos);

    ASSERT_TRUE(run_task(vault->rotate_master(std::nullopt, {})));

    EXPECT_NE(vault->state().master_key_id, before.master_key_id);
    EXPECT_EQ(vault->state().master_key_id, open_or_throw()->state().master_key_id);
}

TEST_F(SealingVault, WhatBelongsToANewKeyIsStoredWithItOrNotAtAll) {
    given_a_sealed_token();
    auto vault = open_or_throw();
    const auto rows = store_.audit(home).size();
    store_.fail_next_commits(1);
    EXPECT_FALSE(run_task(vault->rotate_data_key(home, {app::AppendAudit{an_audit_row()}})));
    EXPECT_EQ(store_.audit(home).size(), rows);

    ASSERT_TRUE(run_task(vault->rotate_data_key(home, {app::AppendAudit{an_audit_row()}})));
    ASSERT_TRUE(run_task(vault->rotate_master(std::nullopt, {app::AppendAudit{an_audit_row()}})));

    EXPECT_EQ(store_.audit(home).size(), rows + 2);
}

TEST_F(SealingVault, ANewDataKeySealsAndTheOldOnesGoOnOpening) {
    given_a_sealed_token();
    auto vault = open_or_throw();

    EXPECT_EQ(*run_task(vault->rotate_data_key(home, {})), 2u);

    expect_the_token_opens(*vault);
    auto sealed = *vault->seal(place(), Secret("new"));
    EXPECT_EQ(vault::parse_sealed(sealed.bytes)->key_version, 2u);
    EXPECT_EQ(open_or_throw()->open(place(), sealed)->expose(), "new");
    EXPECT_EQ(code_of(run_task(vault->rotate_data_key(elsewhere, {}))), Errc::not_found);
}

TEST_F(SealingVault, ADataKeyThatCouldNotBeStoredSealsNothing) {
    given_a_sealed_token();
    auto vault = open_or_throw();
    store_.fail_next_commits(1);

    EXPECT_EQ(code_of(run_task(vault->rotate_data_key(home, {}))), Errc::storage_failed);

    EXPECT_EQ(vault::parse_sealed(vault->seal(place(), Secret("new"))->bytes)->key_version, 1u);
}

TEST_F(SealingVault, SealsNothingForAWorkspaceWithoutAKeyAndMakesOneOnlyOnce) {
    auto vault = open_or_throw();

    EXPECT_EQ(code_of(vault->seal(place(), Secret("x"))), Errc::vault_locked);
    EXPECT_TRUE(vault->create_data_key(home));
    EXPECT_TRUE(vault->seal(place(), Secret("x")));
    EXPECT_EQ(code_of(vault->create_data_key(home)), Errc::conflict);
}

TEST_F(SealingVault, EveryFlippedBitOfASealedValueIsNoticed) {
    auto vault = open_or_throw();
    ASSERT_TRUE(vault->create_data_key(home));
    const auto sealed = *vault->seal(place(), Secret("token"));

    for (std::size_t i = 0; i < sealed.bytes.size() * 8; ++i) {
        auto flipped = sealed;
        flipped.bytes[i / 8] = static_cast<char>(flipped.bytes[i / 8] ^ 1 << i % 8);
        EXPECT_EQ(code_of(vault->open(place(), flipped)), Errc::vault_locked) << "bit " << i;
    }
    for (std::size_t size = 0; size < sealed.bytes.size(); ++size) EXPECT_EQ(code_of(vault->open(place(), {sealed.bytes.substr(0, size)})), Errc::vault_locked);
}

TEST_F(SealingVault, NoNonceComesTwice) {
    auto vault = open_or_throw();
    ASSERT_TRUE(vault->create_data_key(home));
    std::set<std::string> nonces;

    for (int i = 0; i < 1000; ++i) nonces.insert(std::string(vault::parse_sealed(vault->seal(place(), Secret("x"))->bytes)->nonce));

    EXPECT_EQ(nonces.size(), 1000u);
}

}  // namespace
}  // namespace renkei::testing
