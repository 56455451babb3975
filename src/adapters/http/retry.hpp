#pragma once

#include "app/ports/http_client.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"

#include <chrono>
#include <memory>

namespace renkei::http {

struct RetrySettings {
    int most_tries = 5;
    std::chrono::milliseconds first_wait{1000};
    std::chrono::milliseconds longest_wait{30'000};  ///< of our own back-off; Retry-After is taken at its word
};

/// Repeats what may be repeated (CallOptions::may_repeat): when no connection came about or it broke before an answer, and on
/// 429, 502, 503 and 504. Waits as Retry-After says, else doubling with jitter. A wait that would pass the deadline is not
/// begun: the answer or error is handed back at once. Uploads are never repeated. The only layer that repeats anything.
std::unique_ptr<app::HttpClient> with_retry(std::unique_ptr<app::HttpClient> inner, RetrySettings settings, Clock& clock, Random& random);

}  // namespace renkei::http
