#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "core/connection.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace renkei::app {

/// A live access token in memory, shared and never changed. Only when it was last used is noted.
struct CachedToken {
    core::TokenKey key;
    core::ConnectionId connection;
    Secret token;
    TimePoint obtained_at;
    TimePoint expires_at;
    std::shared_ptr<const std::string> scopes;  ///< shared: most connections have the same ones
    std::uint64_t generation = 0;
    std::uint32_t credential_version = 0;
    mutable std::atomic<std::int64_t> last_used_millis{0};
    mutable std::atomic<bool> superseded{false};  ///< no longer the cache's: whoever kept it must ask again

    TimePoint last_used() const { return from_millis(last_used_millis.load(std::memory_order_relaxed)); }
};
using CachedTokenPtr = std::shared_ptr<const CachedToken>;

/// From when on a token with these times must be renewed to live `min_validity` more. Nobody may ask for more than half of a
/// token's life: otherwise each call would renew it.
TimePoint refresh_due(TimePoint obtained_at, TimePoint expires_at, std::chrono::seconds min_validity);
inline bool needs_refresh(TimePoint obtained_at, TimePoint expires_at, TimePoint now, std::chrono::seconds min_validity) {
    return now >= refresh_due(obtained_at, expires_at, min_validity);
}

/// Tokens by connection, in shards with a lock each. Bounded: a full shard drops one that was not used for long.
class TokenCache {
public:
    explicit TokenCache(std::size_t most);

    /// Whatever is there, fresh or not. About a tenth of a microsecond; never suspends.
    CachedTokenPtr find(const core::ConnectionId& connection) const;
    /// Takes it in unless a later generation is there already.
    void publish(CachedTokenPtr token);
    /// The provider refused this generation: it is dropped, and a stored one of it is not believed. Nothing happens to one
    /// that was obtained after `obtained_before`.
    void reject(const core::TokenKey& key, std::uint64_t generation, TimePoint obtained_before);
    /// The highest generation that the provider refused, or 0.
    std::uint64_t rejected_generation(const core::ConnectionId& connection) const;
    /// The token goes, what the provider refused is remembered.
    void drop(const core::ConnectionId& connection);
    void forget(const core::ConnectionId& connection);
    std::size_t size() const;
    /// One text for equal scopes.
    std::shared_ptr<const std::string> share(std::string scopes);

private:
    struct Slot {
        CachedTokenPtr token;
        std::uint64_t rejected = 0;
        Slot() = default;
        Slot(const Slot&) = delete;
        Slot& operator=(const Slot&) = delete;
        ~Slot() { put(nullptr); }
        /// Takes another one, or none; gives back the old one, marked.
        CachedTokenPtr put(CachedTokenPtr next) {
            if (token && token != next) token->superseded.store(true, std::memory_order_release);
            return std::exchange(token, std::move(next));
        }
    };
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<core::ConnectionId, Slot> slots;
        std::unordered_map<core::GrantId, core::ConnectionId> of_grant;
    };
    static constexpr std::size_t shard_count = 64;

    template <class Id>
    static std::size_t index(const Id& id) {
        return (std::hash<Id>{}(id) >> 7) % shard_count;
    }
    Shard& shard(const core::ConnectionId& id) { return shards_[index(id)]; }
    const Shard& shard(const core::ConnectionId& id) const { return shards_[index(id)]; }
    void note_grant(const core::GrantId& grant, const core::ConnectionId& connection);
    static void make_room(Shard& shard);

    std::size_t most_in_shard_;
    std::array<Shard, shard_count> shards_;
    std::mutex scopes_mutex_;
    std::unordered_map<std::string, std::weak_ptr<const std::string>> scopes_;
};

}  // namespace renkei::app
