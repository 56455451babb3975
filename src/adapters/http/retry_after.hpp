#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace renkei::http {

/// How long a Retry-After field asks to wait: seconds (decimals too, which Microsoft sends: `2.128`) or an HTTP date in any of
/// the three forms of RFC 9110 section 5.6.7. A date that has passed means now. Nothing: not readable.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, TimePoint now);

}  // namespace renkei::http
