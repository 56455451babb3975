#include "app/crash_point.hpp"

#ifdef RENKEI_TEST_HOOKS

#include <atomic>
#include <csignal>
#include <mutex>
#include <string>

namespace renkei::app {
namespace {

// One for the process, and in test builds alone: what dies is the process.
std::atomic<bool> armed{false};
std::mutex guard;
std::string armed_name;
unsigned left = 0;

}  // namespace

void arm_crash_point(std::string_view name, unsigned nth) {
    const std::lock_guard lock(guard);
    armed_name = name;
    left = nth;
    armed = nth > 0;
}

void crash_point(std::string_view name) {
    if (!armed.load(std::memory_order_relaxed)) return;
    const std::lock_guard lock(guard);
    if (name != armed_name || left == 0 || --left > 0) return;
    static_cast<void>(std::raise(SIGKILL));
}

}  // namespace renkei::app

#endif
