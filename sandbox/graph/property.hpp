#pragma once

#include "sandbox/mailbox.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace renkei::sandbox::graph {

enum class Type { text, boolean, number, date };
using Value = std::variant<std::monostate, std::string, bool, std::int64_t, TimePoint>;

/// A property of a message that $filter and $orderby understand.
struct Property {
    std::string_view path;
    Type type;
    Value (*of)(const StoredMessage&);
};
/// Exact names, as the vendor has them; nullptr if there is none.
const Property* find_property(std::string_view path);
/// Whether `message` has a property of this first segment at all (it may still not be filterable).
bool is_message_property(std::string_view name);

/// ISO 8601 date, or date and time with `Z` or an offset.
std::optional<TimePoint> parse_iso(std::string_view text);

}  // namespace renkei::sandbox::graph
