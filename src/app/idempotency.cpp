#include "app/idempotency.hpp"

#include "base/encoding.hpp"

namespace renkei::app {
namespace {

constexpr auto keeping_time = std::chrono::hours(24);

void put(std::string& all, std::string_view part) {
    all += std::to_string(part.size());
    all += ':';
    all += part;
}

}  // namespace

Idempotency::Claim Idempotency::claim_of(const core::Principal& caller, std::string_view route, std::string_view key, std::string_view target,
                                         std::string_view body) {
    std::string scope, content;
    put(scope, as_text(caller.id));
    put(scope, route);
    put(scope, key);
    put(content, target);
    put(content, body);
    const auto digest = sha256(scope);
    return {caller.workspace, to_hex(digest), sha256(content)};
}

bool Idempotency::runs_here(const std::string& scope) {
    const std::lock_guard lock(mutex_);
    return running_.contains(scope);
}

void Idempotency::set_running(const std::string& scope, bool running) {
    const std::lock_guard lock(mutex_);
    auto& count = running_[scope];
    count += running ? 1 : -1;
    if (count <= 0) running_.erase(scope);
}

Result<Idempotency::Begun> Idempotency::judge(const Claim& claim, const IdempotentAnswer& known) {
    if (known.body_hash != claim.body_hash) return fail(Errc::idempotency_mismatch, "the key was first used with another target or body");
    if (!known.answer.empty()) return Begun{false, known.answer};
    if (runs_here(claim.workspace.text() + claim.scope))
        return fail(Errc::idempotency_in_progress, "the first request with this key has not been answered yet");
    // Its process ended before it could answer. Running it again could do it twice, so a person looks.
    return fail(Errc::idempotency_in_progress,
                "the first request with this key was cut off when Renkei stopped; look whether it took effect, then use a new key");
}

Task<Result<Idempotency::Begun>> Idempotency::begin(Claim claim) {
    const auto now = clock_.now();
    auto known = co_await store_.find_idempotency(claim.workspace, claim.scope);
    if (!known && known.error().code != Errc::not_found) co_return propagate(known);
    if (known && known->expires_at > now) co_return judge(claim, *known);
    UnitOfWork unit;
    if (known) unit.push_back(DeleteIdempotency{claim.workspace, claim.scope});
    unit.push_back(PutIdempotency{claim.workspace, claim.scope, claim.body_hash, "", now + keeping_time, true});
    // Announced before it is stored, so that a racing repeat never takes it for one of a dead process.
    const auto name = claim.workspace.text() + claim.scope;
    set_running(name, true);
    auto stored = co_await store_.commit(claim.workspace, std::move(unit));
    if (stored) co_return Begun{};
    set_running(name, false);
    if (stored.error().code != Errc::conflict) co_return propagate(stored);
    // Another request with the same key was quicker.
    auto winner = co_await store_.find_idempotency(claim.workspace, claim.scope);
    if (!winner) co_return fail(Errc::idempotency_in_progress, "the first request with this key has not been answered yet");
    co_return judge(claim, *winner);
}

Task<Result<void>> Idempotency::finish(Claim claim, std::string answer) {
    UnitOfWork unit;
    unit.push_back(PutIdempotency{claim.workspace, claim.scope, claim.body_hash, std::move(answer), clock_.now() + keeping_time, false});
    auto stored = co_await store_.commit(claim.workspace, std::move(unit));
    set_running(claim.workspace.text() + claim.scope, false);
    co_return stored;
}

Task<Result<void>> Idempotency::abandon(Claim claim) {
    UnitOfWork unit;
    unit.push_back(DeleteIdempotency{claim.workspace, claim.scope});
    auto stored = co_await store_.commit(claim.workspace, std::move(unit));
    set_running(claim.workspace.text() + claim.scope, false);
    co_return stored;
}

}  // namespace renkei::app
