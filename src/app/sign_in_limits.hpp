#pragma once

#include "base/clock.hpp"
#include "base/crypto.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>

namespace renkei::app {

/// Slows guessing of passwords down: by the e-mail address that was typed, whether anybody has it or not, and by the
/// address of the network from which it comes. Kept in memory, bounded; a restart forgets. Thread-safe.
class SignInLimits {
public:
    explicit SignInLimits(const Clock& clock) : clock_(clock) {}

    static constexpr int free_tries = 5;                             ///< of a person, before waiting begins
    static constexpr std::chrono::seconds first_wait{30};            ///< doubled by each further failure
    static constexpr std::chrono::seconds longest_wait{15 * 60};     ///< of a person
    static constexpr int tries_of_address = 30;                      ///< failures from one network in a window
    static constexpr std::chrono::seconds address_window{15 * 60};   ///
    static constexpr std::chrono::seconds person_memory{24 * 3600};  ///< failures are forgotten after a day without one
    static constexpr std::size_t most_rows = 50'000;                 ///< of each kind

    /// How long to wait before the next try, or nothing: then the try counts as failed until succeeded() says otherwise, so
    /// that many tries at the same moment count as many.
    std::optional<std::chrono::seconds> begin(std::string_view email, const std::array<std::uint8_t, 16>& address);
    void succeeded(std::string_view email, const std::array<std::uint8_t, 16>& address);
    std::size_t rows() const;

private:
    struct Person {
        int failures = 0;
        TimePoint last;
        TimePoint locked_until;
    };
    struct Network {
        int failures = 0;
        TimePoint since;
    };
    using Prefix = std::array<std::uint8_t, 16>;

    const Clock& clock_;
    mutable std::mutex mutex_;
    std::map<Digest, Person> persons_;
    std::map<Prefix, Network> networks_;
};

}  // namespace renkei::app
