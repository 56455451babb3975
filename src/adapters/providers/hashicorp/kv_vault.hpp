#pragma once

#include "adapters/providers/detail/vault_sessions.hpp"

namespace renkei::hashicorp {

/// HashiCorp Vault and OpenBao: secrets of the KV engine, version 2, with a token or by AppRole.
/// https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2, https://openbao.org/api-docs/secret/kv/kv-v2
class KvVault final : public providers::SessionVaultClient {
public:
    KvVault(app::HttpClient& http, Clock& clock, providers::VaultSettings settings = {}) : SessionVaultClient(http, clock, std::move(settings)) {}

private:
    Result<void> check(const providers::VaultRead& read) const override;
    Task<Result<providers::VaultSession>> log_in(providers::VaultReadPtr read) override;
    Task<Result<HttpResponse>> ask(providers::VaultReadPtr read, providers::VaultSessionPtr session) override;
    bool session_ended(const HttpResponse& response) const override { return response.status == 403; }
    Result<app::ExternalSecret> take(const providers::VaultRead& read, const HttpResponse& response) const override;
};

}  // namespace renkei::hashicorp
