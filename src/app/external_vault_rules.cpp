// What an external vault's row may say, by its kind. Its adapter looks at the address again before anything is sent.
#include "app/external_vaults.hpp"
#include "base/encoding.hpp"
#include "base/uri.hpp"
#include "oauth/client/issuer.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

using core::ExternalVaultAuth;
using core::ExternalVaultKind;

constexpr std::string_view path_mark = "{path}";
constexpr std::chrono::seconds longest_cache_time{86'400};

bool is_visible(std::string_view text) {
    return is_utf8(text) && std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// A plain path below the vault's own address: it goes into one, or into a header.
bool is_plain_path(std::string_view text) {
    if (!is_visible(text) || text.find('\\') != text.npos) return false;
    return std::ranges::none_of(split(text, '/'), [](std::string_view segment) { return segment.empty() || segment == "." || segment == ".."; });
}

std::unexpected<Error> bad_address(std::string_view what) { return bad_field("address", "`address` must be " + std::string(what)); }

Result<void> check_origin(const std::string& address) {
    const auto uri = Uri::parse(address);
    if (!uri || uri->scheme != "https" || uri->path != "/" || !uri->query.empty()) return bad_address("https://host[:port], without a path");
    return {};
}

Result<void> check_pattern(const std::string& address) {
    const auto at = address.find(path_mark);
    auto probe = address;
    if (at == std::string::npos || address.find(path_mark, at + 1) != std::string::npos) return bad_address("an https address with {path} once");
    const auto uri = Uri::parse(probe.replace(at, path_mark.size(), "x"));
    if (!uri || uri->scheme != "https" || at <= uri->origin().size()) return bad_address("an https address with {path} behind its host");
    return {};
}

Result<void> refuse_foreign(const core::ExternalVault& row, std::initializer_list<std::pair<std::string_view, const std::string*>> foreign) {
    for (const auto& [field, value] : foreign)
        if (!value->empty()) return bad_field(field, "`" + std::string(field) + "` does not go with " + std::string(core::text_of(row.kind)));
    return {};
}

Result<void> check_auth(const core::ExternalVault& row, std::initializer_list<ExternalVaultAuth> taken, std::string_view words) {
    if (std::ranges::find(taken, row.auth) == taken.end())
        return bad_field("auth", "`auth` must be " + std::string(words) + " for " + std::string(core::text_of(row.kind)));
    const bool needs_id = row.auth != ExternalVaultAuth::token;
    if (needs_id == row.auth_id.empty())
        return bad_field("auth_id", needs_id ? "`auth_id` is required for " + std::string(core::text_of(row.auth)) : "`auth_id` does not go with token");
    return {};
}

Result<void> fit_kv(core::ExternalVault& row) {
    if (auto fits = refuse_foreign(row, {{"tenant", &row.tenant}, {"cloud", &row.cloud}}); !fits) return fits;
    if (auto fits = check_auth(row, {ExternalVaultAuth::token, ExternalVaultAuth::app_role}, "token or app_role"); !fits) return fits;
    if (row.mount.empty()) row.mount = "secret";
    if (!is_plain_path(row.mount)) return bad_field("mount", "`mount` must be the path of a KV engine, without slashes at its ends");
    while (row.vault_space.ends_with('/')) row.vault_space.pop_back();
    if (!row.vault_space.empty() && !is_plain_path(row.vault_space)) return bad_field("namespace", "`namespace` must be a path");
    return check_origin(row.address);
}

// The identity platform at which one logs in is that of a connector whose clouds have tenants.
const CloudFacts* known_cloud(const Catalog& catalog, std::string_view key) {
    for (const auto* manifest : catalog.all())
        for (const auto& cloud : manifest->clouds)
            if ((key.empty() || cloud.key == key) && cloud.token_endpoint.find(oauth::tenant_mark) != std::string::npos) return &cloud;
    return nullptr;
}

Result<void> fit_cloud_vault(const Catalog& catalog, core::ExternalVault& row) {
    if (auto fits = refuse_foreign(row, {{"mount", &row.mount}, {"namespace", &row.vault_space}}); !fits) return fits;
    if (auto fits = check_auth(row, {ExternalVaultAuth::client_credentials}, "client_credentials"); !fits) return fits;
    if (!oauth::is_tenant_segment(row.tenant)) return bad_field("tenant", "`tenant` must be the directory's id or a domain of it");
    const auto* cloud = known_cloud(catalog, row.cloud);
    if (cloud == nullptr) return bad_field("cloud", "`cloud` must be one of the clouds that a connector with tenants has");
    row.cloud = cloud->key;
    return check_origin(row.address);
}

Result<void> fit_endpoint(const core::ExternalVault& row) {
    if (auto fits = refuse_foreign(row, {{"mount", &row.mount}, {"namespace", &row.vault_space}, {"tenant", &row.tenant}, {"cloud", &row.cloud}}); !fits)
        return fits;
    if (auto fits = check_auth(row, {ExternalVaultAuth::token, ExternalVaultAuth::basic}, "token or basic"); !fits) return fits;
    // RFC 7617 section 2: the first colon ends the user name.
    if (row.auth_id.find(':') != std::string::npos) return bad_field("auth_id", "`auth_id` must not have a colon");
    return check_pattern(row.address);
}

}  // namespace

Result<void> fit_external_vault(const Catalog& catalog, core::ExternalVault& row) {
    if (row.address.size() > 2048) return bad_address("an address of at most 2048 characters");
    if (!is_visible(row.auth_id)) return bad_field("auth_id", "`auth_id` must not have control characters");
    if (row.cache_time.count() < 0 || row.cache_time > longest_cache_time) return bad_field("cache_seconds", "`cache_seconds` must be 0 to 86400");
    switch (row.kind) {
        case ExternalVaultKind::hashicorp: return fit_kv(row);
        case ExternalVaultKind::azure_key_vault: return fit_cloud_vault(catalog, row);
        case ExternalVaultKind::https: break;
    }
    return fit_endpoint(row);
}

}  // namespace renkei::app
