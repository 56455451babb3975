#include "app/refresh_backoff.hpp"

#include <algorithm>

namespace renkei::app {

std::optional<Error> RefreshBackoff::pending(const core::ConnectionId& connection) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(connection);
    if (found == entries_.end() || found->second.until <= clock_.now()) return std::nullopt;
    return found->second.error;
}

void RefreshBackoff::failed(const core::ConnectionId& connection, Error error, std::chrono::milliseconds at_least) {
    constexpr std::size_t most = 200'000;
    constexpr unsigned most_doublings = 9;
    const auto now = clock_.now();
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= most) std::erase_if(entries_, [&](const auto& row) { return row.second.until <= now; });
    auto& entry = entries_[connection];
    const auto doubled = std::min(longest, first * (1 << std::min(entry.failures, most_doublings)));
    ++entry.failures;
    // Up to a fifth more, so that connections that failed together do not come back together.
    const auto jitter = std::chrono::milliseconds(random_.below(static_cast<std::uint64_t>(doubled.count() / 5 + 1)));
    entry.until = now + std::max(doubled + jitter, at_least);
    entry.error = std::move(error);
}

void RefreshBackoff::cleared(const core::ConnectionId& connection) {
    const std::lock_guard lock(mutex_);
    entries_.erase(connection);
}

}  // namespace renkei::app
