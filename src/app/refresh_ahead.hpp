#pragma once

#include "app/task.hpp"
#include "base/clock.hpp"

#include <functional>
#include <memory>
#include <mutex>

namespace renkei::app {

/// A wait on the clock that can be ended early, for a loop that must stop at once.
class Sleeper {
public:
    /// False: stop() was called, now or before.
    Task<bool> sleep_until(Clock& clock, TimePoint at);
    void stop();
    bool stopped() const;

private:
    struct Waiting;
    mutable std::mutex mutex_;
    bool stopped_ = false;
    std::shared_ptr<Waiting> waiting_;
};

/// Runs `work(0)` to `work(count - 1)`, at most `at_once` at a time, and waits for all. `work` must not throw.
Task<void> for_each_limited(std::size_t count, std::size_t at_once, std::function<Task<void>(std::size_t)> work);

}  // namespace renkei::app
