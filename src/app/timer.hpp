#pragma once

#include "app/task.hpp"
#include "base/clock.hpp"

#include <memory>

namespace renkei {

/// Waits on the given clock; the only way for Renkei to wait for a time.
inline Task<void> sleep_until(Clock& clock, TimePoint at) {
    std::unique_ptr<Clock::Ticket> ticket;
    co_await wait_for_callback<bool>([&](auto done) { ticket = clock.call_at(at, [done]() mutable { done(true); }); });
}

}  // namespace renkei
