#pragma once

#include "sandbox/cloud.hpp"

#include <string>

namespace renkei::sandbox {

/// The resource of a cloud's Key Vaults, whatever address the sandbox's has
/// (https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#dns-suffixes-for-object-identifiers).
inline std::string key_vault_audience(const Cloud& cloud) {
    if (cloud.key == "commercial") return "https://vault.azure.net";
    return cloud.key == "china" ? "https://vault.azure.cn" : "https://vault.usgovcloudapi.net";
}

}  // namespace renkei::sandbox
