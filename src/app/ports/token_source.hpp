#pragma once

#include "app/task.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "core/connection.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace renkei::app {

/// An access token that works now, with what the audit and the caller need to know of it.
struct LiveToken {
    Secret token;
    core::TokenKey key;
    TimePoint expires_at;
    std::string scopes;                    ///< as granted, blank-separated
    std::uint64_t generation = 0;          ///< of the grant
    std::uint32_t credential_version = 0;  ///< of the client registration
};

/// Gives live access tokens of a connection's grant; the implementation is app/tokens.
class TokenSource {
public:
    virtual ~TokenSource() = default;
    /// Valid for at least `min_validity` more, unless a refresh fails for a passing reason and the old one still lives.
    /// Errors: reconnect_required, needs_app_owner, needs_admin, grant_lost, rotation_unknown, connection_paused,
    /// connection_draft, provider_unavailable, provider_timeout, provider_throttled, vault_locked, storage_*.
    virtual Task<Result<LiveToken>> token_for(core::Connection connection, std::chrono::seconds min_validity, std::string request_id) = 0;
    /// The provider refused this token (401): the next call for it refreshes, if the generation has not moved.
    virtual void reject(const core::TokenKey& key, std::uint64_t generation) = 0;
};

}  // namespace renkei::app
