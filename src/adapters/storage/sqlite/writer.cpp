#include "adapters/storage/sqlite/writer.hpp"

namespace renkei::sqlite {

Writer::Writer(std::unique_ptr<Database> database, WriterLimits limits) : database_(std::move(database)), limits_(limits), thread_([this] { run(); }) {}

Writer::~Writer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_all();
    thread_.join();
}

void Writer::submit(Job job) {
    std::optional<Error> refused;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            refused = Error{Errc::shutting_down, "The store is being closed."};
        } else if (queue_.size() >= limits_.queue) {
            refused = Error{Errc::too_many_requests, "Too many changes wait to be stored."};
        } else {
            queue_.push_back(std::move(job));
        }
    }
    if (refused) return job.done(fail(*std::move(refused)));
    arrived_.notify_one();
}

WriterFigures Writer::figures() const {
    const std::lock_guard lock(mutex_);
    auto figures = figures_;
    figures.waiting = queue_.size();
    return figures;
}

void Writer::run() {
    for (;;) {
        std::vector<Job> group;
        {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            const auto count = std::min(queue_.size(), limits_.group);
            group.reserve(count);
            for (std::size_t i = 0; i < count; ++i) {
                group.push_back(std::move(queue_.front()));
                queue_.pop_front();
            }
        }
        write(group);
    }
}

void Writer::write(std::vector<Job>& group) {
    std::size_t from = 0;
    while (from < group.size()) {
        std::vector<Result<void>> results;
        auto failure = try_group(group, from, group.size() - from, results);
        if (failure && results.size() > 1) {
            // One unit may be too big for what is left of the disk: alone, each finds out for itself.
            failure = try_group(group, from, 1, results);
        }
        if (failure) {
            results.clear();
            results.emplace_back(fail(*std::move(failure)));
        }
        {
            const std::lock_guard lock(mutex_);
            ++(failure ? figures_.failed_commits : figures_.groups);
            figures_.units += results.size();
        }
        for (auto& result : results) {
            group[from].done(std::move(result));
            group[from++] = {};
        }
    }
}

std::optional<Error> Writer::try_group(std::vector<Job>& group, std::size_t from, std::size_t count, std::vector<Result<void>>& results) {
    const auto began = std::chrono::steady_clock::now();
    results.clear();
    const auto give_up = [&](Error error) {
        if (database_->in_transaction()) static_cast<void>(database_->change("ROLLBACK"));
        return error;
    };
    if (auto begun = database_->change("BEGIN IMMEDIATE"); !begun) {
        results.resize(count);
        return give_up(std::move(begun.error()));
    }
    for (std::size_t i = 0; i < count; ++i) {
        results.push_back(in_savepoint(group[from + i]));
        // A full disk may take the whole transaction with it, and with it the units before.
        if (!database_->in_transaction())
            return give_up(results.back() ? Error{Errc::storage_failed, "The transaction ended by itself."} : results.back().error());
        if (std::chrono::steady_clock::now() - began > limits_.group_time) break;
    }
    if (auto committed = database_->change("COMMIT"); !committed) return give_up(std::move(committed.error()));
    return std::nullopt;
}

Result<void> Writer::in_savepoint(const Job& job) {
    if (auto set = database_->change("SAVEPOINT unit"); !set) return propagate(set);
    auto result = job.work(*database_);
    if (!result && database_->in_transaction()) static_cast<void>(database_->change("ROLLBACK TO unit"));
    if (database_->in_transaction()) {
        if (auto released = database_->change("RELEASE unit"); !released) return propagate(released);
    }
    return result;
}

}  // namespace renkei::sqlite
