#pragma once

#include "adapters/providers/detail/vault_sessions.hpp"

namespace renkei::azure_key_vault {

/// What was asked for: the name of a secret or certificate, and perhaps a version.
struct AskedSecret {
    std::string name;
    std::string version;
    std::string field;
};

/// Reads the answer to GET /secrets/{name}/{version}.
Result<app::ExternalSecret> secret_of(const providers::VaultCall& call, const HttpResponse& response, const AskedSecret& asked, TimePoint now);

}  // namespace renkei::azure_key_vault
