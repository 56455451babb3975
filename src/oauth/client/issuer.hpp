#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace renkei::oauth {

inline constexpr std::string_view tenant_mark = "{tenant}";

/// A tenant as it may stand in a path segment: letters, digits, dots and hyphens, and no dots alone. Nothing else:
/// slashes, escapes and dot segments would lead to another address.
bool is_tenant_segment(std::string_view text);
/// `text` with every {tenant} replaced; nothing when there is one and the tenant is not a proper segment.
std::optional<std::string> fill_tenant(std::string_view text, std::string_view tenant);
/// Simple string comparison (RFC 8414 section 3.3, RFC 9207 section 2.4); a {tenant} in `expected` stands for one segment.
bool issuer_matches(std::string_view expected, std::string_view issuer);

}  // namespace renkei::oauth
