#pragma once

#include "base/result.hpp"
#include "oauth/client/client.hpp"

#include <string_view>

namespace renkei::oauth {

/// RFC 7523 section 2.2.
inline constexpr std::string_view client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Signs with a private key, about a millisecond of CPU for RSA: call it in a pool, never on an event loop.
/// A signed JWT by which the client proves itself at `audience`, good for five minutes (RFC 7523 section 3).
/// needs_app_owner when the key cannot be used.
Result<Secret> client_assertion(const Client& client, std::string_view audience, const Moment& moment);

}  // namespace renkei::oauth
