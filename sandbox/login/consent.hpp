#pragma once

#include "sandbox/login/scopes.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::sandbox {

/// Whether the app may act for the user with these scopes, by the user's own consent or an administrator's; the refusal is 65001.
std::expected<void, Aadsts> check_consent(World& world, const App& app, const SandboxUser& user, const std::vector<Scope>& scopes);
void record_consent(World& world, const App& app, const SandboxUser& user, const std::vector<Scope>& scopes);

/// 90094 if this person may not give the consent that is missing (Tenant::user_consent).
std::optional<Aadsts> needs_approval(World& world, const App& app, const SandboxUser& user, const std::vector<Scope>& scopes);

/// An administrator's consent for everybody in the tenant. `.default` is all that the registration lists, application permissions too.
void consent_for_tenant(World& world, const App& app, const std::string& tenant, const std::vector<Scope>& scopes);

/// What was consented to for a resource: the permissions that `.default` stands for.
std::vector<std::string> consented_permissions(World& world, const App& app, const SandboxUser& user, std::string_view resource);
/// The `roles` of an app-only token.
std::vector<std::string> application_permissions(World& world, const App& app, const std::string& tenant);

}  // namespace renkei::sandbox
