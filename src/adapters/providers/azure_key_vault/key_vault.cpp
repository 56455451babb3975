#include "adapters/providers/azure_key_vault/key_vault.hpp"

#include "adapters/providers/azure_key_vault/key_vault_answer.hpp"
#include "base/encoding.hpp"
#include "base/uri.hpp"
#include "oauth/client/issuer.hpp"
#include "oauth/client/token_request.hpp"
#include "oauth/client/token_response.hpp"

#include <algorithm>

namespace renkei::azure_key_vault {
namespace {

constexpr std::string_view connector = "microsoft";  // whose clouds these are
constexpr std::string_view api_version = "7.4";

struct VaultCloud {
    std::string_view key;    ///< as in the connector's manifest
    std::string_view hosts;  ///< {name}.<hosts>
};
// https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#dns-suffixes-for-object-identifiers
constexpr VaultCloud clouds[] = {
    {"commercial", "vault.azure.net"}, {"us_gov_l4", "vault.usgovcloudapi.net"}, {"us_gov_l5", "vault.usgovcloudapi.net"}, {"china", "vault.azure.cn"}};

const VaultCloud* vault_cloud(std::string_view key) {
    const auto* found = std::ranges::find(clouds, key, &VaultCloud::key);
    return found == std::end(clouds) ? nullptr : found;
}

bool has_host(const Uri& uri, std::string_view entry) {
    if (!entry.ends_with(']'))
        if (const auto colon = entry.rfind(':'); colon != entry.npos) entry = entry.substr(0, colon);
    return equal_ignoring_case(uri.host, entry);
}

// The token opens every vault that the application may read, so that it goes to vaults of the cloud alone. Where the operator has
// moved the cloud to stand-ins, to the machine that stands for it.
bool may_have_token(const Uri& uri, const VaultCloud& cloud, const app::CloudFacts& facts) {
    if (uri.scheme != "https" || uri.path != "/" || !uri.query.empty()) return false;
    const auto dot = uri.host.find('.');
    if (dot != std::string::npos && dot > 0 && uri.port == 443 && std::string_view(uri.host).substr(dot + 1) == cloud.hosts) return true;
    return std::ranges::any_of(facts.token_hosts, [&](const std::string& entry) { return has_host(uri, entry); });
}

// https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates: 1 to 127 letters, digits and hyphens.
bool is_name(std::string_view text, std::size_t most) {
    return !text.empty() && text.size() <= most &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; });
}

AskedSecret asked_of(const providers::VaultRead& read) { return {read.address.path, read.address.version, read.address.field}; }

// What an identity platform says no with, in the words of an external vault.
Error login_refusal(const providers::VaultCall& call, const oauth::OAuthFailure& failure) {
    if (failure.status >= 500 || failure.status == 429) return call.fails(Errc::external_vault_unreachable, "the identity platform is busy").error();
    auto words = "the identity platform does not accept the application (" + failure.error;
    if (!failure.codes.empty()) words += ", AADSTS" + std::to_string(failure.codes.front());
    return call.fails(Errc::external_vault_refused, words + ")").error();
}

Error login_trouble(const providers::VaultCall& call, const Error& error) {
    return call
        .fails(error.code == Errc::needs_app_owner ? Errc::external_vault_refused : Errc::external_vault_unreachable, "the identity platform: " + error.detail)
        .error();
}

}  // namespace

Result<void> KeyVault::check(const providers::VaultRead& read) const {
    if (auto segments = providers::path_segments(read.address.path); !segments) return propagate(segments);
    if (!is_name(read.address.path, 127)) return read.call.fails(Errc::value_unusable, "a path is the name of a secret or certificate there");
    if (!read.address.version.empty() && !is_name(read.address.version, 64)) return read.call.fails(Errc::value_unusable, "it is no version there");
    const auto* cloud = vault_cloud(read.vault.cloud);
    const auto* facts = catalog_.find_cloud(connector, read.vault.cloud);
    if (cloud == nullptr || facts == nullptr) return read.call.fails(Errc::external_vault_refused, "the catalogue has no such cloud");
    const auto uri = Uri::parse(read.vault.address);
    if (!uri || !may_have_token(*uri, *cloud, *facts))
        return read.call.fails(Errc::egress_refused, "its address must be https://NAME." + std::string(cloud->hosts) + ": the token goes nowhere else");
    return {};
}

Task<Result<providers::VaultSession>> KeyVault::log_in(providers::VaultReadPtr read) {
    const auto* facts = catalog_.find_cloud(connector, read->vault.cloud);
    const auto endpoint = oauth::fill_tenant(facts->token_endpoint, read->vault.tenant);
    if (!endpoint) co_return read->call.fails(Errc::external_vault_refused, "the tenant is neither an id nor a domain");
    oauth::AuthorizationServer server;
    server.issuer = facts->issuer;
    server.token_endpoint = *endpoint;
    oauth::Client client;
    client.id = read->vault.auth_id;
    client.auth.method = oauth::ClientAuthMethod::client_secret_post;
    client.auth.material = read->auth_secret.clone();
    const auto scope = "https://" + std::string(vault_cloud(read->vault.cloud)->hosts) + "/.default";
    const oauth::Moment moment{now(), random_.text(16)};
    auto request = oauth::client_credentials_request(server, client, moment, scope);
    if (!request) co_return fail(login_trouble(read->call, request.error()));
    auto response = co_await read->call.send(std::move(*request));
    if (!response) co_return propagate(response);
    auto answer = oauth::parse_token_response(std::move(*response), scope);
    if (!answer) co_return fail(login_trouble(read->call, answer.error()));
    if (const auto* failure = std::get_if<oauth::OAuthFailure>(&*answer)) co_return fail(login_refusal(read->call, *failure));
    auto& token = std::get<oauth::TokenResponse>(*answer);
    co_return providers::VaultSession{std::move(token.access_token), providers::session_end(moment.now, token.expires_in)};
}

Task<Result<HttpResponse>> KeyVault::ask(providers::VaultReadPtr read, providers::VaultSessionPtr session) {
    const auto uri = Uri::parse(read->vault.address);
    auto url = uri->origin() + "/secrets/" + read->address.path;
    if (!read->address.version.empty()) url += "/" + read->address.version;
    HttpRequest request{Method::get, url + "?api-version=" + std::string(api_version), {{"Accept", "application/json"}}};
    request.authorization = Secret::take("Bearer " + std::string(session->token.expose()));
    co_return co_await read->call.send(std::move(request));
}

Result<app::ExternalSecret> KeyVault::take(const providers::VaultRead& read, const HttpResponse& response) const {
    return secret_of(read.call, response, asked_of(read), now());
}

}  // namespace renkei::azure_key_vault
