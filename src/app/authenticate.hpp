#pragma once

#include "app/known_keys.hpp"
#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"
#include "base/clock.hpp"
#include "base/secret.hpp"
#include "core/identity.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace renkei::app {

/// Says who is calling. Every refusal is the same unauthenticated, so that nobody learns whether a key exists, has
/// expired, was revoked or is used from the wrong address.
class Authenticator final : public CommitObserver {
public:
    Authenticator(KeyStore& keys, const Vault& vault, const Clock& clock) : keys_(keys), vault_(vault), clock_(clock) {}

    /// `authorization`: the value of the Authorization header.
    Task<Result<core::Principal>> authenticate(std::optional<Secret> authorization, std::array<std::uint8_t, 16> address);
    /// The key of a hash, usable or not: for who is called by a session. Errors: not_found, storage_*.
    Task<Result<core::ApiKey>> find_key(Digest hash) { return keys_.find(hash); }
    void committed(const UnitOfWork& unit) noexcept override { keys_.committed(unit); }

private:
    KnownKeys keys_;
    const Vault& vault_;
    const Clock& clock_;
};

/// Whether a key works now from this address.
bool is_usable(const core::ApiKey& key, TimePoint now, const std::array<std::uint8_t, 16>& address);
core::Principal principal_of(const core::ApiKey& key);
/// The key in "Bearer rk_…" (RFC 6750 section 2.1), or nothing.
std::optional<Secret> bearer_of(const std::optional<Secret>& authorization);

}  // namespace renkei::app
