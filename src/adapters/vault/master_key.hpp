#pragma once

#include "adapters/vault/locked_key.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <filesystem>
#include <optional>

namespace renkei::vault {

/// Where the master key comes from: the first that is set. The server reads environment and configuration, not the vault.
struct Settings {
    std::optional<Secret> given;                           ///< base64 of 32 bytes, from the environment
    std::optional<std::filesystem::path> credential_file;  ///< $CREDENTIALS_DIRECTORY/renkei-master-key (systemd)
    std::filesystem::path key_file;                        ///< made with mode 0600 at the first start
};

/// What a source is called in messages.
std::string source_name(const Settings& settings);
inline bool source_is_file(const Settings& settings) { return !settings.given && !settings.credential_file; }

/// 32 raw bytes, or their base64 text with blanks around it. vault_locked otherwise.
Result<LockedKey> parse_master_key(std::string_view text, std::string_view source);
/// not_found if there is no such file; vault_locked if others may read it or it is damaged.
Result<LockedKey> read_key_file(const std::filesystem::path& file);
/// The key of a source that is not the key file.
Result<LockedKey> read_given_key(const Settings& settings);

/// Writes a new file (never over one), mode 0600, synced with its folder. It is whole or not there.
Result<void> write_key_file(const std::filesystem::path& file, const LockedKey& key);
/// Where a rotation puts the new key until its unit is committed.
std::filesystem::path next_key_file(const std::filesystem::path& key_file);
/// The new key takes the old one's place.
Result<void> adopt_next_key_file(const std::filesystem::path& key_file);
void drop_next_key_file(const std::filesystem::path& key_file);

}  // namespace renkei::vault
