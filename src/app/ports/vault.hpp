#pragma once

#include "base/crypto.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "core/ids.hpp"
#include "core/sealed.hpp"

#include <cstdint>
#include <string_view>

namespace renkei::app {

/// Where a sealed value belongs; it opens nowhere else (additional data of the AEAD).
struct SealPlace {
    core::WorkspaceId workspace;
    std::string_view table;
    IdBytes row{};
    std::string_view column;
    std::uint64_t generation = 0;
};

/// Seals and opens secrets with the workspace's data key. Never blocks; about a microsecond a value. Thread-safe.
class Vault {
public:
    virtual ~Vault() = default;
    virtual Result<core::Sealed> seal(const SealPlace& place, const Secret& secret) = 0;
    /// vault_locked when the key is missing or the value is not of this place.
    virtual Result<Secret> open(const SealPlace& place, const core::Sealed& sealed) = 0;
    /// Makes the workspace's first data key usable at once; the returned bytes must be stored (PutDataKey) in the unit that makes the workspace.
    virtual Result<std::string> create_data_key(core::WorkspaceId workspace) = 0;
    /// HMAC-SHA-256 under the installation's lookup key: how API keys and one-time codes are found.
    virtual Digest lookup_hash(const Secret& text) const = 0;
};

}  // namespace renkei::app
