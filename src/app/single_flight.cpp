#include "app/single_flight.hpp"

#include <atomic>

namespace renkei::app {
namespace {

// Called by the flight's end and by the clock; the first wins.
template <class Value>
class OnceCallback {
public:
    explicit OnceCallback(std::function<void(Value)> callback) : callback_(std::move(callback)) {}
    void fire(Value value) {
        if (fired_.exchange(true)) return;
        auto callback = std::exchange(callback_, nullptr);
        callback(std::move(value));
    }

private:
    std::atomic<bool> fired_{false};
    std::function<void(Value)> callback_;
};

}  // namespace

class SingleFlight::Flight {
public:
    using Waiter = OnceCallback<FlightOutcome>;

    bool take_seat(std::size_t most) {
        const std::lock_guard lock(mutex_);
        if (seats_ >= most) return false;
        ++seats_;
        return true;
    }
    void add(std::shared_ptr<Waiter> waiter) {
        {
            const std::lock_guard lock(mutex_);
            if (!outcome_) {
                waiters_.push_back(std::move(waiter));
                return;
            }
        }
        waiter->fire(outcome_);
    }
    void land(FlightOutcome outcome) {
        std::vector<std::shared_ptr<Waiter>> waiters;
        {
            const std::lock_guard lock(mutex_);
            outcome_ = outcome;
            waiters.swap(waiters_);
        }
        for (auto& waiter : waiters) waiter->fire(outcome);
    }

private:
    std::mutex mutex_;
    std::size_t seats_ = 0;
    FlightOutcome outcome_;
    std::vector<std::shared_ptr<Waiter>> waiters_;
};

SingleFlight::Seat SingleFlight::join(const core::ConnectionId& key) {
    const std::lock_guard lock(mutex_);
    auto& flight = flights_[key];
    const bool must_start = !flight;
    if (must_start) flight = std::make_shared<Flight>();
    if (!flight->take_seat(most_waiters_)) return {};
    return {flight, must_start};
}

Task<FlightOutcome> SingleFlight::wait(std::shared_ptr<Flight> flight, TimePoint until) {
    std::unique_ptr<Clock::Ticket> ticket;
    co_return co_await wait_for_callback<FlightOutcome>([&](auto done) {
        auto waiter = std::make_shared<Flight::Waiter>(std::move(done));
        ticket = clock_.call_at(until, [waiter] { waiter->fire(nullptr); });
        flight->add(std::move(waiter));
    });
}

void SingleFlight::finish(const core::ConnectionId& key, FlightOutcome outcome) {
    std::shared_ptr<Flight> flight;
    std::vector<std::function<void(bool)>> idle;
    {
        const std::lock_guard lock(mutex_);
        auto node = flights_.extract(key);
        if (!node.empty()) flight = std::move(node.mapped());
        if (flights_.empty()) idle.swap(idle_);
    }
    if (flight) flight->land(std::move(outcome));
    for (auto& call : idle) call(true);
}

std::size_t SingleFlight::under_way() const {
    const std::lock_guard lock(mutex_);
    return flights_.size();
}

Task<void> SingleFlight::drain(TimePoint until) {
    std::unique_ptr<Clock::Ticket> ticket;
    co_await wait_for_callback<bool>([&](auto done) {
        auto waiter = std::make_shared<OnceCallback<bool>>(std::move(done));
        ticket = clock_.call_at(until, [waiter] { waiter->fire(false); });
        {
            const std::lock_guard lock(mutex_);
            if (!flights_.empty()) {
                idle_.emplace_back([waiter](bool landed) { waiter->fire(landed); });
                return;
            }
        }
        waiter->fire(true);
    });
}

}  // namespace renkei::app
