#pragma once

#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::app {

/// A sign-in by code that waits for its outcome.
struct StoredDevice {
    core::WorkspaceId workspace;
    core::ConnectionId connection;
    std::string asked_by;
    std::vector<std::string> scopes;
    std::string issuer;
    std::chrono::seconds interval{5};
    // Sealed: whoever knows the user code can sign Renkei in to their own account.
    Secret device_code{};
    std::string user_code{}, verification_uri{}, verification_uri_complete{};
};

/// The row to be inserted; found by the hash of the ticket.
Result<InsertOneTime> to_one_time(const StoredDevice& device, const Digest& hash, Vault& vault, TimePoint expires_at);
/// internal when the row is not one of ours.
Result<StoredDevice> device_from_one_time(const OneTime& row, const Digest& hash, Vault& vault);
/// Also of a row that was used, whose sealed part is gone.
Result<core::ConnectionId> connection_of(const OneTime& row);

inline constexpr std::string_view device_purpose = "device";

}  // namespace renkei::app
