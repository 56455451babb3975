#include "adapters/providers/hashicorp/kv_vault.hpp"

#include "adapters/providers/hashicorp/kv_answer.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/uri.hpp"

#include <algorithm>

namespace renkei::hashicorp {
namespace {

bool is_number(std::string_view text) { return !text.empty() && text.size() <= 18 && text.front() != '0' && text.find_first_not_of("0123456789") == text.npos; }

// `address` is an origin; the path is always made here.
std::string base_of(const core::ExternalVault& vault) {
    auto base = vault.address;
    while (base.ends_with('/')) base.pop_back();
    return base + "/v1/";
}

HttpRequest request_to(const core::ExternalVault& vault, Method method, const std::string& path) {
    HttpRequest request{method, base_of(vault) + path, {{"Accept", "application/json"}}};
    if (!vault.vault_space.empty()) request.headers.add("X-Vault-Namespace", vault.vault_space);
    // Against servers that are led to send somebody's request from inside; proxies and agents of the vault may insist on it.
    request.headers.add("X-Vault-Request", "true");
    return request;
}

}  // namespace

Result<void> KvVault::check(const providers::VaultRead& read) const {
    if (auto segments = providers::path_segments(read.address.path); !segments) return propagate(segments);
    if (auto mount = providers::path_segments(read.vault.mount); !mount) return propagate(mount);
    const auto uri = Uri::parse(read.vault.address);
    if (!uri || uri->scheme != "https" || uri->path != "/" || !uri->query.empty())
        return read.call.fails(Errc::egress_refused, "its address must be https://host[:port] and nothing else");
    if (!read.address.version.empty() && !is_number(read.address.version)) return read.call.fails(Errc::value_unusable, "a version is a number there");
    return {};
}

Task<Result<providers::VaultSession>> KvVault::log_in(providers::VaultReadPtr read) {
    // A token that was entered is no session: it is not kept.
    if (read->vault.auth == core::ExternalVaultAuth::token) co_return providers::VaultSession{read->auth_secret.clone(), now()};
    auto request = request_to(read->vault, Method::post, "auth/approle/login");
    request.headers.add("Content-Type", "application/json");
    json::object body{{"role_id", read->vault.auth_id}, {"secret_id", json::view(read->auth_secret.expose())}};
    request.secret_body = Secret::take(json::serialize(body));
    auto& text = body["secret_id"].get_string();
    std::fill_n(text.data(), text.size(), '\0');
    const auto asked_at = now();
    auto response = co_await read->call.send(std::move(request));
    if (!response) co_return propagate(response);
    auto session = session_of(read->call, *response, asked_at);
    wipe(response->body);
    co_return session;
}

Task<Result<HttpResponse>> KvVault::ask(providers::VaultReadPtr read, providers::VaultSessionPtr session) {
    const auto segments = providers::path_segments(read->address.path), mount = providers::path_segments(read->vault.mount);
    auto path = providers::encoded_path(*mount) + "/data/" + providers::encoded_path(*segments);
    if (!read->address.version.empty()) path += "?version=" + read->address.version;
    auto request = request_to(read->vault, Method::get, path);
    // As good as X-Vault-Token (https://developer.hashicorp.com/vault/api-docs#authentication), and never logged.
    request.authorization = Secret::take("Bearer " + std::string(session->token.expose()));
    co_return co_await read->call.send(std::move(request));
}

Result<app::ExternalSecret> KvVault::take(const providers::VaultRead& read, const HttpResponse& response) const {
    return secret_of(read.call, response, read.address);
}

}  // namespace renkei::hashicorp
