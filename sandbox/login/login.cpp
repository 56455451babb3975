#include "sandbox/login/login.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "sandbox/login/device.hpp"
#include "sandbox/login/metadata.hpp"
#include "sandbox/login/token_endpoint.hpp"

#include <optional>

namespace renkei::sandbox {

const LoginService::Route LoginService::routes[] = {
    {"GET", "/common/discovery/instance", &LoginService::instances, true},
    {"GET", "/{tenant}/v2.0/.well-known/openid-configuration", &LoginService::metadata, true},
    {"GET", "/{tenant}/discovery/v2.0/keys", &LoginService::keys, true},
    {"GET", "/{tenant}/discovery/keys", &LoginService::keys, true},
    {"*", "/{tenant}/oauth2/v2.0/authorize", &LoginService::authorize, false},
    {"GET", "/{tenant}/adminconsent", &LoginService::admin_consent, false},
    {"GET", "/{tenant}/v2.0/adminconsent", &LoginService::admin_consent_v2, false},
    {"POST", "/{tenant}/login", &LoginService::login_form, false},
    {"*", "/{tenant}/oauth2/v2.0/token", &LoginService::token, true},
    {"*", "/{tenant}/oauth2/v2.0/devicecode", &LoginService::device_code, true},
    {"*", "/{tenant}/oauth2/v2.0/logout", &LoginService::logout, false},
    {"*", "/device", &LoginService::device, false},
    {"*", "/oidc/userinfo", &LoginService::userinfo, true},
};

namespace {

// The tenant segment (empty if the pattern has none), or nothing if the path does not match.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
    const auto wanted = split(pattern, '/');
    const auto given = split(path, '/');
    if (wanted.size() != given.size()) return std::nullopt;
    std::string segment;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto decoded = percent_decode(given[i]);
        if (!decoded) return std::nullopt;
        if (wanted[i] == "{tenant}" && !decoded->empty())
            segment = *decoded;
        else if (!equal_ignoring_case(wanted[i], *decoded))
            return std::nullopt;
    }
    return segment;
}

Aadsts unknown_tenant(const std::string& segment) {
    return {90002, "Tenant '" + segment +
                       "' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription "
                       "administrator, this may happen if there are no active subscriptions for the tenant."};
}

}  // namespace

ServerResponse LoginService::handle(ServerRequest request) {
    const auto method = method_text(request.method);
    bool path_known = false;
    for (const auto& route : routes) {
        const auto segment = match(route.pattern, request.path);
        if (!segment) continue;
        path_known = true;
        if (route.method != "*" && route.method != method) continue;
        TokenEndpoint endpoint{*segment, world_.find_tenant(*segment)};
        ServerResponse response;
        if (!segment->empty() && !endpoint.tenant && !is_shared_segment(*segment)) {
            auto failure = unknown_tenant(*segment);
            if (route.endpoint == &LoginService::metadata) failure.error = "invalid_tenant";
            response = route.json ? aadsts_answer(world_, request, failure) : error_page(world_, request, failure);
        } else {
            response = (this->*route.endpoint)(request, endpoint);
        }
        response.route = route.pattern;
        return response;
    }
    return vendor_error(path_known ? 405 : 404, request);
}

ServerResponse LoginService::vendor_error(int status, const ServerRequest& request) {
    if (status == 404 || status == 405) return message_page(request, status, std::to_string(status), "There is nothing at this address.");
    const int code = status == 429 ? 90055 : status == 503 ? 90033 : status >= 500 ? 90006 : status == 401 ? 7000215 : 9002313;
    auto response = aadsts_answer(world_, request, {code});
    response.status = status;
    return response;
}

ServerResponse LoginService::metadata(const ServerRequest& request, const TokenEndpoint& endpoint) {
    return openid_configuration(world_.cloud(), request, endpoint);
}

ServerResponse LoginService::keys(const ServerRequest& request, const TokenEndpoint& endpoint) {
    return json_response(200, signer_.key_set(metadata_issuer(request, endpoint)));
}

ServerResponse LoginService::instances(const ServerRequest& request, const TokenEndpoint&) { return instance_discovery(world_, request); }

ServerResponse LoginService::authorize(const ServerRequest& request, const TokenEndpoint& endpoint) {
    if (request.method != Method::get && request.method != Method::post) return vendor_error(405, request);
    return sign_in_.authorize(request, endpoint);
}

ServerResponse LoginService::admin_consent(const ServerRequest& request, const TokenEndpoint& endpoint) { return sign_in_.admin_consent(request, endpoint, 1); }
ServerResponse LoginService::admin_consent_v2(const ServerRequest& request, const TokenEndpoint& endpoint) {
    return sign_in_.admin_consent(request, endpoint, 2);
}

ServerResponse LoginService::login_form(const ServerRequest& request, const TokenEndpoint& endpoint) { return sign_in_.answer_form(request, endpoint); }

ServerResponse LoginService::token(const ServerRequest& request, const TokenEndpoint& endpoint) {
    if (request.method != Method::post)
        return aadsts_answer(world_, request,
                             {900561, "The endpoint only accepts POST requests. Received a " + std::string(method_text(request.method)) + " request."});
    return answer_token_request(world_, signer_, request, endpoint);
}

ServerResponse LoginService::device_code(const ServerRequest& request, const TokenEndpoint& endpoint) {
    if (request.method != Method::post)
        return aadsts_answer(world_, request,
                             {900561, "The endpoint only accepts POST requests. Received a " + std::string(method_text(request.method)) + " request."});
    return answer_device_request(world_, request, endpoint);
}

ServerResponse LoginService::device(const ServerRequest& request, const TokenEndpoint&) { return sign_in_.device(request); }
ServerResponse LoginService::logout(const ServerRequest& request, const TokenEndpoint&) { return sign_in_.sign_out(request); }

// OpenID Connect Core section 5.3.
ServerResponse LoginService::userinfo(const ServerRequest& request, const TokenEndpoint&) {
    const std::string_view header = request.authorization ? request.authorization->expose() : std::string_view();
    const bool bearer = header.size() > 7 && equal_ignoring_case(header.substr(0, 7), "Bearer ");
    const auto facts = world_.check_access_token(bearer ? header.substr(7) : std::string_view());
    auto* user = facts && facts->allows("openid") ? world_.find_user(facts->user) : nullptr;
    if (!user) {
        auto response = json_response(401, R"({"error":"invalid_token"})");
        response.headers.set("WWW-Authenticate", "Bearer error=\"invalid_token\"");
        return response;
    }
    json::object body{{"sub", user->id}, {"name", user->display_name}, {"given_name", user->given_name}, {"family_name", user->surname}};
    if (facts->allows("email") && user->mailbox) body["email"] = user->upn;
    return json_response(200, json::serialize(body));
}

}  // namespace renkei::sandbox
