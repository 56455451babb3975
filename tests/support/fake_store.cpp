#include "tests/support/fake_store.hpp"

#include "app/ports/unit_scope.hpp"
#include "tests/support/fake_store_tables.hpp"

namespace renkei::testing {

FakeStore::FakeStore() : tables_(std::make_unique<Tables>()), switches_(std::make_unique<Switches>()) {}
FakeStore::~FakeStore() = default;

void FakeStore::fail_next_commits(int count, Errc code) {
    const std::lock_guard lock(mutex_);
    switches_->failing = count;
    switches_->failing_with = code;
}
void FakeStore::fail_commits_when(std::function<std::optional<Errc>(const app::UnitOfWork&)> judge) {
    const std::lock_guard lock(mutex_);
    switches_->fails_when = std::move(judge);
}
void FakeStore::die_before_commit_when(std::function<bool(const app::UnitOfWork&)> judge) {
    const std::lock_guard lock(mutex_);
    switches_->dies_before = std::move(judge);
}
void FakeStore::die_after_commit_when(std::function<bool(const app::UnitOfWork&)> judge) {
    const std::lock_guard lock(mutex_);
    switches_->dies_after = std::move(judge);
}
bool FakeStore::is_dead() const {
    const std::lock_guard lock(mutex_);
    return switches_->dead;
}
void FakeStore::revive() {
    const std::lock_guard lock(mutex_);
    const auto commits = switches_->commits;
    auto observers = std::move(switches_->observers);
    *switches_ = {};
    switches_->commits = commits;
    switches_->observers = std::move(observers);
}
void FakeStore::observe(app::CommitObserver* observer) {
    const std::lock_guard lock(mutex_);
    switches_->observers.push_back(observer);
}
std::uint64_t FakeStore::commits() const {
    const std::lock_guard lock(mutex_);
    return switches_->commits;
}
std::vector<core::AuditRow> FakeStore::audit(core::WorkspaceId workspace) const {
    const std::lock_guard lock(mutex_);
    const auto rows = tables_->audits.find(workspace);
    return rows == tables_->audits.end() ? std::vector<core::AuditRow>{} : rows->second;
}

Task<Result<void>> FakeStore::commit(core::WorkspaceId workspace, app::UnitOfWork unit) {
    if (!app::belongs_to(unit, workspace)) co_return fail(Errc::not_found, "A change of the unit belongs to another workspace.");
    auto shared = std::make_shared<const app::UnitOfWork>(std::move(unit));
    co_return co_await look([this, shared](Tables& tables) -> Result<void> {
        auto& switches = *switches_;
        if (switches.failing > 0) {
            --switches.failing;
            return fail(switches.failing_with, "The store was told to fail.");
        }
        if (switches.fails_when)
            if (const auto code = switches.fails_when(*shared)) return fail(*code, "The store was told to fail.");
        if (switches.dies_before && switches.dies_before(*shared)) {
            switches.dead = true;
            return gone_process();
        }
        if (auto applied = tables.apply_unit(*shared); !applied) return applied;
        ++switches.commits;
        for (auto* observer : switches.observers) observer->committed(*shared);
        if (switches.dies_after && switches.dies_after(*shared)) {
            switches.dead = true;
            return gone_process();
        }
        return {};
    });
}

Task<Result<app::Lease>> FakeStore::claim(core::WorkspaceId workspace, std::string name, std::string owner, TimePoint now, std::chrono::milliseconds length) {
    return look([=](Tables& tables) { return tables.claim(workspace, name, owner, now, now + length); });
}
Task<Result<void>> FakeStore::release(core::WorkspaceId workspace, app::Lease lease) {
    return look([=](Tables& tables) { return tables.release(workspace, lease); });
}
Task<Result<std::uint64_t>> FakeStore::sweep(TimePoint now) {
    return look([=](Tables& tables) { return Result<std::uint64_t>(tables.sweep(now)); });
}

}  // namespace renkei::testing
