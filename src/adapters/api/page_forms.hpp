#pragma once

#include "adapters/api/call.hpp"
#include "adapters/api/html.hpp"
#include "base/secret.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace renkei::api {

/// A cookie of the pages. With https it is __Host-<name>: Secure, of this host alone; where public_url is plain http (a
/// developer's machine) a browser keeps no such cookie, so it goes without prefix and Secure.
class PageCookie {
public:
    PageCookie(std::string_view name, std::string_view public_url);
    /// Values of Set-Cookie.
    std::string set(const Secret& value, std::chrono::seconds life) const;
    std::string clear() const;
    /// Its value in a request, if there is exactly one.
    std::optional<Secret> read(const std::optional<Secret>& cookie_header) const;

private:
    std::string name_;
    std::string_view attributes_;
};
PageCookie session_cookie(std::string_view public_url);
/// Binds the forms of visitors to their browser; lives an hour.
PageCookie form_cookie(std::string_view public_url);
inline constexpr std::chrono::seconds form_cookie_life{3600};

/// Refuses a POST from another site: by Origin (RFC 6454 section 7), and by Sec-Fetch-Site where there is none.
Result<void> check_origin(const Headers& headers, std::string_view public_url);
/// Refuses a form without the token of this browser. The field is `form`.
Result<void> check_form_token(const Call& call);
/// The hidden field.
void write_form_token(Html& html, const Call& call);

/// The text of a form's field, empty if there is none.
std::string text_field(const Fields& form, std::string_view name);
/// The same, moved out of the form.
Secret take_field(Fields& form, std::string_view name);

/// A place of ours to go on with: the path and query of a page, or the usual one. Nothing else is ever redirected to.
std::string safe_next(std::string_view wanted);
/// 303: the browser goes on with GET and nothing that was posted goes with it (RFC 9110 section 15.4.4).
app::ServerResponse see_other(std::string location);

}  // namespace renkei::api
