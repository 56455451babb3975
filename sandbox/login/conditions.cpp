#include "sandbox/login/conditions.hpp"

#include "base/json.hpp"

#include <algorithm>

// https://learn.microsoft.com/entra/identity-platform/v2-conditional-access-dev-guide

namespace renkei::sandbox {
namespace {

constexpr int demands[] = {50072, 50074, 50076, 50078, 50079, 50158};
constexpr int blocks[] = {50053, 50055, 53000, 53001, 53002, 53003, 53004, 530032, 530034, 530035};

bool assigned(const App& app, const SandboxUser& user) { return !app.assignment_required || std::ranges::find(app.assigned, user.id) != app.assigned.end(); }

Aadsts not_assigned(const App& app, const SandboxUser& user) {
    return {50105, "Your administrator has configured the application " + app.name + " ('" + app.id +
                       "') to block users unless they are specifically granted ('assigned') access to the application. The signed in user '" + user.upn +
                       "' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator."};
}

// The claims that a client passes on to the authorize endpoint.
std::string claims_challenge() {
    const json::object policy{{"essential", true}, {"values", json::array{"5ab1e5ca-1e5c-4a1e-8f0d-000000000001"}}};
    return json::serialize(json::object{{"access_token", json::object{{"capolids", policy}}}});
}

Aadsts condition(int code) {
    Aadsts failure{code};
    if (is_demand(code) || is_policy_block(code)) failure.claims = claims_challenge();
    return failure;
}

}  // namespace

bool is_demand(int code) { return std::ranges::find(demands, code) != std::end(demands); }
bool is_policy_block(int code) { return is_condition(code) && std::to_string(code).starts_with("53"); }
bool is_condition(int code) { return is_demand(code) || std::ranges::find(blocks, code) != std::end(blocks); }

std::optional<Aadsts> sign_in_refusal(const App& app, const SandboxUser& user, bool silent) {
    if (!assigned(app, user)) return not_assigned(app, user);
    for (const int code : {user.condition, app.condition})
        if (code != 0 && (silent || !is_demand(code))) return condition(code);
    return std::nullopt;
}

std::optional<Aadsts> refresh_refusal(const World& world, const App& app, const SandboxUser& user, const Grant& grant) {
    if (!assigned(app, user)) return not_assigned(app, user);
    const auto refuses = [&](int code, std::uint64_t set) { return code != 0 && (!is_demand(code) || grant.conditions_met < set); };
    if (refuses(user.condition, user.condition_set)) return condition(user.condition);
    if (refuses(app.condition, app.condition_set)) return condition(app.condition);
    if (app.sign_in_frequency.count() == 0 || grant.issued + app.sign_in_frequency > world.now()) return std::nullopt;
    return Aadsts{70043, "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token was issued on " +
                             iso_text(grant.issued) + " and the maximum allowed lifetime for this request is " + std::to_string(app.sign_in_frequency.count()) +
                             "."};
}

std::optional<Aadsts> app_only_refusal(const App& app) {
    if (app.condition == 0 || is_demand(app.condition)) return std::nullopt;
    return condition(app.condition);
}

}  // namespace renkei::sandbox
