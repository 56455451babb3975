#pragma once

#include "base/http.hpp"
#include "base/result.hpp"
#include "oauth/client/client.hpp"

#include <string>
#include <string_view>

namespace renkei::oauth {

/// What an authorization code is redeemed with.
struct CodeExchange {
    const Secret& code;
    const Secret& code_verifier;
    std::string redirect_uri;
};

// Errors: needs_app_owner when the client's own credential cannot be used.

/// RFC 6749 section 4.1.3 with RFC 7636 section 4.5.
Result<HttpRequest> code_request(const AuthorizationServer& server, const Client& client, const Moment& moment, const CodeExchange& exchange);
/// RFC 6749 section 6; an empty `scope` asks for what was granted.
Result<HttpRequest> refresh_request(const AuthorizationServer& server, const Client& client, const Moment& moment, const Secret& refresh_token,
                                    std::string_view scope = {});
/// RFC 6749 section 4.4.2.
Result<HttpRequest> client_credentials_request(const AuthorizationServer& server, const Client& client, const Moment& moment, std::string_view scope);

}  // namespace renkei::oauth
