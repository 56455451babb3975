#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace renkei {

/// Wall-clock time, whole milliseconds: what is stored and compared with provider times.
using TimePoint = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

inline std::int64_t to_millis(TimePoint at) { return at.time_since_epoch().count(); }
inline TimePoint from_millis(std::int64_t millis) { return TimePoint(std::chrono::milliseconds(millis)); }
/// RFC 3339, UTC, seconds: 2026-11-21T09:00:00Z.
std::string iso_text(TimePoint at);
/// RFC 9110 section 5.6.7 (IMF-fixdate).
std::string http_date(TimePoint at);

/// Where time comes from. Every timer of Renkei waits on it, so that one driver can move a whole test world.
/// Network deadlines alone are measured on the steady clock, because real sockets need real time.
class Clock {
public:
    /// Its end cancels the call (a call that already runs is waited for, except from within itself).
    class Ticket {
    public:
        virtual ~Ticket() = default;
    };

    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
    /// Calls `wake` once, on a thread of the clock, as soon as now() >= at. `wake` must be short: it posts.
    [[nodiscard]] virtual std::unique_ptr<Ticket> call_at(TimePoint at, std::function<void()> wake) = 0;
};

/// The machine's clock. Its timers run on one thread of its own.
std::unique_ptr<Clock> make_system_clock();

/// A clock that stands still until it is moved.
class ManualClock : public Clock {
public:
    explicit ManualClock(TimePoint start = from_millis(1'790'000'000'000));
    ~ManualClock() override;
    TimePoint now() const override;
    std::unique_ptr<Ticket> call_at(TimePoint at, std::function<void()> wake) override;
    /// Moves on and makes the calls that have become due, in order of their time, on the caller's thread.
    void advance(std::chrono::milliseconds by);
    /// The time of the next call, or nothing waits (TimePoint::max()).
    TimePoint next_due() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace renkei
