#pragma once

// The one header that names a JSON type. Only .cpp files may include it; tools/check_layers looks.

#include "base/result.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace renkei::json {

using boost::json::array;
using boost::json::object;
using boost::json::serialize;
using boost::json::value;

/// RFC 8259 with the refusals of RFC 8785 senders: UTF-8 only, at most 32 levels, no duplicate keys, nothing after the value.
/// Errors name the position, never the content.
Result<value> parse(std::string_view text);

/// The member, or nullptr.
const value* find(const object& from, std::string_view name);
/// The text of a member that is a string, or nothing.
std::optional<std::string_view> text(const object& from, std::string_view name);
std::optional<std::int64_t> integer(const object& from, std::string_view name);
std::optional<bool> boolean(const object& from, std::string_view name);

inline boost::json::string_view view(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(const boost::json::string& text) { return {text.data(), text.size()}; }

}  // namespace renkei::json
