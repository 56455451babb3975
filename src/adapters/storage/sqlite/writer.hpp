#pragma once

#include "adapters/storage/sqlite/database.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace renkei::sqlite {

/// Something to write: applied whole or not at all. It may be applied again after a failed commit, so it keeps nothing.
struct Job {
    std::function<Result<void>(Database&)> work;
    std::function<void(Result<void>)> done;  ///< called once, on the writer's thread, after the commit
};

struct WriterLimits {
    std::size_t queue = 4096;  ///< beyond: too_many_requests
    std::size_t group = 64;    ///< more units in a transaction bring nothing (docs/performance.md)
    std::chrono::microseconds group_time{2000};
};

/// What it did so far.
struct WriterFigures {
    std::uint64_t units = 0;
    std::uint64_t groups = 0;
    std::uint64_t failed_commits = 0;
    std::size_t waiting = 0;
};

/// The one thread that writes. A group is everything that was queued when the commit before it ended: one fsync for all.
class Writer {
public:
    Writer(std::unique_ptr<Database> database, WriterLimits limits);
    ~Writer();  ///< writes what is queued, then ends
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void submit(Job job);
    WriterFigures figures() const;

private:
    void run();
    void write(std::vector<Job>& group);
    /// Nothing: committed, and `results` holds what became of each job. Otherwise nothing of the group is stored.
    std::optional<Error> try_group(std::vector<Job>& group, std::size_t from, std::size_t count, std::vector<Result<void>>& results);
    Result<void> in_savepoint(const Job& job);

    std::unique_ptr<Database> database_;
    const WriterLimits limits_;
    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Job> queue_;
    bool stopping_ = false;
    WriterFigures figures_;
    std::thread thread_;
};

}  // namespace renkei::sqlite
