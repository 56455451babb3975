#pragma once

#include "app/ports/vault.hpp"

#include <atomic>
#include <map>
#include <mutex>

namespace renkei::testing {

/// A vault without keys: values open only in their own place, as with the real one, and their text does not stand in
/// them readably. Its sealed bytes are the same every time.
class FakeVault : public app::Vault {
public:
    Result<core::Sealed> seal(const app::SealPlace& place, const Secret& secret) override;
    Result<Secret> open(const app::SealPlace& place, const core::Sealed& sealed) override;
    Result<std::string> create_data_key(core::WorkspaceId workspace) override;
    Digest lookup_hash(const Secret& text) const override;

    /// From now on (or no longer) everything that needs a key answers vault_locked.
    void lock(bool locked = true) { locked_ = locked; }

    /// The version that seals: 1 until next_key() makes another, which it returns. Older ones go on opening.
    std::uint32_t newest_key(core::WorkspaceId workspace) const;
    std::uint32_t next_key(core::WorkspaceId workspace);

private:
    mutable std::mutex mutex_;
    std::map<core::WorkspaceId, std::uint32_t> versions_;
    std::atomic<bool> locked_ = false;
};

}  // namespace renkei::testing
