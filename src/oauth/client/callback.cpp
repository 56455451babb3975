#include "oauth/client/callback.hpp"

#include "oauth/client/classify.hpp"
#include "oauth/client/issuer.hpp"
#include "oauth/client/refusal_reason.hpp"

#include <algorithm>
#include <array>

namespace renkei::oauth {
namespace {

constexpr std::size_t most_parameters = 32;
constexpr std::size_t longest_code = 16u << 10;
constexpr std::size_t longest_state = 512;
constexpr std::array<std::string_view, 4> once_only{"code", "state", "iss", "error"};

std::unexpected<Error> not_ours(std::string detail) { return fail(Errc::callback_invalid, std::move(detail)); }

// RFC 6749 section 3.1: parameters must not come more than once; which of two would count is anybody's guess.
Result<void> check_shape(const Fields& query) {
    if (query.size() > most_parameters) return not_ours("the answer has too many parameters");
    for (const auto name : once_only)
        if (std::ranges::count(query, name, &Fields::value_type::first) > 1)
            return not_ours("the answer has the parameter " + std::string(name) + " more than once");
    return {};
}

// RFC 9207 section 2.4: error answers are checked as well.
Result<void> check_issuer(const Fields& query, const PendingAuthorization& expected) {
    const auto* issuer = find_field(query, "iss");
    if (issuer == nullptr) {
        if (expected.iss_required) return not_ours("the answer does not say which server it comes from (iss)");
        return {};
    }
    if (!expected.issuer.empty() && !issuer_matches(expected.issuer, *issuer))
        return not_ours("the answer comes from another server than the one that was asked (iss)");
    return {};
}

// What an error answer means by its `error`, RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6.
Errc meant_by(const OAuthFailure& failure) {
    const auto& error = failure.error;
    if (error == "access_denied" || error == "consent_required" || error == "interaction_required" || error == "login_required") return Errc::consent_refused;
    if (error == "server_error" || error == "temporarily_unavailable") return Errc::provider_unavailable;
    if (classify(failure, false) == RefreshFailure::needs_app_owner || error == "unsupported_response_type") return Errc::needs_app_owner;
    return Errc::provider_rejected;
}

// The provider's code refines what the error says; a code that nobody knows changes nothing.
std::unexpected<Error> refused(const Fields& query, const std::string& error) {
    const auto text = [&](std::string_view name) {
        const auto* value = find_field(query, name);
        return value == nullptr ? std::string_view() : std::string_view(*value);
    };
    OAuthFailure failure{.error = error};
    auto code = meant_by(failure);
    if (const auto number = code_of_answer(text("error_uri"), text("error_description"))) failure.codes.push_back(*number);
    const auto* known = known_code(failure);
    if (known != nullptr && code == Errc::consent_refused && known->who == RefreshFailure::needs_admin) code = Errc::needs_admin;
    if (known != nullptr && code == Errc::consent_refused && known->who == RefreshFailure::needs_app_owner) code = Errc::needs_app_owner;
    return fail(explained(code, failure));
}

}  // namespace

Result<Secret> state_of(const Fields& query) {
    if (auto checked = check_shape(query); !checked) return propagate(checked);
    const auto* state = find_field(query, "state");
    if (state == nullptr || state->empty() || state->size() > longest_state) return not_ours("the answer has no proper state");
    return Secret(*state);
}

Result<ValidatedCallback> ValidatedCallback::from(const Fields& query, const PendingAuthorization& expected) {
    auto state = state_of(query);
    if (!state) return propagate(state);
    if (!state->equals(expected.state)) return not_ours("the answer's state is not the one that was sent");
    if (auto checked = check_issuer(query, expected); !checked) return propagate(checked);
    const auto *code = find_field(query, "code"), *error = find_field(query, "error");
    if (error != nullptr) {
        if (code != nullptr) return not_ours("the answer has both a code and an error");
        return refused(query, *error);
    }
    if (code == nullptr || code->empty() || code->size() > longest_code) return not_ours("the answer has no proper code");
    // RFC 6749 appendix A.11: visible ASCII and blanks.
    if (!std::ranges::all_of(*code, [](char c) { return c >= 0x20 && c < 0x7f; })) return not_ours("the answer's code has characters that no code has");
    return ValidatedCallback(Secret(*code));
}

}  // namespace renkei::oauth
