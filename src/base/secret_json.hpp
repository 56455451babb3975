#pragma once

// Like base/json.hpp: only .cpp files may include it.

#include "base/json.hpp"

namespace renkei::json {

/// parse() for a text that holds secrets: the value lives in memory that is overwritten when it is given back, and so do the
/// copies that parsing makes. Not covered: up to 4 KiB of stack in which Boost.JSON puts a string with escapes together. What is
/// taken out of it goes into a Secret; the text itself is the caller's to wipe.
Result<value> parse_secret(std::string_view text);

}  // namespace renkei::json
