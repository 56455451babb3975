#include "oauth/client/classify.hpp"

#include <algorithm>
#include <array>

namespace renkei::oauth {
namespace {

struct Default {
    std::string_view error;
    RefreshFailure who;
    std::string_view what;
};

// RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6. What is not listed is retried later.
constexpr std::array defaults{
    Default{"invalid_grant", RefreshFailure::needs_user, "the provider does not accept the stored permission any more"},
    Default{"interaction_required", RefreshFailure::needs_user, "the provider wants the person to take part in the sign-in"},
    Default{"consent_required", RefreshFailure::needs_user, "the provider wants the person's consent"},
    Default{"login_required", RefreshFailure::needs_user, "the provider wants the person to sign in"},
    Default{"account_selection_required", RefreshFailure::needs_user, "the provider wants the person to choose an account"},
    Default{"access_denied", RefreshFailure::needs_user, "the provider reports that access was refused"},
    Default{"invalid_client", RefreshFailure::needs_app_owner, "the provider does not accept the app registration's own credential"},
    Default{"unauthorized_client", RefreshFailure::needs_app_owner, "the provider does not know the app, or does not allow it this way of asking"},
    Default{"invalid_scope", RefreshFailure::needs_app_owner, "the provider does not accept the scopes that were asked for"},
    Default{"invalid_resource", RefreshFailure::needs_app_owner, "the provider does not know the resource that was asked for"},
    Default{"invalid_target", RefreshFailure::needs_app_owner, "the provider does not know the resource that was asked for"},
    Default{"invalid_tenant", RefreshFailure::needs_app_owner, "the provider does not know the tenant"},
    Default{"invalid_request", RefreshFailure::needs_app_owner, "the provider does not understand the request: the registration's settings do not fit"},
    Default{"unsupported_grant_type", RefreshFailure::needs_app_owner, "the provider does not offer this kind of sign-in to the app"},
    Default{"temporarily_unavailable", RefreshFailure::retry_later, "the provider is not available for the moment"},
    Default{"server_error", RefreshFailure::retry_later, "the provider had an internal fault"},
    Default{"slow_down", RefreshFailure::retry_later, "the provider asks to slow down"},
};

const Default* default_of(std::string_view error) {
    const auto* found = std::ranges::find(defaults, error, &Default::error);
    return found == defaults.end() ? nullptr : found;
}

bool is_busy(const OAuthFailure& failure) { return failure.status == 429 || failure.status >= 500; }

// The application's own credential is wrong: no person can repair that, and no grant is lost by it. Taking it for the
// person's matter would send everybody to a sign-in page because of one expired secret.
bool blames_the_app(std::string_view error) { return error == "invalid_client" || error == "unauthorized_client"; }

}  // namespace

const FailureCode* known_code(const OAuthFailure& failure) {
    for (const auto code : failure.codes)
        if (const auto* row = find_code(code)) return row;
    return nullptr;
}

RefreshFailure classify(const OAuthFailure& failure, bool generation_moved) {
    // RFC 6749 section 5.2: the grant is gone, unless somebody else has rotated it meanwhile.
    if (failure.error == "invalid_grant" && generation_moved) return RefreshFailure::stale_generation;
    if (is_busy(failure)) return RefreshFailure::retry_later;
    const auto* known = known_code(failure);
    if (blames_the_app(failure.error)) {
        const bool others = known != nullptr && (known->who == RefreshFailure::needs_admin || known->who == RefreshFailure::retry_later);
        return others ? known->who : RefreshFailure::needs_app_owner;
    }
    if (known != nullptr) return known->who;
    const auto* usual = default_of(failure.error);
    return usual != nullptr ? usual->who : RefreshFailure::retry_later;
}

std::string describe(const OAuthFailure& failure) {
    if (const auto* known = known_code(failure)) return std::string(known->what) + " (provider's code " + std::to_string(known->code) + ")";
    if (const auto* usual = default_of(failure.error)) return std::string(usual->what) + " (" + std::string(usual->error) + ")";
    return "the provider refused with an error that is not known";
}

}  // namespace renkei::oauth
