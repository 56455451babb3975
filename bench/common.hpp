// What several of the programs here need.
#pragma once

#include "base/result.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

namespace renkei::bench {

/// User and system time of the whole process so far, in microseconds.
inline double cpu_micros() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) { return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec); };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

[[noreturn]] inline void give_up(const Error& error) {
    std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, error.detail.c_str());
    std::exit(1);
}
template <class T>
T must(Result<T> result) {
    if (!result) give_up(result.error());
    return *std::move(result);
}
inline void must(Result<void> result) {
    if (!result) give_up(result.error());
}

inline double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

}  // namespace renkei::bench
