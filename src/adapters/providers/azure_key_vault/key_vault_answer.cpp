#include "adapters/providers/azure_key_vault/key_vault_answer.hpp"

#include "adapters/providers/detail/vault_json.hpp"
#include "base/encoding.hpp"
#include "base/uri.hpp"

namespace renkei::azure_key_vault {
namespace {

using providers::VaultCall;

const json::object* member(const json::object& from, std::string_view name) {
    const auto* found = json::find(from, name);
    return found != nullptr && found->is_object() ? &found->get_object() : nullptr;
}

std::optional<TimePoint> time_member(const json::object& from, std::string_view name) {
    constexpr std::int64_t furthest = 253'402'300'799;  // the year 9999
    const auto seconds = json::integer(from, name);
    if (!seconds || *seconds < 0 || *seconds > furthest) return std::nullopt;
    return from_millis(*seconds * 1000);
}

// {"error":{"code":"Forbidden","message":"…","innererror":{"code":"SecretDisabled"}}}: the inner code is the exact one.
// https://learn.microsoft.com/azure/key-vault/general/rest-error-codes
std::string inner_code(const HttpResponse& response) {
    const auto parsed = json::parse_secret(response.body);
    const auto* error = parsed && parsed->is_object() ? member(parsed->get_object(), "error") : nullptr;
    if (error == nullptr) return {};
    const auto* inner = member(*error, "innererror");
    if (inner != nullptr)
        if (const auto code = json::text(*inner, "code")) return std::string(*code);
    return std::string(json::text(*error, "code").value_or(""));
}

std::unexpected<Error> refusal(const VaultCall& call, const HttpResponse& response) {
    if (auto common = providers::common_refusal(call, response.status)) return fail(std::move(*common));
    const auto code = inner_code(response);
    if (code.empty() && response.status != 401) return call.fails(Errc::external_vault_unreachable, "what answers there does not speak as the vault does");
    if (response.status == 404) return call.fails(Errc::value_missing, "there is no secret or certificate of this name and version, or it was deleted");
    if (code == "SecretDisabled") return call.fails(Errc::value_missing, "the secret or this version of it is disabled");
    if (code == "ForbiddenByFirewall") return call.fails(Errc::external_vault_refused, "the vault's firewall does not let this machine in");
    if (response.status == 403)
        return call.fails(Errc::external_vault_refused, "the application may not get secrets: it needs the role Key Vault Secrets User");
    if (response.status == 401) return call.fails(Errc::external_vault_refused, "it does not accept the application's token: check tenant and cloud");
    if (response.status == 400) return call.fails(Errc::value_unusable, "it does not take the name or version");
    return call.fails(Errc::external_vault_unreachable, "it answered with status " + std::to_string(response.status));
}

// https://{vault}/secrets/{name}/{version}; names compare without case.
std::optional<std::string> version_of(const json::object& answer, const AskedSecret& asked) {
    const auto id = json::text(answer, "id");
    const auto uri = id ? Uri::parse(*id) : Result<Uri>(fail(Errc::invalid_field, ""));
    if (!uri) return std::nullopt;
    const auto parts = split(uri->path, '/');
    if (parts.size() != 4 || parts[1] != "secrets" || !equal_ignoring_case(parts[2], asked.name) || parts[3].empty()) return std::nullopt;
    if (!asked.version.empty() && !equal_ignoring_case(parts[3], asked.version)) return std::nullopt;
    return std::string(parts[3]);
}

struct Attributes {
    bool enabled = true;
    std::optional<TimePoint> not_before{}, expires{};
};

// The service gives out what is not valid yet or any more; Renkei does not use it.
// https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#date-time-controlled-operations
Result<Attributes> attributes_of(const VaultCall& call, const json::object& answer, TimePoint now) {
    Attributes out;
    const auto* from = member(answer, "attributes");
    if (from == nullptr) return out;
    out.enabled = json::boolean(*from, "enabled").value_or(true);
    out.not_before = time_member(*from, "nbf");
    out.expires = time_member(*from, "exp");
    if (!out.enabled) return call.fails(Errc::value_missing, "the secret or this version of it is disabled");
    if (out.not_before && *out.not_before > now) return call.fails(Errc::value_unusable, "the secret is valid only from " + iso_text(*out.not_before));
    if (out.expires && *out.expires <= now) return call.fails(Errc::value_unusable, "the secret has expired at " + iso_text(*out.expires));
    return out;
}

}  // namespace

Result<app::ExternalSecret> secret_of(const VaultCall& call, const HttpResponse& response, const AskedSecret& asked, TimePoint now) {
    if (response.status != 200) return refusal(call, response);
    auto answer = providers::answer_object(call, response);
    if (!answer) return propagate(answer);
    auto version = version_of(*answer, asked);
    if (!version) return call.fails(Errc::value_unusable, "the answer is another secret or version than the one asked for");
    const auto attributes = attributes_of(call, *answer, now);
    if (!attributes) return fail(attributes.error());
    const auto text = json::text(*answer, "value");
    if (!text) return call.fails(Errc::value_unusable, "the answer has no value");
    // A certificate's secret is its PFX in Base64 or PEM, by contentType; it goes on as it is.
    auto value = asked.field.empty() ? providers::usable_value(call, *text) : providers::field_of(call, *text, asked.field);
    if (!value) return propagate(value);
    return app::ExternalSecret{std::move(*value), std::move(*version), attributes->expires};
}

}  // namespace renkei::azure_key_vault
