#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "core/ids.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace renkei::app {

/// Remembers, in memory, whose refresh failed and how long to leave the provider alone.
class RefreshBackoff {
public:
    RefreshBackoff(Clock& clock, Random& random) : clock_(clock), random_(random) {}

    /// The failure that is still being waited out, or nothing.
    std::optional<Error> pending(const core::ConnectionId& connection);
    /// `at_least`: what the provider asked for (Retry-After).
    void failed(const core::ConnectionId& connection, Error error, std::chrono::milliseconds at_least);
    void cleared(const core::ConnectionId& connection);

    static constexpr std::chrono::milliseconds first{1'000};
    static constexpr std::chrono::milliseconds longest{5 * 60'000};

private:
    struct Entry {
        unsigned failures = 0;
        TimePoint until;
        Error error;
    };
    Clock& clock_;
    Random& random_;
    std::mutex mutex_;
    std::unordered_map<core::ConnectionId, Entry> entries_;
};

}  // namespace renkei::app
