#pragma once

#include "adapters/vault/sealed_value.hpp"
#include "core/ids.hpp"

namespace renkei::vault {

// Keys wrapped by the master key. Each is bound to what it is, so that one cannot be put in another's place.

std::string wrap_data_key(const LockedKey& master, core::WorkspaceId workspace, std::uint32_t version, const LockedKey& key, Random& random);
std::optional<LockedKey> unwrap_data_key(const LockedKey& master, core::WorkspaceId workspace, std::uint32_t version, std::string_view wrapped);

/// Names of the installation's settings that hold one each, as base64.
inline constexpr std::string_view check_setting = "vault.check";        ///< tells whether a master key is the right one
inline constexpr std::string_view lookup_setting = "vault.lookup";      ///< the secret behind lookup_hash
inline constexpr std::string_view previous_setting = "vault.previous";  ///< the master key before, for data keys made during a rotation

std::string wrap_for_setting(const LockedKey& master, std::string_view setting, const LockedKey& key, Random& random);
std::optional<LockedKey> unwrap_setting(const LockedKey& master, std::string_view setting, std::string_view value);

}  // namespace renkei::vault
