#include "core/audit_chain.hpp"
#include "tests/contract/store_world.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <random>
#include <thread>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;

std::unique_ptr<sqlite::SqliteStore> open_store(const std::filesystem::path& folder, std::size_t queue = 4096) {
    sqlite::Settings settings;
    settings.folder = folder;
    settings.writer.queue = queue;
    auto opened = sqlite::SqliteStore::open(settings);
    if (!opened) throw std::runtime_error(opened.error().detail);
    return *std::move(opened);
}

struct Tally {
    std::atomic<int> committed = 0, conflicts = 0, others = 0;
    void count(const Result<void>& result) {
        if (result) {
            ++committed;
        } else if (result.error().code == Errc::conflict) {
            ++conflicts;
        } else {
            ++others;
        }
    }
};

Task<void> raise_generation(app::Store& store, int times, Tally& tally) {
    for (int i = 0; i < times; ++i) {
        auto grant = co_await store.find_grant(home, a_grant().id);
        if (!grant) co_return;
        auto next = *grant;
        ++next.generation;
        // A loser's audit row must not be there either.
        tally.count(co_await store.commit(home, {app::AppendAudit{an_audit_row("token.release")}, app::UpdateGrant{next, grant->generation}}));
    }
}

/// `tasks` on `loops` event loops at once.
template <class Make>
void run_on_loops(int loops, int tasks, Make make) {
    std::vector<std::unique_ptr<asio::io_context>> contexts;
    for (int i = 0; i < loops; ++i) contexts.push_back(std::make_unique<asio::io_context>(1));
    for (int i = 0; i < tasks; ++i)
        asio::co_spawn(*contexts[static_cast<std::size_t>(i % loops)], make(i), [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        });
    std::vector<std::thread> threads;
    for (auto& context : contexts) threads.emplace_back([&context] { context->run(); });
    for (auto& thread : threads) thread.join();
}

TEST(StoreConcurrency, OfManyWhoCompareAndSwapEachGenerationIsWonOnce) {
    TempFolder folder;
    auto store = open_store(folder.path());
    ASSERT_TRUE(run_task(store->commit(home, a_home_with_a_connection())));
    ASSERT_TRUE(run_task(store->commit(home, {app::InsertGrant{a_grant()}})));
    Tally tally;

    run_on_loops(3, 12, [&](int) { return raise_generation(*store, 20, tally); });

    EXPECT_EQ(tally.others, 0);
    EXPECT_EQ(tally.committed + tally.conflicts, 12 * 20);
    EXPECT_GT(tally.conflicts, 0);
    EXPECT_EQ(run_task(store->find_grant(home, a_grant().id))->generation, 1u + static_cast<unsigned>(tally.committed));
    auto rows = run_task(store->list_audit(home, {}, {"", 500}))->items;
    EXPECT_EQ(rows.size(), static_cast<std::size_t>(tally.committed));
    std::ranges::reverse(rows);
    EXPECT_EQ(core::first_break(rows, {}), std::nullopt);
}

Task<void> put_one(app::Store& store, int number, Tally& tally) {
    tally.count(co_await store.commit(home, {app::PutSetting{home, std::to_string(number), "v"}}));
}

TEST(StoreConcurrency, ManyUnitsShareACommit) {
    TempFolder folder;
    auto store = open_store(folder.path());
    Tally tally;

    run_on_loops(2, 400, [&](int i) { return put_one(*store, i, tally); });

    EXPECT_EQ(tally.committed, 400);
    EXPECT_LT(store->writer_figures().groups, 200u);
    for (int i = 0; i < 400; ++i) EXPECT_TRUE(run_task(store->find_setting(home, std::to_string(i))));
}

TEST(StoreConcurrency, AFullQueueRefusesAndWhatWasTakenOnIsStored) {
    TempFolder folder;
    auto store = open_store(folder.path(), 8);
    std::vector<int> refused;
    std::mutex mutex;
    const auto task = [](app::Store& to, int number, std::vector<int>& list, std::mutex& guard) -> Task<void> {
        auto done = co_await to.commit(home, {app::PutSetting{home, std::to_string(number), "v"}});
        if (done) co_return;
        EXPECT_EQ(done.error().code, Errc::too_many_requests);
        const std::lock_guard lock(guard);
        list.push_back(number);
    };

    run_on_loops(2, 2000, [&](int i) { return task(*store, i, refused, mutex); });

    EXPECT_GT(refused.size(), 0u);
    EXPECT_LT(refused.size(), 2000u);
    for (int i = 0; i < 2000; ++i)
        EXPECT_EQ(run_task(store->find_setting(home, std::to_string(i))).has_value(), std::ranges::find(refused, i) == refused.end()) << i;
}

Task<void> copy_while_writing(sqlite::SqliteStore& store, std::filesystem::path target, Result<void>& result) {
    result = co_await store.backup(target, at_start());
}
Task<void> write_pairs(app::Store& store, int times) {
    for (int i = 0; i < times; ++i) {
        // Both or neither are in any consistent state.
        auto done = co_await store.commit(
            home, {app::PutSetting{home, "a", std::to_string(i)}, app::PutSetting{home, "filler" + std::to_string(i), std::string(2000, 'x')},
                   app::PutSetting{home, "b", std::to_string(i)}});
        EXPECT_TRUE(done);
    }
}

TEST(StoreConcurrency, ABackupTakenWhileWritingIsOfOneMoment) {
    TempFolder folder;
    auto store = open_store(folder.path() / "live");
    ASSERT_TRUE(run_task(store->commit(home, {app::PutSetting{home, "a", "start"}, app::PutSetting{home, "b", "start"}})));
    Result<void> copied;
    std::filesystem::create_directories(folder.path() / "copy");

    run_on_loops(2, 2, [&](int i) { return i == 0 ? write_pairs(*store, 300) : copy_while_writing(*store, folder.path() / "copy" / "renkei.db", copied); });

    ASSERT_TRUE(copied) << copied.error().detail;
    auto restored = open_store(folder.path() / "copy");
    EXPECT_EQ(*run_task(restored->find_setting(home, "a")), *run_task(restored->find_setting(home, "b")));
}

constexpr const char* crash_folder_variable = "RENKEI_TEST_CRASH_FOLDER";

// Not a test by itself: the child of the one below. Commits for ever and prints what was acknowledged.
TEST(StoreCrash, DISABLED_CommitsUntilItIsKilled) {
    const char* folder = std::getenv(crash_folder_variable);
    ASSERT_NE(folder, nullptr);
    auto store = open_store(folder);
    const auto task = [](app::Store& to, int lane) -> Task<void> {
        for (int i = 0;; ++i) {
            const auto name = std::to_string(::getpid()) + "-" + std::to_string(lane) + "-" + std::to_string(i);
            auto done = co_await to.commit(home, {app::PutSetting{home, name, std::string(500, 'v')}, app::AppendAudit{an_audit_row("mail.send", name)}});
            const auto line = name + "\n";
            if (!done || ::write(STDOUT_FILENO, line.data(), line.size()) < 0) co_return;
        }
    };
    run_on_loops(2, 8, [&](int lane) { return task(*store, lane); });
}

// gtest's own lines are none.
bool is_acknowledged(std::string_view line) { return !line.empty() && line.find_first_not_of("0123456789-") == line.npos; }

/// Starts the child above, kills it once it has printed `wanted` names, and gives all that it printed whole. A child that
/// prints none for long is killed too.
std::vector<std::string> run_and_kill(const std::filesystem::path& folder, std::size_t wanted) {
    int pipe_ends[2];
    if (::pipe(pipe_ends) != 0) throw std::runtime_error("no pipe");
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(pipe_ends[1], STDOUT_FILENO);
        ::close(pipe_ends[0]);
        ::setenv(crash_folder_variable, folder.c_str(), 1);
        ::execl("/proc/self/exe", "store", "--gtest_filter=StoreCrash.DISABLED_CommitsUntilItIsKilled", "--gtest_also_run_disabled_tests", "--gtest_brief=1",
                nullptr);
        ::_exit(127);
    }
    ::close(pipe_ends[1]);
    constexpr int longest_silence_ms = 30'000;
    std::string text;
    std::vector<std::string> names;
    char piece[4096];
    for (pollfd readable{pipe_ends[0], POLLIN, 0}; ::poll(&readable, 1, longest_silence_ms) > 0;) {
        const auto got = ::read(pipe_ends[0], piece, sizeof piece);
        if (got <= 0) break;
        text.append(piece, static_cast<std::size_t>(got));
        std::size_t end = 0;
        for (; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
            if (is_acknowledged(std::string_view(text).substr(0, end))) names.push_back(text.substr(0, end));
        if (names.size() >= wanted) ::kill(child, SIGKILL);
    }
    ::kill(child, SIGKILL);
    ::close(pipe_ends[0]);
    ::waitpid(child, nullptr, 0);
    return names;
}

std::vector<core::AuditRow> whole_audit(app::Store& store) {
    std::vector<core::AuditRow> rows;
    app::PageRequest request{"", 500};
    do {
        auto page = run_task(store.list_audit(home, {}, request));
        std::ranges::move(page->items, std::back_inserter(rows));
        request.after = page->next;
    } while (!request.after.empty());
    std::ranges::reverse(rows);
    return rows;
}

TEST(StoreCrash, EverythingAcknowledgedIsThereAfterThirtyKillsAndTheAuditChainHolds) {
    TempFolder folder;
    std::mt19937 random(20261121);
    std::vector<std::string> acknowledged;

    for (int i = 0; i < 30; ++i) {
        const auto names = run_and_kill(folder.path(), 1 + random() % 40);
        acknowledged.insert(acknowledged.end(), names.begin(), names.end());
    }

    ASSERT_GT(acknowledged.size(), 300u);
    auto store = open_store(folder.path());
    for (const auto& name : acknowledged) EXPECT_TRUE(run_task(store->find_setting(home, name))) << name;
    const auto rows = whole_audit(*store);
    EXPECT_GE(rows.size(), acknowledged.size());
    EXPECT_EQ(core::first_break(rows, {}), std::nullopt);
}

}  // namespace
}  // namespace renkei::testing
