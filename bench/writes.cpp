// Durable writes of 2 KiB: Ledger::commit with 64 callers at a time against a bare SQLite loop with 64 rows a transaction,
// in turn, on the same disk.  writes DATA_DIR   (a store made by seed_store). Prints one JSON line.
#include "adapters/storage/sqlite/sqlite_store.hpp"
#include "app/event_loops.hpp"
#include "bench/common.hpp"
#include "server/background.hpp"

#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <vector>

namespace {

using namespace renkei;
using bench::median;
using Steady = std::chrono::steady_clock;

constexpr int rounds = 5;
constexpr int callers = 64;
constexpr std::uint32_t rows_in_play = 20'000;  // both sides write random ones of these
constexpr std::chrono::milliseconds round_length{1500};

struct Figure {
    double rows_per_second = 0, cpu_micros = 0;
};

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

template <class Work>
Figure measured(Work work) {
    const auto began = Steady::now();
    const auto cpu = cpu_seconds();
    const auto rows = static_cast<double>(work(began + round_length));
    const auto seconds = std::chrono::duration<double>(Steady::now() - began).count();
    return {rows / seconds, (cpu_seconds() - cpu) * 1e6 / rows};
}

std::uint32_t next_row(std::uint32_t& seed) {
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % rows_in_play;
}

Task<long> caller(app::Store& store, const std::vector<core::StoredToken>& tokens, std::uint32_t seed, Steady::time_point end) {
    long rows = 0;
    while (Steady::now() < end) {
        const auto& token = tokens[next_row(seed)];
        app::UnitOfWork unit{app::PutToken{token}};
        if (auto done = co_await store.commit(token.key.workspace, std::move(unit)); !done) std::abort();
        ++rows;
    }
    co_return rows;
}

long ours(app::EventLoops& loops, app::Store& store, const std::vector<core::StoredToken>& tokens, Steady::time_point end) {
    std::vector<std::future<long>> parts;
    for (int i = 0; i < callers; ++i) {
        auto done = std::make_shared<std::promise<long>>();
        parts.push_back(done->get_future());
        asio::co_spawn(loops.any(), caller(store, tokens, static_cast<std::uint32_t>(i), end),
                       [done](std::exception_ptr, long rows) { done->set_value(rows); });
    }
    long rows = 0;
    for (auto& part : parts) rows += part.get();
    return rows;
}

class Bare {
public:
    explicit Bare(const std::filesystem::path& file) : blob_(2048, 'x') {
        sqlite3_open(file.c_str(), &db_);
        for (const char* sql : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=4000",
                                "CREATE TABLE t(id INTEGER PRIMARY KEY, exp INTEGER, tok BLOB)"})
            sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
        sqlite3_prepare_v2(db_, "INSERT INTO t VALUES(?,?,?) ON CONFLICT(id) DO UPDATE SET exp=excluded.exp, tok=excluded.tok", -1, &put_, nullptr);
    }
    ~Bare() {
        sqlite3_finalize(put_);
        sqlite3_close(db_);
    }
    Bare(const Bare&) = delete;
    Bare& operator=(const Bare&) = delete;

    void fill() {
        sqlite3_exec(db_, "BEGIN", nullptr, nullptr, nullptr);
        for (std::uint32_t row = 0; row < rows_in_play; ++row) put(row, 0);
        sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr);
    }

    long run(Steady::time_point end) {
        long rows = 0;
        while (Steady::now() < end) {
            sqlite3_exec(db_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
            for (int i = 0; i < callers; ++i, ++rows) put(next_row(seed_), rows);
            sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr);
        }
        return rows;
    }

private:
    void put(std::uint32_t row, long value) {
        sqlite3_bind_int64(put_, 1, row);
        sqlite3_bind_int64(put_, 2, value);
        sqlite3_bind_blob(put_, 3, blob_.data(), static_cast<int>(blob_.size()), SQLITE_STATIC);
        sqlite3_step(put_);
        sqlite3_reset(put_);
    }

    std::uint32_t seed_ = 7;
    sqlite3* db_ = nullptr;
    sqlite3_stmt* put_ = nullptr;
    std::string blob_;
};

}  // namespace

int main(int count, char** words) {
    if (count != 2) return std::fputs("usage: writes DATA_DIR\n", stderr), 2;
    app::EventLoops loops(1);
    loops.start();
    sqlite::Settings settings;
    settings.folder = words[1];
    auto store = sqlite::SqliteStore::open(std::move(settings));
    if (!store) return std::fprintf(stderr, "%s\n", store.error().detail.c_str()), 1;
    auto tokens = server::run_on(loops.any(), (*store)->tokens_expiring(TimePoint::max(), from_millis(0), rows_in_play));
    if (!tokens || tokens->size() < rows_in_play) return std::fputs("the store has too few tokens: make it with seed_store\n", stderr), 1;
    for (auto& token : *tokens) token.token.bytes.resize(2048, 'x');
    Bare bare(std::filesystem::path(words[1]) / "bare.db");
    bare.fill();
    std::vector<double> wall, cpu, our_rate;
    for (int i = 0; i < rounds; ++i) {
        const auto reference = measured([&](auto end) { return bare.run(end); });
        const auto renkei = measured([&](auto end) { return ours(loops, **store, *tokens, end); });
        wall.push_back(renkei.rows_per_second / reference.rows_per_second);
        cpu.push_back(reference.cpu_micros / renkei.cpu_micros);
        our_rate.push_back(renkei.rows_per_second);
    }
    std::printf("{\"rate_ratio\":%.2f,\"cpu_ratio\":%.2f,\"rows_per_second\":%.0f}\n", median(wall), median(cpu), median(our_rate));
    store->reset();
    loops.stop();
    loops.join();
    return 0;
}
