#pragma once

#include "base/encoding.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace renkei {

/// An absolute http or https address, taken apart (RFC 3986). Host in lower case, without brackets; port filled in.
struct Uri {
    std::string scheme;
    std::string host;
    std::uint16_t port = 0;
    std::string path;   ///< as written, at least "/"
    std::string query;  ///< as written, without "?"

    /// Refuses relative addresses, other schemes, user information, fragments and control characters.
    static Result<Uri> parse(std::string_view text);
    /// scheme://host[:port], the port only if it is not the scheme's own.
    std::string origin() const;
    std::string text() const;
    bool same_origin(const Uri& other) const { return scheme == other.scheme && host == other.host && port == other.port; }
};

/// `url` with the fields added to its query.
std::string with_query(std::string_view url, const Fields& fields);

}  // namespace renkei
