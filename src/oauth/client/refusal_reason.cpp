#include "oauth/client/refusal_reason.hpp"

#include "oauth/client/classify.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace renkei::oauth {
namespace {

// Sorted. https://learn.microsoft.com/entra/identity-platform/reference-error-codes
// clang-format off
constexpr std::array reasons{
    CodeReason{16000, "account-elsewhere"}, CodeReason{50011, "redirect-not-registered"}, CodeReason{50012, "certificate-unknown"},
    CodeReason{50020, "account-elsewhere"}, CodeReason{50027, "wrong-audience"}, CodeReason{50033, "provider-busy"},
    CodeReason{50034, "account-unknown"}, CodeReason{50053, "account-locked"}, CodeReason{50055, "password-changed"},
    CodeReason{50057, "account-disabled"}, CodeReason{50059, "tenant-not-found"}, CodeReason{50072, "mfa-needed"},
    CodeReason{50074, "mfa-needed"}, CodeReason{50076, "mfa-needed"}, CodeReason{50078, "mfa-needed"}, CodeReason{50079, "mfa-needed"},
    CodeReason{50097, "conditional-access"}, CodeReason{50105, "user-not-assigned"}, CodeReason{50128, "tenant-not-found"},
    CodeReason{50129, "conditional-access"}, CodeReason{50131, "conditional-access"}, CodeReason{50132, "password-changed"},
    CodeReason{50133, "password-changed"}, CodeReason{50144, "password-changed"}, CodeReason{50158, "mfa-needed"},
    CodeReason{50173, "refresh-token-revoked"}, CodeReason{50194, "single-tenant-app"}, CodeReason{50196, "throttled"},
    CodeReason{51004, "account-unknown"}, CodeReason{53000, "conditional-access"}, CodeReason{53001, "conditional-access"},
    CodeReason{53002, "conditional-access"}, CodeReason{53003, "conditional-access"}, CodeReason{53004, "conditional-access"},
    CodeReason{53010, "conditional-access"}, CodeReason{53011, "conditional-access"}, CodeReason{65001, "consent-missing"},
    CodeReason{65004, "consent-refused"}, CodeReason{65005, "permission-not-listed"}, CodeReason{70001, "app-not-in-tenant"},
    CodeReason{70002, "secret-wrong"}, CodeReason{70008, "refresh-token-revoked"}, CodeReason{70011, "scope-not-known"},
    CodeReason{70019, "device-code-expired"}, CodeReason{70021, "federated-credential-unmatched"}, CodeReason{70043, "sign-in-frequency"},
    CodeReason{90002, "tenant-not-found"}, CodeReason{90033, "provider-busy"}, CodeReason{90038, "other-cloud-unnamed"},
    CodeReason{90043, "other-cloud-unnamed"}, CodeReason{90055, "throttled"}, CodeReason{90072, "account-elsewhere"},
    CodeReason{90093, "admin-consent-needed"}, CodeReason{90094, "admin-consent-needed"}, CodeReason{90095, "admin-consent-needed"},
    CodeReason{500011, "permission-not-listed"}, CodeReason{500112, "redirect-not-registered"}, CodeReason{530032, "conditional-access"},
    CodeReason{530034, "conditional-access"}, CodeReason{530035, "conditional-access"}, CodeReason{650056, "permission-not-listed"},
    CodeReason{650057, "permission-not-listed"}, CodeReason{700011, "app-not-in-tenant"}, CodeReason{700016, "app-not-in-tenant"},
    CodeReason{700021, "wrong-audience"}, CodeReason{700023, "wrong-audience"}, CodeReason{700024, "assertion-out-of-time"},
    CodeReason{700025, "public-client-sent-secret"}, CodeReason{700027, "certificate-unknown"}, CodeReason{700030, "certificate-unknown"},
    CodeReason{700082, "refresh-token-expired"}, CodeReason{700211, "federated-credential-unmatched"},
    CodeReason{700212, "federated-credential-unmatched"}, CodeReason{700213, "federated-credential-unmatched"},
    CodeReason{900023, "tenant-not-found"}, CodeReason{900382, "other-cloud-unnamed"}, CodeReason{900432, "other-cloud-unnamed"},
    CodeReason{900971, "redirect-not-registered"}, CodeReason{1000104, "other-cloud-unnamed"}, CodeReason{1002012, "scope-not-known"},
    CodeReason{7000112, "app-disabled"}, CodeReason{7000215, "secret-wrong"}, CodeReason{7000218, "public-client-not-allowed"},
    CodeReason{7000222, "secret-expired"}, CodeReason{7000229, "admin-consent-needed"}, CodeReason{9001023, "single-tenant-app"},
};
// clang-format on
static_assert(std::ranges::is_sorted(reasons, {}, &CodeReason::code));
// A reason that stands only in one of the two tables is a typing error; the tests hold both to each other.

struct ErrorReason {
    std::string_view error, reason;
};
// Where no code came: the words of the protocol that say as much.
constexpr ErrorReason by_error[] = {{"invalid_tenant", "tenant-not-found"},
                                    {"expired_token", "device-code-expired"},
                                    {"authorization_declined", "consent-refused"},
                                    {"consent_required", "consent-missing"},
                                    {"slow_down", "throttled"}};

std::string_view slug_of_code(std::int64_t code) {
    const auto* found = std::ranges::lower_bound(reasons, code, {}, &CodeReason::code);
    return found != reasons.end() && found->code == code ? found->reason : std::string_view();
}

std::optional<std::int64_t> number_at(std::string_view text) {
    constexpr std::size_t most_digits = 9;
    std::int64_t code = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), code);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (wrong != std::errc{} || code <= 0 || digits > most_digits) return std::nullopt;
    return code;
}

std::int64_t named_code(const OAuthFailure& failure) {
    for (const auto code : failure.codes)
        if (!slug_of_code(code).empty()) return code;
    const auto* known = known_code(failure);
    return known == nullptr ? 0 : known->code;
}

}  // namespace

std::span<const CodeReason> code_reasons() { return reasons; }

const SignInReason* reason_of(const OAuthFailure& failure) {
    if (const auto slug = slug_of_code(named_code(failure)); !slug.empty()) return sign_in_reason(slug);
    if (failure.status == 429) return sign_in_reason("throttled");
    if (known_code(failure) != nullptr) return nullptr;
    const auto* found = std::ranges::find(by_error, std::string_view(failure.error), &ErrorReason::error);
    return found == std::end(by_error) ? nullptr : sign_in_reason(found->reason);
}

Error explained(Errc code, const OAuthFailure& failure) {
    Error error{code, describe(failure)};
    if (const auto known = named_code(failure); known != 0) error.context.emplace_back("provider_code", "AADSTS" + std::to_string(known));
    if (const auto* reason = reason_of(failure)) return because(std::move(error), reason->slug);
    return error;
}

std::optional<std::int64_t> code_of_answer(std::string_view error_uri, std::string_view error_description) {
    constexpr std::string_view in_uri = "?code=", in_text = "AADSTS";
    if (error_description.starts_with(in_text))
        if (const auto code = number_at(error_description.substr(in_text.size()))) return code;
    const auto at = error_uri.find(in_uri);
    return at == error_uri.npos ? std::nullopt : number_at(error_uri.substr(at + in_uri.size()));
}

bool asks_for_approval(const Error& error) {
    const auto reason = error.get("reason");
    return reason == "admin-consent-needed" || reason == "consent-missing";
}

}  // namespace renkei::oauth
