#pragma once

#include "sandbox/login/client_auth.hpp"
#include "sandbox/login/scopes.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace renkei::sandbox {

enum class AutoConsent { no, accept, deny };

/// An authorization request that is in order.
struct AuthorizeRequest {
    TokenEndpoint endpoint;
    std::string app;  ///< client id
    std::string redirect_uri;
    std::string response_mode = "query";
    std::optional<std::string> state{}, nonce{};
    std::vector<Scope> scopes{};
    std::string challenge{}, challenge_method{};
    std::string prompt{}, login_hint{};
    bool client_info = false;
    bool spa = false;  ///< the redirect address is one of a single-page application
    AutoConsent auto_consent = AutoConsent::no;
};

/// Shown on a page: the redirect address cannot be trusted (client-requirements: never redirects).
struct PageFailure {
    Aadsts failure;
};
/// Sent to the redirect address.
struct RedirectFailure {
    AuthorizeRequest request;  ///< as far as it was understood
    Aadsts failure;
};

/// RFC 6749 section 4.1.1 with the platform's additions, from the query or a posted form.
std::variant<AuthorizeRequest, PageFailure, RedirectFailure> read_authorize_request(World& world, const Fields& fields, const TokenEndpoint& endpoint);

/// Exact text, except that the port of a loopback name is free (RFC 8252 section 7.3).
bool redirect_registered(const App& app, std::string_view redirect_uri);
/// Registered for the platform "single-page application".
bool spa_redirect(const App& app, std::string_view redirect_uri);

}  // namespace renkei::sandbox
