#pragma once

#include "sandbox/mime/message.hpp"

#include <string_view>

namespace renkei::sandbox::mime {

/// A message of any condition, read as far as it can be. Never fails: what cannot be understood is kept as text or as an attachment and
/// named in `repairs`. Depth, parts and fields are bounded.
Message parse_message(std::string_view raw);

/// The addresses of a field, groups opened. What is no address keeps its text as the name.
std::vector<Address> parse_addresses(std::string_view raw);

}  // namespace renkei::sandbox::mime
