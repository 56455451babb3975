#include "app/operations.hpp"

#include "app/operation_request.hpp"
#include "app/timer.hpp"

#include <algorithm>
#include <atomic>

namespace renkei::app {
namespace {

using core::OperationState;

constexpr auto kept_for = std::chrono::hours(24 * 7);
constexpr std::size_t most_targets = 100'000;

bool has_ended(const core::Operation& operation) {
    return operation.state == OperationState::done || operation.state == OperationState::failed || operation.state == OperationState::cancelled;
}

Result<core::Operation> unless_expired(Result<core::Operation> found, TimePoint now) {
    if (found && found->expires_at <= now) return fail(Errc::gone, "the operation has expired");
    return found;
}

}  // namespace

Task<Result<void>> Operations::resume() {
    auto unfinished = co_await n_.store.unfinished_operations();
    if (!unfinished) co_return propagate(unfinished);
    std::ranges::sort(*unfinished, {}, &core::Operation::created_at);
    for (const auto& operation : *unfinished) enqueue({operation.workspace, operation.id});
    co_return Result<void>{};
}

Task<Result<core::Operation>> Operations::start(By by, std::string kind, std::vector<std::string> targets, UnitOfWork with) {
    if (!kinds_.contains(kind)) co_return bad_field("kind", "there is no such kind of operation");
    if (targets.size() > most_targets) co_return bad_field("targets", "an operation has at most 100000 items");
    const auto now = n_.clock.now();
    core::Operation operation;
    operation.workspace = by.principal.workspace;
    operation.id = n_.random.make<core::OperationId>();
    operation.kind = std::move(kind);
    operation.total = targets.size();
    operation.request = write_request({std::move(targets), by.request_id});
    operation.principal_name = by.principal.name;
    operation.created_at = operation.updated_at = now;
    operation.expires_at = now + kept_for;
    auto unit = std::move(with);
    unit.insert(unit.begin(), InsertOperation{operation});
    unit.push_back(
        AppendAudit{audit_row(by, now, "operation.start", target_of("operation", operation.id.text()), "granted by a right of the caller; " + operation.kind)});
    if (auto stored = co_await n_.store.commit(operation.workspace, std::move(unit)); !stored) co_return propagate(stored);
    enqueue({operation.workspace, operation.id});
    co_return operation;
}

Task<Result<core::Operation>> Operations::show(By by, core::OperationId id) {
    co_return unless_expired(co_await n_.store.find_operation(by.principal.workspace, id), n_.clock.now());
}

Task<Result<Page<core::Operation>>> Operations::list(By by, PageRequest page) {
    co_return co_await n_.store.list_operations(by.principal.workspace, std::move(page));
}

Task<Result<Page<core::OperationItem>>> Operations::items(By by, core::OperationId id, PageRequest page) {
    auto operation = co_await show(by, id);
    if (!operation) co_return propagate(operation);
    co_return co_await n_.store.operation_items(by.principal.workspace, id, std::move(page));
}

Task<Result<core::Operation>> Operations::cancel(By by, core::OperationId id) {
    auto operation = co_await show(by, id);
    if (!operation) co_return propagate(operation);
    if (has_ended(*operation) || operation->cancel_requested) co_return operation;
    UnitOfWork audit;
    audit.push_back(AppendAudit{audit_row(by, n_.clock.now(), "operation.cancel", target_of("operation", id.text()), std::string(by_right))});
    co_return co_await update(std::move(*operation), [](core::Operation& row) { row.cancel_requested = true; }, std::move(audit));
}

Task<Result<core::Operation>> Operations::update(core::Operation seen, std::function<void(core::Operation&)> change, UnitOfWork with) {
    // The other writer wins a few times at most: it writes once an item.
    for (int attempt = 0;; ++attempt) {
        auto next = seen;
        change(next);
        next.version = seen.version + 1;
        next.updated_at = n_.clock.now();
        auto unit = with;
        unit.insert(unit.begin(), UpdateOperation{next, seen.version});
        auto stored = co_await n_.store.commit(seen.workspace, std::move(unit));
        if (stored) {
            announce();
            co_return next;
        }
        if (stored.error().code != Errc::conflict || attempt == 8) co_return propagate(stored);
        auto again = co_await n_.store.find_operation(seen.workspace, seen.id);
        if (!again) co_return propagate(again);
        seen = std::move(*again);
        if (has_ended(seen)) co_return seen;
    }
}

void Operations::enqueue(Job job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;  // It stays queued in the store and is found at the next start.
        queue_.push_back(job);
        if (running_ == at_once_) return;
        ++running_;
    }
    // Without the lock: on a loop's own thread the coroutine runs at once, within this call, and takes it itself.
    // Owned: stop() waits until running_ is back at zero.
    asio::co_spawn(n_.loops.any(), drain_queue(), [this](std::exception_ptr) {
        const std::lock_guard end(mutex_);
        --running_;
        if (running_ == 0)
            for (auto& wake : std::exchange(waiting_, {})) wake(true);
    });
}

Task<void> Operations::drain_queue() {
    for (;;) {
        Job job;
        {
            const std::lock_guard lock(mutex_);
            if (queue_.empty() || stopping_) co_return;
            job = queue_.front();
            queue_.pop_front();
        }
        co_await run(job);
    }
}

Task<void> Operations::run(Job job) {
    auto found = co_await n_.store.find_operation(job.workspace, job.id);
    if (!found || has_ended(*found)) co_return;
    const auto kind = kinds_.find(found->kind);
    auto operation = co_await update(std::move(*found), [](core::Operation& row) { row.state = OperationState::running; }, {});
    if (!operation) co_return;  // The store fails: the next start finds it again.
    auto worked = co_await work_through(*operation, kind == kinds_.end() ? nullptr : kind->second);
    if (worked) co_return;
    const auto slug = std::string(error_row(worked.error().code).slug);
    (void)co_await update(std::move(*operation), [slug](core::Operation& row) { row.state = OperationState::failed, row.failure_slug = slug; }, {});
}

Task<Result<core::Operation>> Operations::work_through(core::Operation operation, OperationKind* kind) {
    if (kind == nullptr) co_return fail(Errc::internal, "this kind of operation is not known any more");
    auto request = read_request(operation.request);
    if (!request) co_return propagate(request);
    for (auto index = operation.done; index < request->targets.size(); ++index) {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) co_return operation;
        }
        if (operation.cancel_requested) break;
        core::OperationItem item;
        std::string broken;
        try {
            item = co_await kind->work(operation.workspace, index, request->targets[index], request->request_id);
        } catch (const std::exception&) {
            broken = "the work on this item failed inside Renkei";
        }
        if (!broken.empty()) item = {index, request->targets[index], false, std::string(error_row(Errc::internal).slug), broken};
        item.index = index;
        UnitOfWork unit;
        unit.push_back(PutOperationItem{operation.workspace, operation.id, std::move(item)});
        auto next = co_await update(std::move(operation), [index](core::Operation& row) { row.done = index + 1; }, std::move(unit));
        if (!next) co_return propagate(next);
        operation = std::move(*next);
    }
    const auto end = operation.cancel_requested && operation.done < operation.total ? OperationState::cancelled : OperationState::done;
    co_return co_await update(std::move(operation), [end](core::Operation& row) { row.state = end; }, {});
}

// Woken once, by a change or by the clock, whichever comes first.
struct Operations::Watcher {
    std::atomic<bool> called = false;
    std::function<void(bool)> done;
    std::unique_ptr<Clock::Ticket> ticket;
    void wake(bool changed) {
        if (!called.exchange(true)) done(changed);
    }
};

void Operations::announce() {
    std::vector<std::weak_ptr<Watcher>> woken;
    {
        const std::lock_guard lock(mutex_);
        woken = std::exchange(watchers_, {});
    }
    for (const auto& weak : woken)
        if (const auto watcher = weak.lock()) watcher->wake(true);
}

Task<Result<core::Operation>> Operations::changed_since(By by, core::OperationId id, std::uint64_t seen, TimePoint until) {
    for (;;) {
        auto operation = co_await show(by, id);
        if (!operation || operation->version > seen || n_.clock.now() >= until) co_return operation;
        // A change between this look and the wait is seen a second later: the wait never lasts longer.
        auto watcher = std::make_shared<Watcher>();
        co_await wait_for_callback<bool>([&](auto done) {
            watcher->done = std::move(done);
            {
                const std::lock_guard lock(mutex_);
                std::erase_if(watchers_, [](const std::weak_ptr<Watcher>& old) { return old.expired(); });
                watchers_.push_back(watcher);
            }
            watcher->ticket = n_.clock.call_at(std::min(until, n_.clock.now() + std::chrono::seconds(1)), [weak = std::weak_ptr(watcher)] {
                if (const auto still = weak.lock()) still->wake(false);
            });
        });
        watcher->ticket.reset();
    }
}

Task<void> Operations::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        queue_.clear();
        if (running_ == 0) co_return;
    }
    announce();
    co_await wait_for_callback<bool>([this](auto done) {
        const std::lock_guard lock(mutex_);
        if (running_ == 0)
            done(true);
        else
            waiting_.emplace_back(std::move(done));
    });
}

}  // namespace renkei::app
