#pragma once

#include "sandbox/graph/errors.hpp"
#include "sandbox/mailbox.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::sandbox::graph {

/// A $filter on messages, understood.
struct Filter {
    std::function<bool(const StoredMessage&)> matches;
    std::vector<std::string> properties;  ///< in order of their first appearance
};

/// OData 4.01 part 2, section 5.1.1, as far as the vendor's mail supports it: comparison, and/or/not, startswith, contains,
/// categories/any. Types are checked; depth and length are bounded.
Outcome<Filter> parse_filter(std::string_view text);

}  // namespace renkei::sandbox::graph
