#pragma once

#include "base/clock.hpp"
#include "core/ids.hpp"
#include "core/name.hpp"
#include "core/sealed.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace renkei::core {

/// Whose protocol an external vault speaks.
enum class ExternalVaultKind : std::uint8_t {
    hashicorp,        ///< HashiCorp Vault or OpenBao, KV version 2
    azure_key_vault,  ///< secrets and certificates over REST
    https,            ///< a secret endpoint: one GET, one value
};
std::string_view text_of(ExternalVaultKind kind);
std::optional<ExternalVaultKind> parse_external_vault_kind(std::string_view text);

/// How Renkei proves itself there.
enum class ExternalVaultAuth : std::uint8_t {
    token,               ///< hashicorp: a token; https: a bearer token
    app_role,            ///< hashicorp: role id in `auth_id`, secret id in `auth_secret`
    client_credentials,  ///< azure_key_vault: client id in `auth_id`, client secret in `auth_secret`, tenant in `tenant`
    basic,               ///< https: user name in `auth_id`, password in `auth_secret`
};
std::string_view text_of(ExternalVaultAuth auth);
std::optional<ExternalVaultAuth> parse_external_vault_auth(std::string_view text);

/// A vault of somebody else's that a workspace's values may come from: `vault:NAME/path#field@version`.
struct ExternalVault {
    WorkspaceId workspace;
    ExternalVaultId id;
    Name name;
    ExternalVaultKind kind = ExternalVaultKind::hashicorp;
    ExternalVaultAuth auth = ExternalVaultAuth::token;
    std::string address;        ///< https origin, and for `https` the address with `{path}` where the path goes
    std::string mount;          ///< hashicorp: of the KV engine, e.g. "secret"
    std::string vault_space{};  ///< hashicorp: namespace (X-Vault-Namespace), may be empty
    std::string tenant{};       ///< azure_key_vault
    std::string cloud{};        ///< azure_key_vault: as in the manifest of Microsoft's connectors
    std::string auth_id{};
    Sealed auth_secret;
    std::chrono::seconds cache_time{300};  ///< 0 to 86,400: for how long a value that was read serves, and never longer
    // What the last question said, for people's eyes: an error's slug or empty, and when.
    std::string state_slug{};
    std::optional<TimePoint> checked_at{};
    std::uint64_t version = 1;
    std::uint64_t secret_version = 1;  ///< the `version` at which auth_secret was sealed
    TimePoint created_at;
};

/// Where in a vault: `path#field@version`. An empty field means the only one; an empty version the newest.
struct ExternalSecretAddress {
    std::string path;
    std::string field;
    std::string version;
    friend auto operator<=>(const ExternalSecretAddress&, const ExternalSecretAddress&) = default;
};

}  // namespace renkei::core
