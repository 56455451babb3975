#pragma once

#include "adapters/providers/detail/vault_sessions.hpp"
#include "app/ports/catalog.hpp"
#include "base/random.hpp"

namespace renkei::azure_key_vault {

/// Azure Key Vault: secrets, and certificates as the secrets behind them, as an application with a client secret.
/// https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
class KeyVault final : public providers::SessionVaultClient {
public:
    KeyVault(app::HttpClient& http, Clock& clock, Random& random, const app::Catalog& catalog, providers::VaultSettings settings = {})
        : SessionVaultClient(http, clock, std::move(settings)), random_(random), catalog_(catalog) {}

private:
    Result<void> check(const providers::VaultRead& read) const override;
    Task<Result<providers::VaultSession>> log_in(providers::VaultReadPtr read) override;
    Task<Result<HttpResponse>> ask(providers::VaultReadPtr read, providers::VaultSessionPtr session) override;
    bool session_ended(const HttpResponse& response) const override { return response.status == 401; }
    Result<app::ExternalSecret> take(const providers::VaultRead& read, const HttpResponse& response) const override;

    Random& random_;
    const app::Catalog& catalog_;
};

}  // namespace renkei::azure_key_vault
