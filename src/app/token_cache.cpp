#include "app/token_cache.hpp"

#include <algorithm>

namespace renkei::app {

TimePoint refresh_due(TimePoint obtained_at, TimePoint expires_at, std::chrono::seconds min_validity) {
    const std::chrono::milliseconds half_life = (expires_at - obtained_at) / 2;
    const std::chrono::milliseconds wanted = std::max(std::chrono::milliseconds(0), std::min<std::chrono::milliseconds>(min_validity, half_life));
    return expires_at - wanted;
}

TokenCache::TokenCache(std::size_t most) : most_in_shard_(std::max<std::size_t>(1, most / shard_count)) {}

CachedTokenPtr TokenCache::find(const core::ConnectionId& connection) const {
    const auto& home = shard(connection);
    const std::lock_guard lock(home.mutex);
    const auto found = home.slots.find(connection);
    return found == home.slots.end() ? nullptr : found->second.token;
}

void TokenCache::publish(CachedTokenPtr token) {
    note_grant(token->key.grant, token->connection);
    auto& home = shard(token->connection);
    CachedTokenPtr dropped;  // wiped after the lock is gone
    const std::lock_guard lock(home.mutex);
    if (home.slots.size() >= most_in_shard_ && !home.slots.contains(token->connection)) make_room(home);
    auto& slot = home.slots[token->connection];
    if (token->generation <= slot.rejected) return;
    if (slot.token && slot.token->key.grant == token->key.grant && slot.token->generation > token->generation) return;
    if (slot.token) token->last_used_millis.store(std::max(slot.token->last_used_millis.load(), token->last_used_millis.load()));
    dropped = slot.put(std::move(token));
}

void TokenCache::note_grant(const core::GrantId& grant, const core::ConnectionId& connection) {
    auto& home = shards_[index(grant)];
    const std::lock_guard lock(home.mutex);
    if (home.of_grant.size() >= 2 * most_in_shard_) home.of_grant.erase(home.of_grant.begin());
    home.of_grant.insert_or_assign(grant, connection);
}

// The least recently used of a few: good enough, and never more than a few steps.
void TokenCache::make_room(Shard& shard) {
    constexpr int looked_at = 8;
    auto victim = shard.slots.begin();
    int seen = 0;
    for (auto it = shard.slots.begin(); it != shard.slots.end() && seen < looked_at; ++it, ++seen) {
        if (!it->second.token) {
            victim = it;
            break;
        }
        if (it->second.token->last_used_millis < victim->second.token->last_used_millis) victim = it;
    }
    if (victim != shard.slots.end()) shard.slots.erase(victim);
}

void TokenCache::reject(const core::TokenKey& key, std::uint64_t generation, TimePoint obtained_before) {
    core::ConnectionId connection;
    {
        auto& home = shards_[index(key.grant)];
        const std::lock_guard lock(home.mutex);
        const auto found = home.of_grant.find(key.grant);
        if (found == home.of_grant.end()) return;
        connection = found->second;
    }
    auto& home = shard(connection);
    const std::lock_guard lock(home.mutex);
    const auto found = home.slots.find(connection);
    if (found == home.slots.end() || !found->second.token || found->second.token->key != key || found->second.token->generation != generation) return;
    if (found->second.token->obtained_at > obtained_before) return;
    found->second.rejected = generation;
    found->second.put(nullptr);
}

std::uint64_t TokenCache::rejected_generation(const core::ConnectionId& connection) const {
    const auto& home = shard(connection);
    const std::lock_guard lock(home.mutex);
    const auto found = home.slots.find(connection);
    return found == home.slots.end() ? 0 : found->second.rejected;
}

void TokenCache::drop(const core::ConnectionId& connection) {
    auto& home = shard(connection);
    const std::lock_guard lock(home.mutex);
    const auto found = home.slots.find(connection);
    if (found == home.slots.end()) return;
    if (found->second.rejected == 0)
        home.slots.erase(found);
    else
        found->second.put(nullptr);
}

void TokenCache::forget(const core::ConnectionId& connection) {
    auto& home = shard(connection);
    const std::lock_guard lock(home.mutex);
    home.slots.erase(connection);
}

std::size_t TokenCache::size() const {
    std::size_t all = 0;
    for (const auto& one : shards_) {
        const std::lock_guard lock(one.mutex);
        all += one.slots.size();
    }
    return all;
}

std::shared_ptr<const std::string> TokenCache::share(std::string scopes) {
    constexpr std::size_t most_texts = 4096;
    const std::lock_guard lock(scopes_mutex_);
    auto& known = scopes_[scopes];
    if (auto living = known.lock()) return living;
    auto made = std::make_shared<const std::string>(scopes);
    known = made;
    if (scopes_.size() > most_texts) std::erase_if(scopes_, [](const auto& row) { return row.second.expired(); });
    return made;
}

}  // namespace renkei::app
