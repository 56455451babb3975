#pragma once

#include "app/audit.hpp"
#include "app/event_loops.hpp"
#include "app/ports/store.hpp"
#include "base/random.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::app {

/// One kind of long work, known by its name. Its items stand in the operation from the beginning, so that a restart
/// goes on with the ones that are not done.
class OperationKind {
public:
    virtual ~OperationKind() = default;
    virtual std::string_view name() const = 0;
    /// Does one item. Must be harmless when repeated: a crash between the work and its record repeats it.
    virtual Task<core::OperationItem> work(core::WorkspaceId workspace, std::uint64_t index, std::string target, std::string request_id) = 0;
};

/// Runs long work, a few operations at a time, each item recorded when it is done.
class Operations {
public:
    struct Needs {
        Store& store;
        EventLoops& loops;
        Clock& clock;
        Random& random;
    };
    explicit Operations(Needs needs, std::size_t at_once = 2) : n_(needs), at_once_(at_once) {}

    void add(OperationKind& kind) { kinds_.emplace(kind.name(), &kind); }
    /// Goes on with what a stop has cut off. Called once, before requests come.
    Task<Result<void>> resume();
    /// Takes nothing new up and waits until the items in work are recorded.
    Task<void> stop();

    /// `with` is stored in the same unit.
    Task<Result<core::Operation>> start(By by, std::string kind, std::vector<std::string> targets, UnitOfWork with = {});
    Task<Result<core::Operation>> show(By by, core::OperationId id);
    Task<Result<Page<core::Operation>>> list(By by, PageRequest page);
    Task<Result<Page<core::OperationItem>>> items(By by, core::OperationId id, PageRequest page);
    /// The item in work is finished first.
    Task<Result<core::Operation>> cancel(By by, core::OperationId id);

    /// The operation when its version has passed `seen`, or as it is at `until`.
    Task<Result<core::Operation>> changed_since(By by, core::OperationId id, std::uint64_t seen, TimePoint until);

private:
    struct Job {
        core::WorkspaceId workspace;
        core::OperationId id;
    };

    void enqueue(Job job);
    Task<void> drain_queue();
    Task<void> run(Job job);
    Task<Result<core::Operation>> work_through(core::Operation operation, OperationKind* kind);
    /// Writes the change over the newest version: only this and cancel() write a running operation.
    Task<Result<core::Operation>> update(core::Operation seen, std::function<void(core::Operation&)> change, UnitOfWork with);
    void announce();

    Needs n_;
    std::size_t at_once_;
    std::map<std::string_view, OperationKind*> kinds_;
    std::mutex mutex_;
    std::deque<Job> queue_;
    std::size_t running_ = 0;
    bool stopping_ = false;
    std::vector<std::function<void(bool)>> waiting_;  ///< for the end of all work
    struct Watcher;
    std::vector<std::weak_ptr<Watcher>> watchers_;  ///< for the next change of any operation
};

}  // namespace renkei::app
