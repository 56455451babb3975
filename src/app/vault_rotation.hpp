#pragma once

#include "app/operations.hpp"
#include "app/ports/reseal.hpp"
#include "app/ports/vault.hpp"
#include "app/ports/vault_keys.hpp"

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::app {

/// The workspace that the installation began with: its administrators keep the vault. nullptr while there is none.
const core::Workspace* first_workspace(const std::vector<core::Workspace>& all);
/// The audit row of one new key, for the unit that stores it. `target` is vault:master-key or vault:data-key-<version>.
UnitOfWork key_audit(core::WorkspaceId workspace, std::string target, std::string request_id, TimePoint now);

/// New keys for the vault while the server runs, as the operation vault.rotate: first the master key, then for each
/// workspace a data key and, part by part, everything sealed with older ones. Each item says what it is to reach, so
/// that one which is repeated after a crash finds that it is done (docs/adr/0006-vault.md).
class VaultRotation final : public OperationKind {
public:
    struct Needs {
        Store& store;
        ResealStore& sealed;
        Vault& vault;
        VaultKeys& keys;
        Operations& operations;
        Clock& clock;
    };
    explicit VaultRotation(Needs needs) : n_(needs) {}

    static constexpr std::string_view kind = "vault.rotate";
    std::string_view name() const override { return kind; }
    Task<core::OperationItem> work(core::WorkspaceId workspace, std::uint64_t index, std::string target, std::string request_id) override;

    struct Shown {
        VaultState state;
        std::uint64_t behind = 0;                  ///< values sealed with older data keys; they open all the same
        std::optional<core::OperationId> running;  ///< the rotation that has not ended
    };
    /// denied for callers of any workspace but the first: the vault is the installation's.
    Task<Result<Shown>> show(By by);

    struct Wish {
        bool master = false;
        bool data_keys = false;
    };
    /// conflict while a rotation has not ended; needs_operator when Renkei cannot change the master key; denied as above.
    Task<Result<core::Operation>> start(By by, Wish wish);

private:
    struct Step;
    Task<Result<void>> expect_home(By by, std::string action);
    Task<Result<std::optional<core::OperationId>>> running();
    Task<Result<core::Operation>> start_alone(By by, Wish wish);
    Task<Result<std::vector<std::string>>> plan(Wish wish);
    Task<Result<std::string>> do_step(core::WorkspaceId home, Step step, std::string request_id);
    Task<Result<std::string>> new_data_key(Step step, std::string request_id);
    Task<Result<std::string>> seal_part(Step step);

    Needs n_;
    std::atomic_flag starting_;
};

}  // namespace renkei::app
