#include "app/token_release.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>

namespace renkei::app {
namespace {

bool is_json_safe(std::string_view text) {
    return std::ranges::none_of(text,
                                [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || static_cast<unsigned char>(c) > 0x7e; });
}

core::AuditRow counted_row(const ReleaseTicket& ticket, std::uint32_t times, TimePoint now) {
    core::AuditRow row;
    row.workspace = ticket.workspace;
    row.at = now;
    row.principal_kind = core::Principal::Kind::key;
    row.principal_id = ticket.key->id.bytes();
    row.principal_name = ticket.key->name;
    row.action = "token.release";
    row.target = target_of("connection", ticket.connection_name());
    row.reason = fmt::format("{} more times, the same token", times);
    row.credential_version = ticket.credential_version;
    return row;
}

// What a change means for kept decisions: one connection, one key, everything, or nothing.
struct Reach {
    const core::ConnectionId* connection = nullptr;
    const core::KeyId* key = nullptr;
    bool everything = false;
};

Reach reach_of(const Change& change) {
    if (const auto* c = std::get_if<UpdateConnection>(&change)) return {&c->row.id, nullptr, false};
    if (const auto* c = std::get_if<DeleteConnection>(&change)) return {&c->id, nullptr, false};
    if (const auto* c = std::get_if<PutFenceEntry>(&change)) return {&c->row.connection, nullptr, false};
    if (const auto* c = std::get_if<UpdateKey>(&change)) return {nullptr, &c->row.id, false};
    const bool everything =
        std::holds_alternative<PutFolderGrant>(change) || std::holds_alternative<DeleteFolderGrant>(change) || std::holds_alternative<PutMembership>(change) ||
        std::holds_alternative<InsertMembership>(change) || std::holds_alternative<UpdateMembership>(change) ||
        std::holds_alternative<DeleteMembership>(change) || std::holds_alternative<PutGroup>(change) || std::holds_alternative<UpdateGroup>(change) ||
        std::holds_alternative<DeleteGroup>(change) || std::holds_alternative<UpdateRegistration>(change) || std::holds_alternative<DeleteRegistration>(change);
    return {nullptr, nullptr, everything};
}

}  // namespace

std::uint64_t TokenReleases::place_of(const Digest& key_hash, std::string_view connection) {
    std::uint64_t seed;
    std::memcpy(&seed, key_hash.data(), sizeof seed);  // a keyed hash: nobody can aim at a place
    return seed ^ (std::hash<std::string_view>{}(connection) * 0x9e3779b97f4a7c15ULL);
}

// Ticket, token and its text lie far from each other among a hundred thousand: waited for once, not three times.
void TokenReleases::fetch(const Place& place) {
    constexpr std::size_t line = 64;
    constexpr std::size_t looked_at = 4 * line;  // of a ticket
    const auto lines = [](const void* from, std::size_t size) {
        for (std::size_t at = 0; at < size; at += line) __builtin_prefetch(static_cast<const char*>(from) + at);
    };
    lines(place.ticket.get(), looked_at);
    lines(place.token, sizeof(CachedToken));
    lines(place.text, place.text_size);
}

TokenReleases::Fast TokenReleases::try_release(const Digest& key_hash, std::string_view connection, std::string_view mailbox,
                                               const std::array<std::uint8_t, 16>& address) {
    const auto place = place_of(key_hash, connection);
    ReleaseTicketPtr ticket;
    {
        auto& shard = shard_of(place);
        const std::lock_guard lock(shard.mutex);
        const auto found = shard.tickets.find(place);
        if (found == shard.tickets.end()) return {};
        fetch(found->second);
        ticket = found->second.ticket;
    }
    const bool meant = ticket->live.load(std::memory_order_acquire) && ticket->key_hash == key_hash && ticket->connection_name() == connection &&
                       (mailbox.empty() ? ticket->unnamed : mailbox == ticket->mailbox);
    if (!meant) return {};
    const auto now = n_.clock.now();
    const auto& token = ticket->token;
    if (now >= ticket->key_expires_at || now >= ticket->fresh_until || token->superseded.load(std::memory_order_acquire)) return {};
    if (ticket->has_ranges && std::ranges::none_of(ticket->key->allowed_ranges, [&](const auto& range) { return range.contains(address); })) return {};
    token->last_used_millis.store(to_millis(now), std::memory_order_relaxed);
    ticket->uncounted.fetch_add(1, std::memory_order_relaxed);
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(token->expires_at - now).count();
    return {std::move(ticket), left};
}

Task<Result<LiveToken>> TokenReleases::release(By by, Digest key_hash, core::Name connection, std::string mailbox, std::string act_as,
                                               std::chrono::seconds min_validity) {
    const auto decided_at = changes_.load(std::memory_order_acquire);
    const auto refusal_decided_at = refusals_.changes();
    KeptRefusals::Asked asked{by, key_hash, connection.text(), mailbox};
    // What a person lends can end at any moment and is asked for each time: nothing is kept of such a call.
    const bool may_keep = act_as.empty();
    if (may_keep)
        if (auto refusal = refusals_.repeat(asked, n_.clock.now())) co_return fail(*std::move(refusal));
    const auto target = target_of("connection", connection.text());
    const bool unnamed = mailbox.empty();
    auto granted = co_await n_.access.authorize(by.principal, connection, core::Action::tokens_read, std::move(mailbox), std::move(act_as));
    if (!granted) {
        co_await note_refusal(std::move(asked), granted.error(), may_keep, refusal_decided_at);
        co_return propagate(granted);
    }
    auto token = co_await n_.tokens.token_for(granted->connection, min_validity, by.request_id);
    if (!token) co_return propagate(token);
    UnitOfWork unit{AppendAudit{audit_row(by, n_.clock.now(), "token.release", target, granted->reason, token->credential_version)}};
    if (auto audited = co_await n_.ledger.commit(by.principal.workspace, std::move(unit)); !audited) co_return propagate(audited);
    if (!may_keep || granted->connection.is_personal()) co_return token;
    auto ticket = co_await make_ticket(by, key_hash, *std::move(granted), *token);
    if (!ticket || !*ticket) co_return token;
    (*ticket)->unnamed = unnamed;
    keep(*std::move(ticket), decided_at);
    co_return token;
}

// A refusal is audited too; if that cannot be stored, the refusal stands all the same.
Task<void> TokenReleases::note_refusal(KeptRefusals::Asked asked, Error error, bool may_keep, std::uint64_t decided_at) {
    const auto now = n_.clock.now();
    UnitOfWork unit{AppendAudit{refusal_row(asked.by, now, "token.release", target_of("connection", asked.connection), error.detail)}};
    auto audited = co_await n_.ledger.commit(asked.by.principal.workspace, std::move(unit));
    const bool decided = error.code == Errc::denied || error.code == Errc::outside_fence || error.code == Errc::fence_moved || error.code == Errc::not_found;
    if (audited && decided && may_keep && asked.by.principal.kind == core::Principal::Kind::key)
        refusals_.keep(std::move(asked), std::move(error), now, decided_at);
}

Task<Result<ReleaseTicketPtr>> TokenReleases::make_ticket(By by, Digest key_hash, Granted granted, const LiveToken& token) {
    if (by.principal.kind != core::Principal::Kind::key || !is_json_safe(token.token.expose()) || !is_json_safe(token.scopes)) co_return ReleaseTicketPtr{};
    auto key = co_await n_.keys.find_key_by_hash(key_hash);
    if (!key) co_return propagate(key);
    auto cached = n_.tokens.cached(granted.connection.id, least_validity);
    if (!cached || cached->generation != token.generation) co_return ReleaseTicketPtr{};
    auto ticket = make_beside_secrets<ReleaseTicket>();
    ticket->fresh_until = refresh_due(cached->obtained_at, cached->expires_at, least_validity);
    const auto expires = iso_text(cached->expires_at);
    ticket->token = std::move(cached);
    ticket->key_hash = key_hash;
    ticket->workspace = granted.connection.workspace;
    ticket->connection = granted.connection.id;
    const auto& name = granted.connection.name.text();
    ticket->name_size = static_cast<std::uint8_t>(name.copy(ticket->name_bytes.data(), ticket->name_bytes.size()));
    ticket->mailbox = granted.mailbox;
    ticket->key_expires_at = key->expires_at.value_or(TimePoint::max());
    ticket->has_ranges = !key->allowed_ranges.empty();
    ticket->credential_version = token.credential_version;
    if (expires.size() != ticket->token_expires.size()) co_return ReleaseTicketPtr{};  // a year beyond 9999
    std::ranges::copy(expires, ticket->token_expires.begin());
    if (key->revoked_at) ticket->live = false;
    ticket->key = share_key(*std::move(key));
    co_return ticket;
}

std::shared_ptr<const ReleaseKey> TokenReleases::share_key(core::ApiKey key) {
    const std::lock_guard lock(keys_mutex_);
    auto& known = keys_[key.id];
    auto living = known.lock();
    if (living && living->name == key.name.text() && living->allowed_ranges == key.allowed_ranges) return living;
    auto made = std::make_shared<const ReleaseKey>(ReleaseKey{key.id, key.name.text(), std::move(key.allowed_ranges)});
    known = made;
    return made;
}

void TokenReleases::keep(ReleaseTicketPtr ticket, std::uint64_t decided_at) {
    const auto place = place_of(ticket->key_hash, ticket->connection_name());
    const std::lock_guard index_lock(index_mutex_);
    // Something changed while it was decided: the next read decides again.
    if (changes_.load(std::memory_order_acquire) != decided_at) return;
    auto& shard = shard_of(place);
    const std::lock_guard lock(shard.mutex);
    if (shard.tickets.size() >= most_in_shard_ && !shard.tickets.contains(place)) return;
    auto& kept = shard.tickets[place];
    const auto text = ticket->token->token.expose();
    const auto before = std::exchange(kept, Place{ticket, ticket->token.get(), text.data(), text.size()}).ticket;
    if (!before) {
        by_connection_.emplace(ticket->connection, std::move(ticket));
        return;
    }
    // The same key and connection with a newer token: what was counted for the old one goes on to be written. A reader that
    // still holds the old one will count on it: then it waits for take_counts().
    before->live.store(false, std::memory_order_release);
    if (before.use_count() > 1)
        shard.replaced.push_back(before);
    else
        ticket->uncounted.fetch_add(before->uncounted.exchange(0, std::memory_order_relaxed), std::memory_order_relaxed);
    const auto [first, last] = by_connection_.equal_range(ticket->connection);
    for (auto it = first; it != last; ++it)
        if (it->second.lock() == before) it->second = ticket;
}

template <class Matches>
void TokenReleases::forget_where(Matches matches) {
    for (auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        for (auto& [at, place] : shard.tickets)
            if (matches(*place.ticket)) place.ticket->live.store(false, std::memory_order_release);
    }
}

void TokenReleases::drop(const core::ConnectionId& connection) {
    const auto [first, last] = by_connection_.equal_range(connection);
    for (auto it = first; it != last; ++it)
        if (const auto ticket = it->second.lock()) ticket->live.store(false, std::memory_order_release);
}

void TokenReleases::committed(const UnitOfWork& unit) noexcept {
    refusals_.committed(unit);
    for (const auto& change : unit) {
        const auto reach = reach_of(change);
        if (reach.connection == nullptr && reach.key == nullptr && !reach.everything) continue;
        const std::lock_guard lock(index_mutex_);
        changes_.fetch_add(1, std::memory_order_acq_rel);
        if (reach.connection != nullptr)
            drop(*reach.connection);
        else
            forget_where([&](const ReleaseTicket& ticket) { return reach.everything || ticket.key->id == *reach.key; });
    }
}

TokenReleases::Counts TokenReleases::take_counts() {
    Counts taken;
    const std::lock_guard unwritten_lock(unwritten_mutex_);
    const auto now = n_.clock.now();
    for (auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        const auto take = [&](const ReleaseTicketPtr& ticket) {
            // What waits to be written does not grow: a workspace whose rows were refused keeps its counts in the tickets.
            if (unwritten_.contains(ticket->workspace)) return false;
            // Asked before the count is taken, and only of one that no reader holds: nothing is counted on it afterwards.
            const bool ended =
                ticket.use_count() == 1 && (!ticket->live.load(std::memory_order_acquire) || ticket->token->superseded.load(std::memory_order_acquire));
            std::atomic_thread_fence(std::memory_order_acquire);
            const auto times = ticket->uncounted.exchange(0, std::memory_order_relaxed);
            if (times > 0) taken[ticket->workspace].push_back(counted_row(*ticket, times, now));
            return ended;
        };
        boost::unordered::erase_if(shard.tickets, [&](auto& entry) { return take(entry.second.ticket); });
        std::erase_if(shard.replaced, take);
    }
    for (auto& row : refusals_.take_counts(now)) taken[row.workspace].push_back(std::move(row));
    return taken;
}

Task<Result<void>> TokenReleases::write_rows(core::WorkspaceId workspace, std::vector<core::AuditRow> rows) {
    constexpr std::size_t rows_in_a_unit = 200;
    for (std::size_t from = 0; from < rows.size(); from += rows_in_a_unit) {
        UnitOfWork part;
        for (std::size_t i = from; i < std::min(rows.size(), from + rows_in_a_unit); ++i) part.push_back(AppendAudit{rows[i]});
        auto written = co_await n_.ledger.commit(workspace, std::move(part));
        if (written) continue;
        rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(from));
        const std::lock_guard lock(unwritten_mutex_);
        auto& kept = unwritten_[workspace];
        kept.insert(kept.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
        co_return propagate(written);
    }
    co_return Result<void>{};
}

// One workspace whose rows are refused holds up no other.
Task<Result<void>> TokenReleases::write_all(Counts counts) {
    Result<void> outcome;
    for (auto& [workspace, rows] : counts)
        if (auto written = co_await write_rows(workspace, std::move(rows)); !written && outcome) outcome = std::move(written);
    co_return outcome;
}

Task<Result<void>> TokenReleases::write_counts() {
    Counts before;
    {
        const std::lock_guard lock(unwritten_mutex_);
        before.swap(unwritten_);
    }
    auto outcome = co_await write_all(std::move(before));
    auto counted = take_counts();
    {
        const std::lock_guard lock(index_mutex_);
        std::erase_if(by_connection_, [](const auto& entry) { return entry.second.expired(); });
    }
    {
        const std::lock_guard lock(keys_mutex_);
        std::erase_if(keys_, [](const auto& entry) { return entry.second.expired(); });
    }
    if (auto written = co_await write_all(std::move(counted)); !written && outcome) outcome = std::move(written);
    co_return outcome;
}

std::size_t TokenReleases::tickets() const {
    std::size_t count = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        count += shard.tickets.size();
    }
    return count;
}

}  // namespace renkei::app
