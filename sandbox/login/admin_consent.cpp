#include "sandbox/login/consent.hpp"
#include "sandbox/login/sign_in.hpp"

// https://learn.microsoft.com/entra/identity-platform/v2-admin-consent

namespace renkei::sandbox {
namespace {

std::string value_of(const Fields& fields, std::string_view name) {
    const auto* value = find_field(fields, name);
    return value ? *value : std::string();
}

// What stands on a page when it is wrong: the redirect address cannot be trusted, or there is nothing to consent to.
std::expected<AuthorizeRequest, Aadsts> read(World& world, const ServerRequest& request, const TokenEndpoint& endpoint, int version) {
    AuthorizeRequest asked;
    asked.endpoint = endpoint;
    // "Use the tenant id or organizations, not common."
    if (!endpoint.tenant && !(version == 1 || equal_ignoring_case(endpoint.segment, "organizations"))) return std::unexpected(Aadsts{50059});
    for (const auto* name : {"client_id", "redirect_uri"})
        if (value_of(request.query, name).empty())
            return std::unexpected(Aadsts{900144, "The request must contain the following parameter: '" + std::string(name) + "'."});
    const auto app = find_usable_app(world, value_of(request.query, "client_id"), endpoint);
    if (!app) return std::unexpected(app.error());
    asked.app = (*app)->id;
    asked.redirect_uri = value_of(request.query, "redirect_uri");
    if (!redirect_registered(**app, asked.redirect_uri)) return std::unexpected(Aadsts{50011});
    const auto scope = version == 2 ? value_of(request.query, "scope") : std::string(world.cloud().graph) + "/.default";
    if (scope.empty()) return std::unexpected(Aadsts{900144, "The request must contain the following parameter: 'scope'."});
    auto scopes = parse_scopes(world.cloud(), scope);
    if (!scopes) return std::unexpected(std::move(scopes.error()));
    asked.scopes = std::move(*scopes);
    if (const auto* state = find_field(request.query, "state")) asked.state = *state;
    asked.login_hint = value_of(request.query, "login_hint");
    const auto consent = value_of(request.query, "sandbox_consent");
    if (consent == "accept" || consent == "deny") asked.auto_consent = consent == "accept" ? AutoConsent::accept : AutoConsent::deny;
    return asked;
}

}  // namespace

ServerResponse SignIn::admin_consent(const ServerRequest& request, const TokenEndpoint& endpoint, int version) {
    auto asked = read(world_, request, endpoint, version);
    if (!asked) return error_page(world_, request, asked.error());
    Flow flow{std::move(*asked)};
    flow.admin_consent = version;
    auto* hinted = flow.request.auto_consent == AutoConsent::no ? nullptr : world_.find_user(flow.request.login_hint);
    if (hinted) {
        flow.user = hinted->id;
        return decide_automatically(request, std::move(flow));
    }
    if (auto* user = session_user(request)) return continue_flow(request, std::move(flow), *user, true);
    return show_sign_in(request, std::move(flow), {});
}

ServerResponse SignIn::finish_admin_consent(const ServerRequest& request, const Flow& flow, const SandboxUser& user) {
    const auto& asked = flow.request;
    consent_for_tenant(world_, *world_.find_app(asked.app), user.tenant, asked.scopes);
    Fields fields{{"admin_consent", "True"}, {"tenant", user.tenant}};
    if (flow.admin_consent == 2) {
        std::string scopes;
        for (const auto& scope : asked.scopes) scopes += (scopes.empty() ? "" : " ") + scope.asked;
        fields.emplace_back("scope", std::move(scopes));
    }
    return redirect_with(request, asked, std::move(fields));
}

ServerResponse SignIn::refuse_admin_consent(const ServerRequest& request, const Flow& flow, const Aadsts& failure) {
    Fields fields{{"error", flow.admin_consent == 2 ? "access_denied" : "permission_denied"},
                  {"error_description", description_of(world_, request, failure, world_.new_guid())},
                  {"admin_consent", "True"}};
    return redirect_with(request, flow.request, std::move(fields));
}

}  // namespace renkei::sandbox
