#include "sandbox/login/metadata.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/uri.hpp"

namespace renkei::sandbox {

std::string canonical_segment(const TokenEndpoint& endpoint) {
    if (endpoint.tenant) return endpoint.tenant->id;
    return equal_ignoring_case(endpoint.segment, consumers_tenant) ? "consumers" : lower_ascii(endpoint.segment);
}

std::string metadata_issuer(const ServerRequest& request, const TokenEndpoint& endpoint) {
    if (endpoint.tenant) return base_address(request) + "/" + endpoint.tenant->id + "/v2.0";
    const auto segment = canonical_segment(endpoint);
    return base_address(request) + "/" + (segment == "consumers" ? std::string(consumers_tenant) : "{tenantid}") + "/v2.0";
}

ServerResponse openid_configuration(const Cloud& cloud, const ServerRequest& request, const TokenEndpoint& endpoint) {
    const auto at = base_address(request) + "/" + canonical_segment(endpoint);
    json::object body;
    body["token_endpoint"] = at + "/oauth2/v2.0/token";
    body["token_endpoint_auth_methods_supported"] = json::array{"client_secret_post", "private_key_jwt", "client_secret_basic"};
    body["token_endpoint_auth_signing_alg_values_supported"] = json::array{"PS256", "RS256"};
    body["jwks_uri"] = at + "/discovery/v2.0/keys";
    body["response_modes_supported"] = json::array{"query", "fragment", "form_post"};
    body["subject_types_supported"] = json::array{"pairwise"};
    body["id_token_signing_alg_values_supported"] = json::array{"RS256"};
    body["response_types_supported"] = json::array{"code"};
    body["scopes_supported"] = json::array{"openid", "profile", "email", "offline_access"};
    body["code_challenge_methods_supported"] = json::array{"plain", "S256"};
    body["grant_types_supported"] = json::array{"authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:device_code"};
    body["issuer"] = metadata_issuer(request, endpoint);
    body["request_uri_parameter_supported"] = false;
    body["userinfo_endpoint"] = base_address(request) + "/oidc/userinfo";
    body["authorization_endpoint"] = at + "/oauth2/v2.0/authorize";
    body["device_authorization_endpoint"] = at + "/oauth2/v2.0/devicecode";
    body["http_logout_supported"] = true;
    body["end_session_endpoint"] = at + "/oauth2/v2.0/logout";
    body["claims_supported"] = json::array{"sub", "iss", "aud", "exp", "iat", "nbf", "nonce", "preferred_username", "name", "tid", "oid", "ver", "email"};
    body["tenant_region_scope"] = endpoint.tenant ? json::value("AS") : json::value(nullptr);
    // The vendor's names: they tell which cloud answers.
    body["cloud_instance_name"] = json::view(cloud.login_host.substr(cloud.login_host.find('.') + 1));
    body["msgraph_host"] = json::view(cloud.graph.substr(cloud.graph.find("://") + 3));
    return json_response(200, json::serialize(body));
}

ServerResponse instance_discovery(World& world, const ServerRequest& request) {
    const auto* asked = find_field(request.query, "authorization_endpoint");
    if (!asked || asked->empty()) return aadsts_answer(world, request, {900144, "The request must contain the following parameter: 'authorization_endpoint'."});
    if (!Uri::parse(*asked)) return aadsts_answer(world, request, {50049});
    const auto base = base_address(request);
    const auto host = base.substr(base.find("://") + 3);
    json::object entry{{"preferred_network", host}, {"preferred_cache", host}, {"aliases", json::array{host}}};
    json::object body{{"tenant_discovery_endpoint", base + "/common/v2.0/.well-known/openid-configuration"},
                      {"api-version", "1.1"},
                      {"metadata", json::array{std::move(entry)}}};
    return json_response(200, json::serialize(body));
}

}  // namespace renkei::sandbox
