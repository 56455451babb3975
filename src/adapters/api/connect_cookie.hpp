#pragma once

#include "base/secret.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace renkei::api {

/// The cookie that binds a sign-in to the browser in which it was started (RFC 9700 section 4.7.1). With https it is
/// __Host-renkei-connect: Secure, of this host alone. Where public_url is plain http (a developer's machine) a browser
/// keeps no such cookie, so it is renkei-connect without Secure.
class ConnectCookie {
public:
    explicit ConnectCookie(std::string_view public_url);
    /// The value of Set-Cookie.
    std::string set(const Secret& value) const;
    std::string clear() const;
    /// Its value in a request, if there is exactly one.
    std::optional<Secret> read(const std::optional<Secret>& cookie_header) const;

private:
    std::string_view name_;
    std::string_view attributes_;
};

}  // namespace renkei::api
