#pragma once

#include "adapters/providers/detail/vault_call.hpp"
#include "app/flights.hpp"
#include "base/clock.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace renkei::providers {

/// What a log-in at a vault gave, until it ends.
struct VaultSession {
    Secret token;
    TimePoint until;
};
using VaultSessionPtr = std::shared_ptr<const VaultSession>;

/// A read with everything that it needs, shared by its steps.
struct VaultRead {
    VaultCall call;
    core::ExternalVault vault;
    Secret auth_secret;
    core::ExternalSecretAddress address;
};
using VaultReadPtr = std::shared_ptr<const VaultRead>;

/// Reads from vaults at which one logs in first. A session is kept until shortly before its end, one log-in is made however many
/// ask, and a session that the vault does not know any more is renewed once.
class SessionVaultClient : public app::ExternalVaultClient {
public:
    SessionVaultClient(app::HttpClient& http, Clock& clock, VaultSettings settings) : http_(http), clock_(clock), settings_(std::move(settings)) {}
    Task<Result<app::ExternalSecret>> read(core::ExternalVault vault, Secret auth_secret, core::ExternalSecretAddress address, std::string request_id) override;

protected:
    /// What can be said before anything is sent.
    virtual Result<void> check(const VaultRead& read) const = 0;
    virtual Task<Result<VaultSession>> log_in(VaultReadPtr read) = 0;
    virtual Task<Result<HttpResponse>> ask(VaultReadPtr read, VaultSessionPtr session) = 0;
    virtual bool session_ended(const HttpResponse& response) const = 0;
    virtual Result<app::ExternalSecret> take(const VaultRead& read, const HttpResponse& response) const = 0;

    TimePoint now() const { return clock_.now(); }

private:
    /// A vault that got another address, identity or credential is another one: its old session is not used again.
    struct Key {
        core::WorkspaceId workspace;
        core::ExternalVaultId vault;
        std::uint64_t secret_version;
        friend auto operator<=>(const Key&, const Key&) = default;
    };
    struct Kept {
        VaultSessionPtr session;
        bool fresh = false;  ///< made just now
    };
    static Key key_of(const VaultRead& read) { return {read.vault.workspace, read.vault.id, read.vault.secret_version}; }
    Task<Result<Kept>> session_for(VaultReadPtr read);
    VaultSessionPtr kept(const Key& key) const;
    void keep(const Key& key, VaultSessionPtr session);
    void drop(const Key& key, const VaultSessionPtr& session);

    app::HttpClient& http_;
    Clock& clock_;
    VaultSettings settings_;
    mutable std::mutex mutex_;
    std::map<Key, VaultSessionPtr> sessions_;
    app::Flights<Key, Result<VaultSessionPtr>> flights_{1000};
};

/// How long a session of this length is used: it is renewed a little before its end.
TimePoint session_end(TimePoint from, std::chrono::seconds lifetime);

}  // namespace renkei::providers
