#include "sandbox/login/authorize_request.hpp"

#include "base/encoding.hpp"
#include "base/uri.hpp"

#include <algorithm>
#include <set>

namespace renkei::sandbox {
namespace {

std::string value_of(const Fields& fields, std::string_view name) {
    const auto* value = find_field(fields, name);
    return value ? *value : std::string();
}

bool is_loopback(const Uri& uri) { return uri.host == "localhost" || uri.host == "127.0.0.1"; }

bool same_redirect(const std::string& registered, const std::string& asked) {
    if (registered == asked) return true;
    const auto a = Uri::parse(registered);
    const auto b = Uri::parse(asked);
    return a && b && is_loopback(*a) && a->scheme == b->scheme && a->host == b->host && a->path == b->path && a->query == b->query;
}

Aadsts missing(std::string_view name) { return {900144, "The request body must contain the following parameter: '" + std::string(name) + "'."}; }

// What must be right before anything may be sent to the redirect address.
std::optional<Aadsts> read_client(World& world, const Fields& fields, AuthorizeRequest& request) {
    std::set<std::string_view> seen;
    for (const auto& [name, value] : fields)
        if (!seen.insert(name).second) return Aadsts{9000411, "The request is not properly formatted. The parameter '" + name + "' is duplicated."};
    const auto client_id = value_of(fields, "client_id");
    if (client_id.empty()) return missing("client_id");
    const auto app = find_usable_app(world, client_id, request.endpoint);
    if (!app) return app.error();
    request.app = (*app)->id;

    request.redirect_uri = value_of(fields, "redirect_uri");
    if (request.redirect_uri.empty()) {
        if ((*app)->redirects.size() != 1) return Aadsts{900971};
        request.redirect_uri = (*app)->redirects.front();
    }
    if (!redirect_registered(**app, request.redirect_uri))
        return Aadsts{50011, "The redirect URI '" + request.redirect_uri +
                                 "' specified in the request does not match the redirect URIs configured for the application '" + request.app + "'."};
    request.spa = spa_redirect(**app, request.redirect_uri);
    return std::nullopt;
}

// RFC 7636 section 4.2: 43 to 128 characters; plain if no method is named.
std::optional<Aadsts> read_challenge(const Fields& fields, AuthorizeRequest& request) {
    request.challenge = value_of(fields, "code_challenge");
    request.challenge_method = value_of(fields, "code_challenge_method");
    if (request.challenge.empty() && request.spa) return Aadsts{50147, "A single-page application must send a code challenge."};
    if (request.challenge.empty()) return request.challenge_method.empty() ? std::nullopt : std::optional(Aadsts{50147});
    if (request.challenge_method.empty()) request.challenge_method = "plain";
    if (request.challenge_method != "S256" && request.challenge_method != "plain") return Aadsts{50147, "The code_challenge_method is not supported."};
    if (request.challenge.size() < 43 || request.challenge.size() > 128) return Aadsts{501491};
    return std::nullopt;
}

std::optional<Aadsts> read_modes(const Fields& fields, AuthorizeRequest& request) {
    if (const auto* mode = find_field(fields, "response_mode"); mode && !mode->empty()) {
        if (*mode != "query" && *mode != "fragment" && *mode != "form_post") return Aadsts{70007};
        request.response_mode = *mode;
    }
    const auto type = value_of(fields, "response_type");
    if (type.empty()) return missing("response_type");
    if (type.find("id_token") != std::string::npos) return Aadsts{700054};
    if (type != "code") return Aadsts{70005};

    request.prompt = value_of(fields, "prompt");
    for (const auto* known : {"", "none", "login", "consent", "select_account"})
        if (request.prompt == known) return std::nullopt;
    return Aadsts{9002313, "The value of 'prompt' is not supported."};
}

std::optional<Aadsts> read_rest(const World& world, const Fields& fields, AuthorizeRequest& request) {
    if (auto failure = read_modes(fields, request)) return failure;
    if (auto failure = read_challenge(fields, request)) return failure;
    const auto scope = value_of(fields, "scope");
    if (trim(scope).empty()) return missing("scope");
    auto scopes = parse_scopes(world.cloud(), scope);
    if (!scopes) return scopes.error();
    request.scopes = std::move(*scopes);

    request.login_hint = value_of(fields, "login_hint");
    request.client_info = value_of(fields, "client_info") == "1";
    const auto consent = value_of(fields, "sandbox_consent");
    if (!consent.empty() && consent != "accept" && consent != "deny") return Aadsts{9002313, "sandbox_consent is accept or deny."};
    if (!consent.empty()) request.auto_consent = consent == "accept" ? AutoConsent::accept : AutoConsent::deny;
    return std::nullopt;
}

}  // namespace

bool redirect_registered(const App& app, std::string_view redirect_uri) {
    const std::string asked(redirect_uri);
    return std::ranges::any_of(app.redirects, [&](const std::string& registered) { return same_redirect(registered, asked); }) ||
           spa_redirect(app, redirect_uri);
}

bool spa_redirect(const App& app, std::string_view redirect_uri) {
    const std::string asked(redirect_uri);
    return std::ranges::any_of(app.spa_redirects, [&](const std::string& registered) { return same_redirect(registered, asked); });
}

std::variant<AuthorizeRequest, PageFailure, RedirectFailure> read_authorize_request(World& world, const Fields& fields, const TokenEndpoint& endpoint) {
    AuthorizeRequest request;
    request.endpoint = endpoint;
    if (auto failure = read_client(world, fields, request)) return PageFailure{std::move(*failure)};
    if (const auto* state = find_field(fields, "state")) request.state = *state;
    if (const auto* nonce = find_field(fields, "nonce")) request.nonce = *nonce;
    if (auto failure = read_rest(world, fields, request)) return RedirectFailure{std::move(request), std::move(*failure)};
    return request;
}

}  // namespace renkei::sandbox
