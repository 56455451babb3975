#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace renkei {

inline std::span<const std::uint8_t> as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

std::string to_hex(std::span<const std::uint8_t> bytes);
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

/// RFC 4648 section 4, with padding.
std::string base64(std::span<const std::uint8_t> bytes);
/// RFC 4648 section 5, without padding.
std::string base64url(std::span<const std::uint8_t> bytes);
/// Strict: length, alphabet and padding must fit. Line breaks and blanks are not taken.
std::optional<std::string> decode_base64(std::string_view text);
/// Strict; padding is not taken.
std::optional<std::string> decode_base64url(std::string_view text);

/// RFC 3986: everything but unreserved characters becomes %XX.
std::string percent_encode(std::string_view text);
/// Nothing on a broken escape.
std::optional<std::string> percent_decode(std::string_view text);

using Fields = std::vector<std::pair<std::string, std::string>>;
/// application/x-www-form-urlencoded, blanks as %20 (RFC 6749 appendix B allows both).
std::string form_encode(const Fields& fields);
/// Nothing on a broken escape; `+` is a blank.
std::optional<Fields> form_decode(std::string_view text);
/// The value of the first field of that name, or nullptr.
const std::string* find_field(const Fields& fields, std::string_view name);

bool is_utf8(std::string_view text);
std::string lower_ascii(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace renkei
