#pragma once

#include "app/task.hpp"
#include "app/token_cache.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace renkei::app {

/// How a flight ended: a token, or why there is none.
struct RefreshOutcome {
    CachedTokenPtr token{};
    std::optional<Error> error{};
    bool asked_provider = false;  ///< false: the token was in the store
    bool resolved = false;        ///< a refresh that had been cut off was brought to its end
};
using FlightOutcome = std::shared_ptr<const RefreshOutcome>;

/// One exchange a grant however many ask: the first starts it, all wait for its end, each on its own event loop.
class SingleFlight {
public:
    class Flight;
    struct Seat {
        std::shared_ptr<Flight> flight;  ///< nothing: too many wait already
        bool must_start = false;         ///< the caller starts the work, whose end calls finish()
    };

    SingleFlight(Clock& clock, std::size_t most_waiters) : clock_(clock), most_waiters_(most_waiters) {}

    Seat join(const core::ConnectionId& key);
    /// Nothing: `until` came first. The flight goes on.
    Task<FlightOutcome> wait(std::shared_ptr<Flight> flight, TimePoint until);
    void finish(const core::ConnectionId& key, FlightOutcome outcome);
    std::size_t under_way() const;
    /// Waits until no flight is under way, or `until`.
    Task<void> drain(TimePoint until);

private:
    Clock& clock_;
    std::size_t most_waiters_;
    mutable std::mutex mutex_;
    std::unordered_map<core::ConnectionId, std::shared_ptr<Flight>> flights_;
    std::vector<std::function<void(bool)>> idle_;
};

}  // namespace renkei::app
