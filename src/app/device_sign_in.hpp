#pragma once

#include "app/connect_flow_impl.hpp"
#include "app/device_stored.hpp"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace renkei::app {

/// What the person needs: an address to open anywhere, and a code to type there. The ticket opens the page that shows
/// both and how it ended; it lives as long as the code.
struct StartedDevice {
    std::string page_url;
    std::string user_code;
    std::string verification_uri;
    std::string verification_uri_complete;  ///< or empty
    TimePoint expires_at;
};

/// How far a sign-in by code is.
struct DeviceProgress {
    enum class State : std::uint8_t { waiting, connected, failed } state = State::waiting;
    core::Connection connection;
    std::string asked_by;
    std::string user_code, verification_uri, verification_uri_complete;  ///< while it waits
    std::optional<Error> problem{};                                      ///< why it failed
};

/// Connects accounts by a person's sign-in on another machine (RFC 8628). The device code is sealed in the store, so that
/// asking for the outcome goes on after a restart.
class DeviceSignIns {
public:
    DeviceSignIns(ConnectPorts ports, TokenService& tokens, OAuthConnectFlow& flow, std::string public_url);

    /// Asks the provider for a code. Audited as connection.link.
    Task<Result<StartedDevice>> start(core::Principal by, core::Connection connection, std::string request_id);
    /// The same from a connect link, which is used up by it.
    Task<Result<StartedDevice>> start_from_link(Secret link_code, std::string request_id, std::optional<Secret> browser = std::nullopt);
    /// not_found for a ticket that is none.
    Task<Result<DeviceProgress>> look(Secret ticket);

    /// Takes up what a stop has cut off: once, at start.
    Task<Result<void>> resume();
    /// Asks the provider about each code whose interval has passed. Called again and again, by one caller.
    Task<void> poll_due();
    std::size_t waiting() const;

private:
    struct Waiting {
        core::WorkspaceId workspace;
        TimePoint next_poll;
        TimePoint expires_at;
        std::chrono::seconds interval{5};
    };
    struct Asked {
        core::Connection connection;
        std::string asked_by;
        std::optional<Digest> link;  ///< to be used up
        core::AuditRow audit;
    };
    struct HashOf {
        std::size_t operator()(const Digest& digest) const;
    };

    Task<Result<StartedDevice>> begin(std::shared_ptr<Asked> asked, std::string request_id);
    Task<Result<StartedDevice>> keep(std::shared_ptr<Asked> asked, StoredDevice device, TimePoint expires_at);
    Task<void> poll(Digest hash, Waiting waiting);
    Task<void> settle(Digest hash, Waiting waiting, std::shared_ptr<StoredDevice> stored, std::shared_ptr<ProviderClient> provider, oauth::TokenAnswer answer);
    Task<void> finish(Digest hash, core::WorkspaceId workspace, std::optional<Error> problem);
    Task<Result<StoredDevice>> stored(Digest hash);
    /// A connection that does not work yet says why.
    Task<void> tell_connection(std::shared_ptr<StoredDevice> stored, Error problem);
    void wait_again(const Digest& hash, std::chrono::seconds interval);

    ConnectPorts ports_;
    TokenService& tokens_;
    OAuthConnectFlow& flow_;
    std::string public_url_;
    mutable std::mutex mutex_;
    std::unordered_map<Digest, Waiting, HashOf> waiting_;
    std::unordered_map<Digest, Error, HashOf> failures_;  ///< for the page; bounded
};

}  // namespace renkei::app
