#include "sandbox/login/client_auth.hpp"

#include "base/crypto.hpp"

namespace renkei::sandbox {
namespace {

constexpr std::string_view assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

struct Proof {
    std::string client_id, secret, assertion;
    bool has_secret = false, has_assertion = false;
};

Aadsts malformed(std::string text) { return {9002313, std::move(text)}; }

// RFC 6749 section 2.3.1: both halves are form-encoded before they are joined and base64-encoded.
std::expected<void, Aadsts> read_basic(std::string_view header, Proof& proof) {
    const auto bad = [] { return std::unexpected(malformed("The Authorization header is not understood.")); };
    if (header.size() < 6 || !equal_ignoring_case(header.substr(0, 6), "Basic ")) return bad();
    const auto text = decode_base64(trim(header.substr(6)));
    if (!text) return bad();
    const auto colon = text->find(':');
    if (colon == std::string::npos) return bad();
    const auto id = form_decode("v=" + text->substr(0, colon));
    const auto secret = form_decode("v=" + text->substr(colon + 1));
    if (!id || !secret || id->size() != 1 || secret->size() != 1) return bad();
    if (!proof.client_id.empty() && !equal_ignoring_case(proof.client_id, id->front().second))
        return std::unexpected(malformed("The client_id of the body is not the one of the Authorization header."));
    // RFC 6749 section 2.3: one method of authentication in each request.
    if (proof.has_secret || proof.has_assertion) return std::unexpected(malformed("More than one client credential was sent."));
    proof.client_id = id->front().second;
    proof.secret = secret->front().second;
    proof.has_secret = true;
    return {};
}

std::expected<Proof, Aadsts> read_proof(const ServerRequest& request, const Fields& form) {
    Proof proof;
    if (const auto* id = find_field(form, "client_id")) proof.client_id = *id;
    if (const auto* secret = find_field(form, "client_secret"); secret && !secret->empty()) {
        proof.secret = *secret;
        proof.has_secret = true;
    }
    if (const auto* assertion = find_field(form, "client_assertion"); assertion && !assertion->empty()) {
        const auto* type = find_field(form, "client_assertion_type");
        if (!type) return std::unexpected(Aadsts{900144, "The request body must contain the following parameter: 'client_assertion_type'."});
        if (*type != assertion_type) return std::unexpected(malformed("The client_assertion_type is not supported."));
        proof.assertion = *assertion;
        proof.has_assertion = true;
        if (proof.has_secret) return std::unexpected(malformed("More than one client credential was sent."));
    }
    if (request.authorization)
        if (auto read = read_basic(request.authorization->expose(), proof); !read) return std::unexpected(std::move(read.error()));
    if (proof.client_id.empty()) return std::unexpected(Aadsts{900144, "The request body must contain the following parameter: 'client_id'."});
    return proof;
}

std::expected<void, Aadsts> check_secret(World& world, const App& app, std::string_view secret) {
    bool expired = false;
    for (const auto& known : app.secrets) {
        if (!constant_time_equal(known.value, secret)) continue;
        if (known.expires > world.now()) return {};
        expired = true;
    }
    if (expired) return std::unexpected(Aadsts{7000222, "The provided client secret keys for app '" + app.id + "' are expired."});
    return std::unexpected(Aadsts{7000215,
                                  "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not "
                                  "the client secret ID, for a secret added to app '" +
                                      app.id + "'."});
}

}  // namespace

bool is_shared_segment(std::string_view segment) {
    return equal_ignoring_case(segment, "common") || equal_ignoring_case(segment, "organizations") || equal_ignoring_case(segment, "consumers") ||
           equal_ignoring_case(segment, consumers_tenant);
}

std::expected<App*, Aadsts> find_usable_app(World& world, std::string_view client_id, const TokenEndpoint& endpoint) {
    auto* app = world.find_app(client_id);
    // A key is a name of the sandbox's own, no client id.
    const bool known = app && equal_ignoring_case(app->id, client_id);
    const auto where = endpoint.tenant ? endpoint.tenant->name : endpoint.segment;
    if (!known || app->deleted || (endpoint.tenant && !app->multi_tenant && app->tenant != endpoint.tenant->id))
        return std::unexpected(Aadsts{700016, "Application with identifier '" + std::string(client_id) + "' was not found in the directory '" + where +
                                                  "'. This can happen if the application has not been installed by the administrator of the tenant or "
                                                  "consented to by any user in the tenant."});
    if (!endpoint.tenant && !app->multi_tenant)
        return std::unexpected(Aadsts{50194, "Application '" + app->id + "'(" + app->name +
                                                 ") is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such "
                                                 "apps created after '10/15/2018'."});
    if (!app->enabled) return std::unexpected(Aadsts{7000112, "Application '" + app->id + "'(" + app->name + ") is disabled."});
    return app;
}

std::expected<AuthenticatedClient, Aadsts> authenticate_client(World& world, const ServerRequest& request, const Fields& form, const TokenEndpoint& endpoint) {
    const auto proof = read_proof(request, form);
    if (!proof) return std::unexpected(proof.error());
    auto app = find_usable_app(world, proof->client_id, endpoint);
    if (!app) return std::unexpected(std::move(app.error()));

    const auto* grant_type = find_field(form, "grant_type");
    const bool app_only = grant_type && *grant_type == "client_credentials";
    if (!proof->has_secret && !proof->has_assertion) {
        // What a single-page application redeems is looked at by the grant types.
        const bool unproved = (*app)->public_client || !(*app)->spa_redirects.empty();
        if (unproved && !app_only) return AuthenticatedClient{*app, false};
        return std::unexpected(Aadsts{app_only ? 7000216 : 7000218});
    }
    if ((*app)->public_client) return std::unexpected(Aadsts{700025});
    auto checked = proof->has_secret ? check_secret(world, **app, proof->secret) : check_assertion(world, request, **app, proof->assertion, endpoint);
    if (!checked) return std::unexpected(std::move(checked.error()));
    return AuthenticatedClient{*app, true};
}

}  // namespace renkei::sandbox
