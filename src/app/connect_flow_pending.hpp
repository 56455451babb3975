#pragma once

#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"
#include "base/crypto.hpp"

#include <string>
#include <vector>

namespace renkei::app {

/// A sign-in that was started: what the answer is compared with. Kept for 15 minutes, used once.
struct PendingSignIn {
    core::WorkspaceId workspace;
    Digest hash{};  ///< of the state, by which it is found
    core::ConnectionId connection;
    std::string connector;
    std::string asked_by;
    Digest browser{};  ///< keyed hash of the secret in the browser's cookie
    std::string redirect_uri;
    std::vector<std::string> scopes;
    std::string issuer;
    bool iss_required = false;
    bool other_account = false;  ///< whoever signs in takes the place of the one before
    // Sealed.
    Secret state, nonce, code_verifier;
};

/// The row to be inserted; its data holds no secret.
Result<InsertOneTime> to_one_time(const PendingSignIn& pending, Vault& vault, TimePoint expires_at);
/// internal when the row is not one of ours.
Result<PendingSignIn> from_one_time(const OneTime& row, const Digest& hash, Vault& vault);

inline constexpr std::string_view link_purpose = "connect";
inline constexpr std::string_view sign_in_purpose = "authorization";

}  // namespace renkei::app
