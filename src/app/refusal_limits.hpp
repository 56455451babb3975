#pragma once

#include "base/clock.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

namespace renkei::app {

/// Slows guessing down: whoever is refused too often from one network waits. In memory, bounded; a restart forgets. Thread-safe.
class RefusalLimits {
public:
    explicit RefusalLimits(const Clock& clock) : clock_(clock) {}

    static constexpr int free_refusals = 60;           ///< of a network in a window
    static constexpr std::chrono::seconds window{60};  ///
    static constexpr std::size_t most_rows = 50'000;

    /// How long this network has to wait, or nothing.
    std::optional<std::chrono::seconds> wait_of(const std::array<std::uint8_t, 16>& address);
    void refused(const std::array<std::uint8_t, 16>& address);

private:
    using Prefix = std::array<std::uint8_t, 16>;
    struct Row {
        int refusals = 0;
        TimePoint since;
    };
    static Prefix network_of(Prefix address);

    const Clock& clock_;
    std::mutex mutex_;
    std::map<Prefix, Row> rows_;
};

}  // namespace renkei::app
