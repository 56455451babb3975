#pragma once

#include "base/clock.hpp"

#include <optional>
#include <string_view>

namespace renkei::api {

/// RFC 3339 section 5.6, upper-case T and Z, with Z or a numeric offset; fractions beyond milliseconds are cut.
std::optional<TimePoint> parse_time(std::string_view text);

}  // namespace renkei::api
