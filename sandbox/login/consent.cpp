#include "sandbox/login/consent.hpp"

#include "base/encoding.hpp"

#include <algorithm>

// https://learn.microsoft.com/entra/identity-platform/permissions-consent-overview

namespace renkei::sandbox {
namespace {

std::string consent_key(const Scope& scope) { return lower_ascii(scope.resource + "/" + scope.permission); }

void add_once(std::vector<std::string>& to, std::string text) {
    if (std::ranges::find(to, text) == to.end()) to.push_back(std::move(text));
}

// All keys that count for this person, or nothing if nobody has ever consented.
std::optional<std::vector<std::string>> held_by(World& world, const App& app, const SandboxUser& user) {
    std::optional<std::vector<std::string>> held;
    const auto take = [&](const auto& from, const std::string& whose) {
        const auto found = from.find({app.id, whose});
        if (found == from.end()) return;
        if (!held) held.emplace();
        held->insert(held->end(), found->second.begin(), found->second.end());
    };
    take(world.tokens().consents, user.id);
    take(world.tokens().tenant_consents, user.tenant);
    return held;
}

bool covers(const std::optional<std::vector<std::string>>& held, const Scope& scope) {
    // The OpenID scopes come with any consent; .default asks for what has been consented before.
    return held && (scope.openid() || scope.is_default() || std::ranges::find(*held, consent_key(scope)) != held->end());
}

// What a registration lists stands for `.default` as long as nothing has been granted.
bool registered_needs_admin(const App& app) { return std::ranges::any_of(app.registered_scopes, needs_admin); }

}  // namespace

std::expected<void, Aadsts> check_consent(World& world, const App& app, const SandboxUser& user, const std::vector<Scope>& scopes) {
    if (!app.consent_required) return {};
    const auto held = held_by(world, app, user);
    for (const auto& scope : scopes)
        if (!covers(held, scope))
            return std::unexpected(Aadsts{65001, "The user or administrator has not consented to use the application with ID '" + app.id + "' named '" +
                                                     app.name + "'. Send an interactive authorization request for this user and resource."});
    return {};
}

void record_consent(World& world, const App& app, const SandboxUser& user, const std::vector<Scope>& scopes) {
    auto& consented = world.tokens().consents[{app.id, user.id}];
    for (const auto& scope : scopes) add_once(consented, consent_key(scope));
}

std::optional<Aadsts> needs_approval(World& world, const App& app, const SandboxUser& user, const std::vector<Scope>& scopes) {
    const auto* tenant = world.find_tenant(user.tenant);
    if (!app.consent_required || user.admin || tenant == nullptr || tenant->user_consent == UserConsent::all) return std::nullopt;
    const auto held = held_by(world, app, user);
    const auto wants_admin = [&](const Scope& scope) {
        if (covers(held, scope)) return false;
        return tenant->user_consent == UserConsent::none || needs_admin(scope.permission) || (scope.is_default() && registered_needs_admin(app));
    };
    if (std::ranges::none_of(scopes, wants_admin)) return std::nullopt;
    return Aadsts{90094, app.name + " (" + app.id + ") needs permissions that only an administrator of " + tenant->name +
                             " can grant. Ask an administrator to grant them to this app before you can use it."};
}

void consent_for_tenant(World& world, const App& app, const std::string& tenant, const std::vector<Scope>& scopes) {
    auto& consented = world.tokens().tenant_consents[{app.id, tenant}];
    for (const auto& scope : scopes) {
        if (!scope.is_default()) {
            add_once(consented, consent_key(scope));
            continue;
        }
        for (const auto& name : app.registered_scopes) add_once(consented, lower_ascii(scope.resource + "/" + name));
        auto& roles = world.tokens().tenant_roles[{app.id, tenant}];
        for (const auto& role : app.registered_roles) add_once(roles, role);
    }
}

std::vector<std::string> consented_permissions(World& world, const App& app, const SandboxUser& user, std::string_view resource) {
    std::vector<std::string> permissions;
    const auto prefix = lower_ascii(resource) + "/";
    for (const auto& key : held_by(world, app, user).value_or(std::vector<std::string>()))
        if (key.starts_with(prefix) && !key.ends_with("/.default")) add_once(permissions, canonical_permission(key.substr(prefix.size())));
    return permissions;
}

std::vector<std::string> application_permissions(World& world, const App& app, const std::string& tenant) {
    std::vector<std::string> roles;
    if (app.tenant == tenant) roles = app.roles;
    if (const auto found = world.tokens().tenant_roles.find({app.id, tenant}); found != world.tokens().tenant_roles.end())
        for (const auto& role : found->second) add_once(roles, role);
    return roles;
}

}  // namespace renkei::sandbox
