#include "adapters/providers/hashicorp/kv_answer.hpp"

#include "adapters/providers/detail/vault_json.hpp"

#include <algorithm>

namespace renkei::hashicorp {
namespace {

using providers::VaultCall;

constexpr std::size_t longest_token = 16u << 10;
constexpr std::chrono::seconds longest_session{24 * 3600};

const json::object* member(const json::object& from, std::string_view name) {
    const auto* found = json::find(from, name);
    return found != nullptr && found->is_object() ? &found->get_object() : nullptr;
}

// https://developer.hashicorp.com/vault/api-docs#http-status-codes and #error-response: {"errors": [...]}, which may be empty.
bool speaks_vault(const HttpResponse& response) {
    const auto parsed = json::parse_secret(response.body);
    return parsed && parsed->is_object() && (parsed->get_object().contains("errors") || parsed->get_object().contains("data"));
}

std::optional<Error> state_refusal(const VaultCall& call, const HttpResponse& response) {
    const auto said = [&](Errc code, std::string_view what) { return call.fails(code, what).error(); };
    switch (response.status) {
        case 412: return said(Errc::external_vault_unreachable, "it has not caught up with its cluster yet (status 412)");
        case 472: return said(Errc::external_vault_unreachable, "it is the standby of a disaster recovery cluster (status 472)");
        case 473: return said(Errc::external_vault_unreachable, "it is a standby node (status 473)");
        case 503:
            // A load balancer's 503 says nothing about a seal.
            if (speaks_vault(response)) return said(Errc::external_vault_sealed, "it is sealed or in maintenance (status 503)");
            break;
        default: break;
    }
    return providers::common_refusal(call, response.status);
}

// A version that was deleted or destroyed answers 404 with its metadata.
// https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version
std::unexpected<Error> missing(const VaultCall& call, const HttpResponse& response) {
    const auto parsed = json::parse_secret(response.body);
    if (!parsed || !parsed->is_object())
        return call.fails(Errc::external_vault_unreachable, "what answers there (status 404) does not speak as the vault does");
    const auto* data = member(parsed->get_object(), "data");
    const auto* metadata = data == nullptr ? nullptr : member(*data, "metadata");
    if (metadata == nullptr) return call.fails(Errc::value_missing, "there is nothing at this path, or Renkei may not know of it");
    if (json::boolean(*metadata, "destroyed").value_or(false)) return call.fails(Errc::value_missing, "the version was destroyed");
    return call.fails(Errc::value_missing, "the version was deleted");
}

Result<app::ExternalSecret> read_secret(const VaultCall& call, const HttpResponse& response, const core::ExternalSecretAddress& address) {
    auto answer = providers::answer_object(call, response);
    if (!answer) return propagate(answer);
    const auto* outer = member(*answer, "data");
    const auto* data = outer == nullptr ? nullptr : member(*outer, "data");
    const auto* metadata = outer == nullptr ? nullptr : member(*outer, "metadata");
    // Version 1 of the engine has the fields where version 2 has `data` and `metadata`.
    if (data == nullptr || metadata == nullptr)
        return call.fails(Errc::value_unusable, "the answer is no secret of the KV engine version 2: check the mount and the engine's version");
    const auto version = json::integer(*metadata, "version");
    if (!version || *version < 1) return call.fails(Errc::value_unusable, "the answer does not say which version it is");
    const auto text = std::to_string(*version);
    if (!address.version.empty() && text != address.version) return call.fails(Errc::value_unusable, "the answer is another version than the one asked for");
    auto value = providers::field_of(call, *data, address.field);
    if (!value) return propagate(value);
    return app::ExternalSecret{std::move(*value), text, std::nullopt};
}

bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= longest_token && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

Result<app::ExternalSecret> secret_of(const VaultCall& call, const HttpResponse& response, const core::ExternalSecretAddress& address) {
    if (response.status == 200) return read_secret(call, response, address);
    if (auto refusal = state_refusal(call, response)) return fail(std::move(*refusal));
    if (response.status == 404) return missing(call, response);
    if (response.status == 403) return call.fails(Errc::external_vault_refused, "its policies do not let Renkei's token read this, or the token has ended");
    if (response.status == 400) return call.fails(Errc::value_unusable, "it does not take the path or version (status 400)");
    return call.fails(Errc::external_vault_unreachable, "it answered with status " + std::to_string(response.status));
}

// https://developer.hashicorp.com/vault/api-docs/auth/approle#login-with-approle
Result<providers::VaultSession> session_of(const VaultCall& call, const HttpResponse& response, TimePoint now) {
    if (auto refusal = state_refusal(call, response)) return fail(std::move(*refusal));
    // A wrong role or secret id answers 400, one that came from another network 403.
    if (response.status == 400 || response.status == 403) return call.fails(Errc::external_vault_refused, "it does not accept the role id and secret id");
    if (response.status == 404) return call.fails(Errc::external_vault_refused, "it has no AppRole log-in at auth/approle in this namespace");
    if (response.status != 200) return call.fails(Errc::external_vault_unreachable, "its log-in answered with status " + std::to_string(response.status));
    auto answer = providers::answer_object(call, response);
    if (!answer) return propagate(answer);
    const auto* auth = member(*answer, "auth");
    const auto token = auth == nullptr ? std::nullopt : json::text(*auth, "client_token");
    const auto seconds = auth == nullptr ? std::nullopt : json::integer(*auth, "lease_duration");
    if (!token || !is_token(*token) || !seconds || *seconds < 0)
        return call.fails(Errc::external_vault_unreachable, "its log-in answered without a token: it may ask for a second factor");
    // A lease of 0 never ends.
    const auto lifetime = *seconds == 0 ? longest_session : std::chrono::seconds(std::min<std::int64_t>(*seconds, longest_session.count()));
    return providers::VaultSession{Secret(*token), providers::session_end(now, lifetime)};
}

}  // namespace renkei::hashicorp
