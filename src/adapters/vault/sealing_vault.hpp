#pragma once

#include "adapters/vault/master_key.hpp"
#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"
#include "app/ports/vault_keys.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <shared_mutex>
#include <unordered_map>

namespace renkei::vault {

/// Seals with AES-256-GCM under a data key per workspace; data keys are stored wrapped by the master key.
class SealingVault final : public app::Vault, public app::VaultKeys {
public:
    /// Reads the master key and unwraps every data key. At the first start of a store it makes what is missing; later a
    /// wrong or lost master key is vault_locked with what to do. References must outlive the vault.
    static Task<Result<std::unique_ptr<SealingVault>>> open_store(Settings settings, app::Store& store, Random& random);

    Result<core::Sealed> seal(const app::SealPlace& place, const Secret& secret) override;
    Result<Secret> open(const app::SealPlace& place, const core::Sealed& sealed) override;
    Result<std::string> create_data_key(core::WorkspaceId workspace) override;
    Digest lookup_hash(const Secret& text) const override;

    app::VaultState state() const override;
    Result<std::uint32_t> newest_data_key(core::WorkspaceId workspace) const override;
    Task<Result<void>> rotate_master(std::optional<Secret> new_key, app::UnitOfWork with) override;
    Task<Result<std::uint32_t>> rotate_data_key(core::WorkspaceId workspace, app::UnitOfWork with) override;

    struct Stored;

private:
    using Versions = std::map<std::uint32_t, LockedKey>;

    SealingVault(Settings settings, app::Store& store, Random& random, LockedKey master, LockedKey lookup_secret);
    static Result<LockedKey> find_master(const Settings& settings, const Stored& stored, Random& random);
    Result<app::UnitOfWork> unwrap_all(const Stored& stored);
    app::UnitOfWork rewrapped(const LockedKey& master, const std::vector<app::DataKeyRow>& rows) const;
    Task<Result<void>> rotate_master_alone(std::optional<Secret> new_key, app::UnitOfWork with);
    const LockedKey* find_key(core::WorkspaceId workspace, std::uint32_t version) const;

    const Settings settings_;
    app::Store& store_;
    Random& random_;
    mutable std::shared_mutex mutex_;  ///< of master_ and keys_; never held across a wait
    LockedKey master_;
    std::unordered_map<core::WorkspaceId, Versions> keys_;
    const LockedKey lookup_secret_;
    LockedKey lookup_key_;
    std::atomic_flag rotating_;
};

}  // namespace renkei::vault
