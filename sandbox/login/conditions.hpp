#pragma once

#include "sandbox/login/aadsts.hpp"

#include <optional>

namespace renkei::sandbox {

/// Demands that a person meets by signing in again: multi-factor authentication and its like. The other conditions block.
bool is_demand(int code);
/// Conditional Access itself: sent to the redirect address, not shown on a page.
bool is_policy_block(int code);
/// Whether the number may be a condition of a person or an app (PUT /switches).
bool is_condition(int code);

/// Why this person may not sign in to this app now although the password is right: 50105, or a condition of the person or the app.
/// With nobody at the screen (`silent`) a demand is a refusal too.
std::optional<Aadsts> sign_in_refusal(const App& app, const SandboxUser& user, bool silent);

/// Why a refresh token of this sign-in gives nothing.
std::optional<Aadsts> refresh_refusal(const World& world, const App& app, const SandboxUser& user, const Grant& grant);
/// Why an app-only token is not given: only a block of the app itself counts, nobody can meet a demand.
std::optional<Aadsts> app_only_refusal(const App& app);

}  // namespace renkei::sandbox
