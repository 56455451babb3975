#pragma once

#include "app/ports/unit_of_work.hpp"
#include "app/task.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace renkei::app {

/// Which keys the vault works with. Nothing here helps to open anything.
struct VaultState {
    std::string source;               ///< where the master key comes from, in words
    bool can_replace_master = false;  ///< it is a file of Renkei's own: a new one can be made without anybody's help
    std::string master_key_id;        ///< 16 hexadecimal digits: tells one master key from another
    std::uint64_t workspaces = 0;     ///< that have a data key
    std::uint64_t data_keys = 0;      ///< of every version
};

/// Makes new keys while everything goes on being sealed and opened. What a step wants stored beside it (the audit)
/// comes in `with`: both are stored or neither.
class VaultKeys {
public:
    virtual ~VaultKeys() = default;
    virtual VaultState state() const = 0;
    /// The version that seals now; not_found for a workspace without a key.
    virtual Result<std::uint32_t> newest_data_key(core::WorkspaceId workspace) const = 0;
    /// Every data key is wrapped by a new master key in one unit; `with` may hold rows of any workspace. From Renkei's own
    /// file, the new key is made here; from elsewhere it must be given (32 bytes, raw or as base64; needs_operator without
    /// it) and be in its place at the next start. conflict while another one runs, or one of unknown outcome waits for a restart.
    virtual Task<Result<void>> rotate_master(std::optional<Secret> new_key, UnitOfWork with) = 0;
    /// A new version seals from now on; older ones go on opening. Returns the new version; not_found for a workspace
    /// without a key, conflict if another one was quicker. `with` holds rows of this workspace.
    virtual Task<Result<std::uint32_t>> rotate_data_key(core::WorkspaceId workspace, UnitOfWork with) = 0;
};

}  // namespace renkei::app
