#pragma once

#include "app/task.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "core/external_vault.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace renkei::app {

/// A value as an external vault gave it.
struct ExternalSecret {
    Secret value;
    std::string version;                  ///< which one it was; empty where the vault has no versions
    std::optional<TimePoint> expires_at;  ///< the vault says so
};

/// Speaks one kind's protocol. Keeps no value; may keep its own session with the vault (AppRole's token, Azure's access token).
class ExternalVaultClient {
public:
    virtual ~ExternalVaultClient() = default;
    /// `auth_secret`: opened. One deadline over all its requests, no repeats but where a kept session has ended.
    /// Errors: value_missing, value_unusable, external_vault_sealed, external_vault_refused, external_vault_unreachable,
    /// egress_refused, tls_failed. Each names the vault and the path in its detail, never a value.
    virtual Task<Result<ExternalSecret>> read(core::ExternalVault vault, Secret auth_secret, core::ExternalSecretAddress address, std::string request_id) = 0;
};

/// By the kind that each speaks.
using ExternalVaultClients = std::map<core::ExternalVaultKind, ExternalVaultClient*>;

}  // namespace renkei::app
