#pragma once

#include "adapters/providers/detail/vault_sessions.hpp"

namespace renkei::hashicorp {

/// Reads the answer to GET /v1/{mount}/data/{path}.
Result<app::ExternalSecret> secret_of(const providers::VaultCall& call, const HttpResponse& response, const core::ExternalSecretAddress& address);
/// Reads the answer to POST /v1/auth/approle/login.
Result<providers::VaultSession> session_of(const providers::VaultCall& call, const HttpResponse& response, TimePoint now);

}  // namespace renkei::hashicorp
