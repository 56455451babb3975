#pragma once

#include "base/http.hpp"
#include "base/result.hpp"
#include "oauth/client/client.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace renkei::oauth {

/// What a server publishes about itself (RFC 8414 section 2, OpenID Connect Discovery section 3).
struct ServerMetadata {
    AuthorizationServer server;
    std::vector<std::string> auth_methods;       ///< token_endpoint_auth_methods_supported; empty: client_secret_basic
    std::vector<std::string> challenge_methods;  ///< code_challenge_methods_supported; empty: not said
};

/// Where the description of `issuer` may stand, in the order to be tried: OpenID Connect Discovery section 4.1, then RFC 8414
/// section 3.1. invalid_field unless the issuer is https (or http on loopback) without a query.
Result<std::vector<std::string>> metadata_addresses(std::string_view issuer);

/// provider_bad_answer when the document is not one, is another issuer's (RFC 8414 section 3.3) or names endpoints that are
/// not https.
Result<ServerMetadata> parse_metadata(const HttpResponse& response, std::string_view issuer);

}  // namespace renkei::oauth
