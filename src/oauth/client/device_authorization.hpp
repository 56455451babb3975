#pragma once

#include "base/http.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "oauth/client/client.hpp"
#include "oauth/client/token_response.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

namespace renkei::oauth {

// The device authorization grant (RFC 8628): a person signs in with a browser on another machine.

/// RFC 8628 section 3.2.
struct DeviceAuthorization {
    Secret device_code;
    std::string user_code;                  ///< what the person types
    std::string verification_uri;           ///< https, for the person
    std::string verification_uri_complete;  ///< with the code in it, or empty
    std::chrono::seconds expires_in{};
    std::chrono::seconds interval{5};  ///< between two polls, at least
};
using DeviceAnswer = std::variant<DeviceAuthorization, OAuthFailure>;

/// RFC 8628 section 3.1. conflict when the server has no device authorization endpoint.
Result<HttpRequest> device_authorization_request(const AuthorizationServer& server, const Client& client, const Moment& moment, std::string_view scope);
/// Errors as parse_token_response. An address that a browser must not open makes the answer a bad one.
Result<DeviceAnswer> parse_device_authorization(HttpResponse response);
/// RFC 8628 section 3.4.
Result<HttpRequest> device_token_request(const AuthorizationServer& server, const Client& client, const Moment& moment, const Secret& device_code);

/// RFC 8628 section 3.5, with the words that Microsoft uses beside it.
/// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
enum class DevicePoll : std::uint8_t {
    pending,    ///< nobody has answered yet
    slow_down,  ///< the interval grows by five seconds
    declined,   ///< the person said no
    expired,    ///< the code's time is over
    failed,     ///< something else is wrong
};
DevicePoll classify_poll(const OAuthFailure& failure);

inline constexpr std::chrono::seconds slow_down_step{5};
inline constexpr std::chrono::seconds longest_device_life{3600};

}  // namespace renkei::oauth
