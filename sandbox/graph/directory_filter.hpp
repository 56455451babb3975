#pragma once

#include "sandbox/graph/errors.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::sandbox::graph {

/// The values of a directory object's property; one, none, or several for collections.
using DirectoryValues = std::function<std::vector<std::string>(std::string_view property)>;
using DirectoryTest = std::function<bool(const DirectoryValues&)>;

/// A $filter on users or groups (https://learn.microsoft.com/graph/filter-query-parameter): eq, ne, and, or, not, brackets, startswith,
/// and any(p:p eq …) on `proxyAddresses`. Texts compare without case, as the directory does. A property not in `known` is refused.
Outcome<DirectoryTest> parse_directory_filter(std::string_view text, std::span<const std::string_view> known);

}  // namespace renkei::sandbox::graph
