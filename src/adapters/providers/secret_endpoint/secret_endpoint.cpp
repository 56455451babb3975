#include "adapters/providers/secret_endpoint/secret_endpoint.hpp"

#include "base/encoding.hpp"
#include "base/uri.hpp"

namespace renkei::secret_endpoint {
namespace {

using providers::VaultCall;

constexpr std::string_view mark = "{path}";

std::string basic(const std::string& user, const Secret& password) {
    auto pair = user + ":" + std::string(password.expose());
    auto encoded = base64(as_bytes(pair));
    wipe(pair);
    auto out = "Basic " + encoded;
    wipe(encoded);
    return out;
}

bool is_plain_text(const HttpResponse& response) {
    const auto type = lower_ascii(response.headers.get("Content-Type"));
    return trim(std::string_view(type).substr(0, type.find(';'))) == "text/plain";
}

// One line break at the end belongs to the file that stands behind the address.
std::string_view without_last_break(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

}  // namespace

Result<std::string> filled_address(const VaultCall& call, const std::string& address, std::string_view path) {
    const auto segments = providers::path_segments(path);
    if (!segments) return fail(segments.error());
    const auto at = address.find(mark);
    if (at == std::string::npos || address.find(mark, at + 1) != std::string::npos)
        return call.fails(Errc::egress_refused, "its address must have {path} once");
    // The mark may not reach into the host: with any other path the address must lead to the same place.
    auto probe = address;
    const auto before = Uri::parse(probe.replace(at, mark.size(), "x"));
    auto filled = address;
    filled.replace(at, mark.size(), providers::encoded_path(*segments));
    const auto uri = Uri::parse(filled);
    if (!before || !uri || uri->scheme != "https" || !uri->same_origin(*before) || at < uri->origin().size())
        return call.fails(Errc::egress_refused, "its address must begin with https:// and have {path} behind the host");
    return filled;
}

Result<app::ExternalSecret> secret_of(const VaultCall& call, const HttpResponse& response, std::string_view field) {
    if (auto refusal = providers::common_refusal(call, response.status)) return fail(std::move(*refusal));
    if (response.status == 404 || response.status == 410) return call.fails(Errc::value_missing, "there is nothing at this path");
    if (response.status == 401) return call.fails(Errc::external_vault_refused, "it does not accept Renkei's credential (status 401)");
    if (response.status == 403) return call.fails(Errc::external_vault_refused, "it does not let Renkei read this (status 403)");
    if (response.status != 200) return call.fails(Errc::external_vault_unreachable, "it answered with status " + std::to_string(response.status));
    const bool json = providers::is_json(response);
    if (!json && !is_plain_text(response)) return call.fails(Errc::external_vault_unreachable, "it answered with neither text/plain nor application/json");
    // Without a field a JSON object must have one member only, as everywhere; a field of a plain text is one of the JSON in it.
    auto value = json || !field.empty() ? providers::field_of(call, response.body, field) : providers::usable_value(call, without_last_break(response.body));
    if (!value) return propagate(value);
    return app::ExternalSecret{std::move(*value), {}, std::nullopt};
}

Task<Result<app::ExternalSecret>> SecretEndpoint::read(core::ExternalVault vault, Secret auth_secret, core::ExternalSecretAddress address,
                                                       std::string request_id) {
    const VaultCall call(http_, settings_, vault, address, std::move(request_id));
    auto url = filled_address(call, vault.address, address.path);
    if (!url) co_return propagate(url);
    if (!address.version.empty()) co_return call.fails(Errc::value_unusable, "this kind of vault has no versions");
    HttpRequest request{Method::get, *std::move(url), {{"Accept", "text/plain, application/json"}}};
    const bool by_password = vault.auth == core::ExternalVaultAuth::basic;
    request.authorization = Secret::take(by_password ? basic(vault.auth_id, auth_secret) : "Bearer " + std::string(auth_secret.expose()));
    auto response = co_await call.send(std::move(request));
    if (!response) co_return propagate(response);
    auto secret = secret_of(call, *response, address.field);
    wipe(response->body);
    co_return secret;
}

}  // namespace renkei::secret_endpoint
