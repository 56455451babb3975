#pragma once

#include "adapters/providers/detail/vault_call.hpp"
#include "base/clock.hpp"

namespace renkei::secret_endpoint {

/// Any HTTPS address that answers a GET with one secret: its text, or a JSON object of which a field is taken.
class SecretEndpoint final : public app::ExternalVaultClient {
public:
    explicit SecretEndpoint(app::HttpClient& http, providers::VaultSettings settings = {}) : http_(http), settings_(std::move(settings)) {}
    Task<Result<app::ExternalSecret>> read(core::ExternalVault vault, Secret auth_secret, core::ExternalSecretAddress address, std::string request_id) override;

private:
    app::HttpClient& http_;
    providers::VaultSettings settings_;
};

/// `address` with its `{path}` filled in. egress_refused unless it is https and has the mark once, within its path or query.
Result<std::string> filled_address(const providers::VaultCall& call, const std::string& address, std::string_view path);
/// Reads the answer.
Result<app::ExternalSecret> secret_of(const providers::VaultCall& call, const HttpResponse& response, std::string_view field);

}  // namespace renkei::secret_endpoint
