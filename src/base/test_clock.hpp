#pragma once

#ifdef RENKEI_TEST_HOOKS

#include "base/clock.hpp"
#include "base/result.hpp"

#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace renkei {

/// A clock that a test moves over a unix socket, so that one driver moves server and sandbox together. The process connects;
/// the driver sends lines "now <milliseconds since 1970>\n" and gets "ok\n" once every timer due by then has run. The first
/// line sets the start. Time never goes back. When the driver closes the socket, time stands still. Never in a release build.
class TestClock final : public Clock {
public:
    /// Connects and waits (up to ten seconds) for the first line.
    static Result<std::unique_ptr<TestClock>> connect(const std::string& socket_path);
    ~TestClock() override;
    TestClock(const TestClock&) = delete;
    TestClock& operator=(const TestClock&) = delete;

    TimePoint now() const override { return clock_.now(); }
    std::unique_ptr<Ticket> call_at(TimePoint at, std::function<void()> wake) override { return clock_.call_at(at, std::move(wake)); }
    /// Starts to follow the driver. `settle` runs after each step, before the answer: it may wait until the event loops have
    /// taken up what the timers posted.
    void follow(std::function<void()> settle = {});
    ManualClock& manual() { return clock_; }

private:
    TestClock(int socket, std::string rest, TimePoint start) : socket_(socket), rest_(std::move(rest)), clock_(start) {}
    void run(const std::function<void()>& settle);

    int socket_;
    std::string rest_;  // bytes behind the first line
    ManualClock clock_;
    std::thread thread_;
};

}  // namespace renkei

#endif
