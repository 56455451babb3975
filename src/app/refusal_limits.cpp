#include "app/refusal_limits.hpp"

#include <algorithm>

namespace renkei::app {

// An IPv6 caller has 2^64 addresses of one network; an IPv4 one has its own.
RefusalLimits::Prefix RefusalLimits::network_of(Prefix address) {
    constexpr Prefix mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (!std::equal(mapped.begin(), mapped.begin() + 12, address.begin())) std::fill(address.begin() + 8, address.end(), std::uint8_t{0});
    return address;
}

std::optional<std::chrono::seconds> RefusalLimits::wait_of(const std::array<std::uint8_t, 16>& address) {
    const auto now = clock_.now();
    const std::lock_guard lock(mutex_);
    const auto found = rows_.find(network_of(address));
    if (found == rows_.end() || found->second.refusals < free_refusals) return std::nullopt;
    const auto until = found->second.since + window;
    if (until > now) return std::chrono::ceil<std::chrono::seconds>(until - now);
    rows_.erase(found);
    return std::nullopt;
}

void RefusalLimits::refused(const std::array<std::uint8_t, 16>& address) {
    const auto now = clock_.now();
    const std::lock_guard lock(mutex_);
    // Full: what is over goes; if nothing is, the oldest half of the world begins anew rather than the table growing.
    if (rows_.size() >= most_rows) std::erase_if(rows_, [&](const auto& row) { return row.second.since + window <= now; });
    if (rows_.size() >= most_rows) rows_.clear();
    auto& row = rows_[network_of(address)];
    if (row.refusals == 0 || row.since + window <= now) row = {0, now};
    ++row.refusals;
}

}  // namespace renkei::app
