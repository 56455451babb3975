#pragma once

#include "base/encoding.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "oauth/client/client.hpp"

#include <string>
#include <vector>

namespace renkei::oauth {

/// RFC 7636 section 4.1: 43 characters from 32 random bytes.
Secret make_code_verifier(Random& random);
/// RFC 7636 section 4.2, S256; the plain method is not offered.
std::string code_challenge(const Secret& code_verifier);

/// What the browser carries to the authorization endpoint.
struct AuthorizationRequest {
    std::string client_id;
    std::string redirect_uri;
    std::vector<std::string> scopes;
    std::string scope_separator = " ";
    const Secret& state;
    const Secret& nonce;  ///< sent when a scope is openid
    const Secret& code_verifier;
    Fields extra;  ///< e.g. login_hint; may not name a parameter of the protocol
};

/// The address with every parameter (RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core 3.1.2.1).
Result<std::string> authorization_url(const AuthorizationServer& server, const AuthorizationRequest& request);

}  // namespace renkei::oauth
