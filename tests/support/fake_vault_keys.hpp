#pragma once

#include "app/ports/store.hpp"
#include "app/ports/vault_keys.hpp"
#include "tests/support/builders.hpp"
#include "tests/support/fake_vault.hpp"

#include <atomic>

namespace renkei::testing {

/// The keys of a FakeVault: numbers only; every workspace has the first one from the beginning.
class FakeVaultKeys final : public app::VaultKeys {
public:
    FakeVaultKeys(FakeVault& vault, app::Ledger& ledger) : vault_(vault), ledger_(ledger) {}

    app::VaultState state() const override;
    Result<std::uint32_t> newest_data_key(core::WorkspaceId workspace) const override;
    Task<Result<void>> rotate_master(std::optional<Secret> new_key, app::UnitOfWork with) override;
    Task<Result<std::uint32_t>> rotate_data_key(core::WorkspaceId workspace, app::UnitOfWork with) override;

    /// The master key comes from somewhere that Renkei cannot write to.
    void give_master_from_outside() { from_outside_ = true; }

private:
    FakeVault& vault_;
    app::Ledger& ledger_;
    std::atomic<bool> from_outside_ = false;
    std::atomic<std::uint64_t> master_ = 1;
};

}  // namespace renkei::testing
