#pragma once

#include "adapters/vault/sealing_vault.hpp"

namespace renkei::vault {

/// What the store keeps for the vault.
struct SealingVault::Stored {
    std::vector<app::DataKeyRow> rows;
    std::string check, lookup, previous;  ///< settings, empty if not there

    bool is_new() const { return rows.empty() && check.empty(); }
    static Task<Result<Stored>> read(app::Store& store);
};

}  // namespace renkei::vault
