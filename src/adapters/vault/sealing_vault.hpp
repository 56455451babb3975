#pragma once

#include "adapters/vault/master_key.hpp"
#include "app/ports/reseal.hpp"
#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <shared_mutex>
#include <unordered_map>

namespace renkei::vault {

/// How far the vault is, for `renkei vault status`.
struct Status {
    std::string source;  ///< where the master key comes from
    std::size_t workspaces = 0;
    std::size_t data_keys = 0;
};
struct ResealReport {
    std::uint64_t resealed = 0;
    std::uint64_t unreadable = 0;  ///< values that did not open; they are left as they are
};

/// Seals with AES-256-GCM under a data key per workspace; data keys are stored wrapped by the master key.
class SealingVault final : public app::Vault {
public:
    /// Reads the master key and unwraps every data key. At the first start of a store it makes what is missing; later a
    /// wrong or lost master key is vault_locked with what to do. References must outlive the vault.
    static Task<Result<std::unique_ptr<SealingVault>>> open_store(Settings settings, app::Store& store, Random& random);

    Result<core::Sealed> seal(const app::SealPlace& place, const Secret& secret) override;
    Result<Secret> open(const app::SealPlace& place, const core::Sealed& sealed) override;
    Result<std::string> create_data_key(core::WorkspaceId workspace) override;
    Digest lookup_hash(const Secret& text) const override;

    /// Every data key is wrapped by a new master key in one unit. From a file, the new key is made here; from elsewhere it
    /// must be given, and be in its place at the next start.
    Task<Result<void>> rotate_master(std::optional<Secret> new_key);
    /// A new version seals from now on; older ones go on opening. Returns the new version.
    Task<Result<std::uint32_t>> rotate_data_key(core::WorkspaceId workspace);
    /// Seals what is sealed with older versions of the workspace's key again. May run beside everything else.
    Task<Result<ResealReport>> reseal(core::WorkspaceId workspace, app::ResealStore& store);
    Status status() const;

    struct Stored;

private:
    using Versions = std::map<std::uint32_t, LockedKey>;

    SealingVault(Settings settings, app::Store& store, Random& random, LockedKey master, LockedKey lookup_secret);
    static Result<LockedKey> find_master(const Settings& settings, const Stored& stored, Random& random);
    Result<app::UnitOfWork> unwrap_all(const Stored& stored);
    app::UnitOfWork rewrapped(const LockedKey& master, const std::vector<app::DataKeyRow>& rows) const;
    Task<Result<void>> rotate_master_alone(std::optional<Secret> new_key);
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
