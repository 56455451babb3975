// A rotation of both levels that dies at each of its commits, before and after it: with the real vault and its key file.
#include "app/vault_rotation.hpp"
#include "adapters/vault/sealing_vault.hpp"
#include "app/event_loops.hpp"
#include "tests/contract/store_world.hpp"

#include <algorithm>
#include <thread>

namespace renkei::testing {
namespace {

constexpr unsigned secrets = 300;  // two parts

/// One life of the server over a store and a key file that outlive it.
class Process {
public:
    Process(FakeStore& store, const std::filesystem::path& key_file) : store_(store) {
        vault::Settings settings;
        settings.key_file = key_file;
        auto opened = run_task(vault::SealingVault::open_store(std::move(settings), store, random_));
        if (!opened) throw std::runtime_error(opened.error().detail);
        vault = *std::move(opened);
        operations.emplace(app::Operations::Needs{store, loops_, clock_, random_});
        rotation.emplace(app::VaultRotation::Needs{store, store, *vault, *vault, *operations, clock_});
        operations->add(*rotation);
        loops_.start();
    }
    ~Process() {
        run_task([](app::Operations& work) -> Task<bool> {
            co_await work.stop();
            co_return true;
        }(*operations));
        loops_.stop();
        loops_.join();
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    Result<core::Operation> start() {
        app::By by;
        by.principal.workspace = home;
        by.principal.name = "admin";
        return run_task(rotation->start(by, {.master = true, .data_keys = true}));
    }
    void wait_for_death_or_end() {
        while (!store_.is_dead()) {
            const auto unfinished = run_task(store_.unfinished_operations());
            if (unfinished && unfinished->empty()) return;
            std::this_thread::yield();
        }
    }
    void expect_every_secret_opens() {
        for (unsigned i = 0; i < secrets; ++i) {
            const auto hash = sha256(std::to_string(i));
            const auto stored = run_task(store_.find_one_time("connect", hash));
            ASSERT_TRUE(stored);
            const auto opened = vault->open(app::one_time_place(home, hash), stored->secret);
            ASSERT_TRUE(opened) << i << ": " << opened.error().detail;
            EXPECT_EQ(opened->expose(), "secret " + std::to_string(i));
        }
    }

private:
    FakeStore& store_;
    SystemRandom random_;
    ManualClock clock_;
    app::EventLoops loops_{1};

public:
    std::unique_ptr<vault::SealingVault> vault;
    std::optional<app::Operations> operations;
    std::optional<app::VaultRotation> rotation;
};

void given_secrets(FakeStore& store, vault::SealingVault& vault) {
    app::UnitOfWork unit{app::PutWorkspace{a_workspace()}, app::PutDataKey{home, 1, *vault.create_data_key(home), true}};
    for (unsigned i = 0; i < secrets; ++i) {
        const auto hash = sha256(std::to_string(i));
        unit.push_back(app::InsertOneTime{home, "connect", hash, "", *vault.seal(app::one_time_place(home, hash), Secret("secret " + std::to_string(i))),
                                          at_start() + std::chrono::hours(1)});
    }
    if (!run_task(store.commit(home, std::move(unit)))) throw std::runtime_error("the arrangement failed");
}

std::ptrdiff_t new_keys(const FakeStore& store, std::string_view target) {
    const auto rows = store.audit(home);
    return std::ranges::count_if(rows, [&](const core::AuditRow& row) { return row.action == "vault.key" && row.target == target; });
}

/// Dies at the commit of this number; whether it came to that.
bool dies_and_goes_on(int at, bool after) {
    TempFolder folder;
    FakeStore store;
    const auto key_file = folder.path() / "master.key";
    std::string old_master;
    bool died = false, accepted = false;
    {
        Process before(store, key_file);
        given_secrets(store, *before.vault);
        old_master = before.vault->state().master_key_id;
        auto judge = [seen = 0, at](const app::UnitOfWork&) mutable { return seen++ == at; };
        after ? store.die_after_commit_when(judge) : store.die_before_commit_when(judge);
        accepted = before.start().has_value();
        before.wait_for_death_or_end();
        died = store.is_dead();
    }
    store.revive();
    Process next(store, key_file);
    next.expect_every_secret_opens();
    EXPECT_TRUE(run_task(next.operations->resume()));
    const bool stored = !run_task(store.list_operations(home, {}))->items.empty();
    next.wait_for_death_or_end();

    next.expect_every_secret_opens();
    EXPECT_TRUE(stored || !accepted) << "what was accepted is not forgotten";
    EXPECT_EQ(next.vault->state().master_key_id != old_master, stored);
    EXPECT_EQ(*next.vault->newest_data_key(home), stored ? 2u : 1u);
    EXPECT_EQ(*run_task(store.count_sealed_before(home, stored ? 2 : 1)), 0u);
    EXPECT_EQ(new_keys(store, "vault:master-key"), stored ? 1 : 0) << "a repeated item makes no second key";
    EXPECT_EQ(new_keys(store, "vault:data-key-2"), stored ? 1 : 0);
    EXPECT_FALSE(std::filesystem::exists(vault::next_key_file(key_file)));
    return died;
}

TEST(VaultRotation, DyingAtAnyCommitLosesNothingAndTheNextStartGoesOn) {
    for (const bool after : {false, true}) {
        int deaths = 0;
        while (dies_and_goes_on(deaths, after)) {
            if (::testing::Test::HasFailure()) FAIL() << (after ? "after" : "before") << " commit " << deaths;
            ++deaths;
        }
        // Start, running, and for four items the work and its record, then the end.
        EXPECT_GE(deaths, 8) << "the rotation was not cut off where it should have been";
    }
}

TEST(VaultRotation, TwoThatAreStartedAtOnceAreOneRotationAndOneConflict) {
    TempFolder folder;
    FakeStore store;
    Process server(store, folder.path() / "master.key");
    given_secrets(store, *server.vault);
    app::By by;
    by.principal.workspace = home;
    std::atomic<int> accepted = 0, refused = 0;
    {
        std::vector<std::jthread> callers;
        for (int i = 0; i < 4; ++i)
            callers.emplace_back([&] {
                auto started = run_task(server.rotation->start(by, {.data_keys = true}));
                if (started)
                    ++accepted;
                else if (started.error().code == Errc::conflict)
                    ++refused;
            });
    }
    server.wait_for_death_or_end();

    // One may have ended before the next began; what counts is that none ran beside another.
    EXPECT_GE(accepted, 1);
    EXPECT_EQ(accepted + refused, 4);
    EXPECT_EQ(*server.vault->newest_data_key(home), 1u + static_cast<unsigned>(accepted));
    server.expect_every_secret_opens();
}

}  // namespace
}  // namespace renkei::testing
