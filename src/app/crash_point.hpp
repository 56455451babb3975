#pragma once

#include <array>
#include <string_view>

namespace renkei::app {

/// Where a process may die during a refresh; tests kill it at each of them. In the order in which they are passed.
inline constexpr std::array<std::string_view, 9> crash_points{
    "refresh.before_intent",   "refresh.after_intent",   "refresh.after_exchange", "refresh.after_commit",  "refresh.after_publish",
    "recover.before_exchange", "recover.after_exchange", "recover.after_commit",   "recover.after_publish",
};

#ifdef RENKEI_TEST_HOOKS
/// Dies here (SIGKILL: no destructor, no flush) if this point is armed and its time has come.
void crash_point(std::string_view name);
/// The `nth` passing (1: the next one) of `name` ends the process.
void arm_crash_point(std::string_view name, unsigned nth);
#else
inline void crash_point(std::string_view) {}
#endif

}  // namespace renkei::app
