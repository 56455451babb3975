#pragma once

#include "app/task.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace renkei::app {

/// One piece of work a key however many ask: the first does it and lands its outcome, the others wait for that. The work has a
/// deadline of its own, and a Landing lands whatever happens, so that nobody waits for ever.
template <class Key, class Outcome>
class Flights {
public:
    using OutcomePtr = std::shared_ptr<const Outcome>;  ///< nothing: the work broke off
    struct Flight {
        std::mutex mutex;
        bool landed = false;
        OutcomePtr outcome;
        std::vector<std::function<void(OutcomePtr)>> waiters;
        std::size_t seats = 0;
    };
    using FlightPtr = std::shared_ptr<Flight>;
    struct Seat {
        FlightPtr flight;        ///< nothing: too many wait already
        bool must_work = false;  ///< the caller does the work
    };

    explicit Flights(std::size_t most_waiters) : most_waiters_(most_waiters) {}

    Seat join(const Key& key) {
        const std::lock_guard lock(mutex_);
        auto& flight = flights_[key];
        const bool first = !flight;
        if (first) flight = std::make_shared<Flight>();
        const std::lock_guard seat(flight->mutex);
        if (flight->seats >= most_waiters_) return {};
        ++flight->seats;
        return {flight, first};
    }

    static Task<OutcomePtr> wait(FlightPtr flight) {
        co_return co_await wait_for_callback<OutcomePtr>([&flight](auto done) {
            {
                const std::lock_guard lock(flight->mutex);
                if (!flight->landed) {
                    flight->waiters.emplace_back([done](OutcomePtr outcome) mutable { done(std::move(outcome)); });
                    return;
                }
            }
            done(flight->outcome);
        });
    }

    void land(const Key& key, const FlightPtr& flight, OutcomePtr outcome) {
        {
            const std::lock_guard lock(mutex_);
            if (const auto found = flights_.find(key); found != flights_.end() && found->second == flight) flights_.erase(found);
        }
        std::vector<std::function<void(OutcomePtr)>> waiters;
        {
            const std::lock_guard lock(flight->mutex);
            if (std::exchange(flight->landed, true)) return;
            flight->outcome = outcome;
            waiters.swap(flight->waiters);
        }
        for (auto& waiter : waiters) waiter(outcome);
    }

    /// Held by who does the work.
    class Landing {
    public:
        Landing(Flights& flights, Key key, FlightPtr flight) : flights_(flights), key_(std::move(key)), flight_(std::move(flight)) {}
        ~Landing() { flights_.land(key_, flight_, nullptr); }
        Landing(const Landing&) = delete;
        Landing& operator=(const Landing&) = delete;
        void with(OutcomePtr outcome) { flights_.land(key_, flight_, std::move(outcome)); }

    private:
        Flights& flights_;
        Key key_;
        FlightPtr flight_;
    };

private:
    std::size_t most_waiters_;
    std::mutex mutex_;
    std::map<Key, FlightPtr> flights_;
};

}  // namespace renkei::app
