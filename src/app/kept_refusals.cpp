#include "app/kept_refusals.hpp"

#include <fmt/format.h>

#include <cstring>

namespace renkei::app {
namespace {

constexpr std::size_t most = 4096;

// Tokens, refreshes, operations and the books about them change nothing that a decision comes from. Whatever is not named
// here does.
bool concerns_decisions(const Change& change) {
    return !std::holds_alternative<ClaimLease>(change) && !std::holds_alternative<ExpectConnection>(change) && !std::holds_alternative<PutToken>(change) &&
           !std::holds_alternative<DeleteTokens>(change) && !std::holds_alternative<BeginRefresh>(change) && !std::holds_alternative<EndRefresh>(change) &&
           !std::holds_alternative<UpdateGrant>(change) && !std::holds_alternative<PutFenceCheck>(change) && !std::holds_alternative<DueFence>(change) &&
           !std::holds_alternative<InsertOperation>(change) && !std::holds_alternative<UpdateOperation>(change) &&
           !std::holds_alternative<PutOperationItem>(change) && !std::holds_alternative<InsertOneTime>(change) && !std::holds_alternative<UseOneTime>(change) &&
           !std::holds_alternative<PutIdempotency>(change) && !std::holds_alternative<DeleteIdempotency>(change) &&
           !std::holds_alternative<AppendAudit>(change);
}

}  // namespace

std::uint64_t KeptRefusals::place_of(const Asked& asked) {
    std::uint64_t seed;
    std::memcpy(&seed, asked.key_hash.data(), sizeof seed);  // a keyed hash: nobody can aim at a place
    const auto text = std::hash<std::string_view>{};
    return seed ^ (text(asked.connection) * 0x9e3779b97f4a7c15ULL) ^ (text(asked.mailbox) * 0xc2b2ae3d27d4eb4fULL);
}

bool KeptRefusals::same(const Asked& a, const Asked& b) { return a.key_hash == b.key_hash && a.connection == b.connection && a.mailbox == b.mailbox; }

std::optional<Error> KeptRefusals::repeat(const Asked& asked, TimePoint now) {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(place_of(asked));
    if (found == kept_.end() || !same(found->second.asked, asked)) return std::nullopt;
    if (found->second.until <= now || found->second.decided_at != changes()) return std::nullopt;
    ++found->second.repeated;
    return found->second.refusal;
}

void KeptRefusals::keep(Asked asked, Error refusal, TimePoint now, std::uint64_t decided_at) {
    const std::lock_guard lock(mutex_);
    if (decided_at != changes()) return;
    const auto place = place_of(asked);
    auto found = kept_.find(place);
    if (found == kept_.end()) {
        if (kept_.size() >= most) return;  // each further one is decided and audited by itself, until the counts are written
        found = kept_.emplace(place, Kept{}).first;
    } else if (!same(found->second.asked, asked)) {
        return;
    }
    auto& one = found->second;
    one = Kept{std::move(asked), std::move(refusal), now + kept_for, decided_at, one.repeated};
}

std::vector<core::AuditRow> KeptRefusals::take_counts(TimePoint now) {
    std::vector<core::AuditRow> rows;
    const std::lock_guard lock(mutex_);
    for (auto it = kept_.begin(); it != kept_.end();) {
        auto& one = it->second;
        if (one.repeated > 0)
            rows.push_back(refusal_row(one.asked.by, now, "token.release", target_of("connection", one.asked.connection),
                                       fmt::format("{} ({} more times)", one.refusal.detail, std::exchange(one.repeated, 0))));
        const bool ended = one.until <= now || one.decided_at != changes();
        it = ended ? kept_.erase(it) : std::next(it);
    }
    return rows;
}

void KeptRefusals::committed(const UnitOfWork& unit) noexcept {
    for (const auto& change : unit)
        if (concerns_decisions(change)) {
            changes_.fetch_add(1, std::memory_order_acq_rel);
            return;
        }
}

}  // namespace renkei::app
