#pragma once

#include "base/result.hpp"
#include "server/settings.hpp"

#include <filesystem>
#include <iosfwd>
#include <optional>

namespace renkei::offline {

// Commands that work without a server. All but `backup` take the store's lock, or refuse and name the process that has
// it (conflict). What they found is written to `out`: lines for people, or one JSON object.

/// Opens the vault and says where the master key comes from and how many data keys it opened.
Result<void> vault_status(const server::Settings& settings, std::ostream& out, bool json);
struct VaultRotate {
    bool master = false;                                ///< a new master key
    bool data_keys = false;                             ///< a new data key for each workspace, and every secret sealed anew with it
    std::optional<std::filesystem::path> new_key_file;  ///< the new master key (mode 0600; 32 bytes, raw or as base64); without it one is made
};
/// needs_operator when the master key does not come from Renkei's own file and no new one is given.
Result<void> vault_rotate(const server::Settings& settings, VaultRotate what, std::ostream& out, bool json);
/// A consistent copy of the store, whether a server runs or not. The master key is not in it.
Result<void> backup(const server::Settings& settings, const std::filesystem::path& target, std::ostream& out, bool json);
/// Reads the whole store; storage_failed if anything in it is damaged.
Result<void> check(const server::Settings& settings, std::ostream& out, bool json);

}  // namespace renkei::offline
