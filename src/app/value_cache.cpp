#include "app/value_cache.hpp"

#include <algorithm>

namespace renkei::app {

SharedExternalSecret ValueCache::find(const Key& key, std::chrono::seconds cache_time, TimePoint now) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    // The cache time of now counts: it may have become shorter. A clock that was set back keeps nothing alive.
    const auto& entry = found->second;
    if (now >= entry.until || now >= entry.read_at + cache_time || now < entry.read_at) {
        entries_.erase(found);
        return nullptr;
    }
    return entry.value;
}

void ValueCache::put(const Key& key, SharedExternalSecret value, std::chrono::seconds cache_time, TimePoint read_at) {
    auto until = read_at + cache_time;
    if (value->expires_at) until = std::min<TimePoint>(until, *value->expires_at);
    if (until <= read_at) return;
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= most_ && !entries_.contains(key)) make_room(read_at);
    entries_.insert_or_assign(key, Entry{std::move(value), read_at, until});
}

void ValueCache::make_room(TimePoint now) {
    std::erase_if(entries_, [&](const auto& entry) { return entry.second.until <= now; });
    if (entries_.size() < most_) return;
    entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.read_at; }));
}

void ValueCache::forget(const core::WorkspaceId& workspace, const core::ExternalVaultId& vault) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [&](const auto& entry) { return entry.first.workspace == workspace && entry.first.vault == vault; });
}

std::size_t ValueCache::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace renkei::app
