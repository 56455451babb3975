#pragma once

#include "app/connect_flow.hpp"
#include "app/connect_flow_pending.hpp"
#include "app/tokens.hpp"
#include "oauth/client/callback.hpp"
#include "oauth/client/id_token.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace renkei::app {

struct ConnectPorts {
    Ledger& ledger;
    ConnectionStore& connections;
    GrantStore& grants;
    OneTimeStore& one_time;
    Vault& vault;
    const Catalog& catalog;
    Clock& clock;
    Random& random;
};

/// Connects accounts by OAuth 2.0. `public_url`: where browsers reach this installation, without a path.
class OAuthConnectFlow final : public ConnectFlow {
public:
    OAuthConnectFlow(ConnectPorts ports, TokenService& tokens, std::string public_url);

    std::string redirect_uri(std::string_view connector) const override;
    Task<Result<ConnectLink>> create_link(core::Principal by, core::Connection connection, bool other_account = false) override;
    Task<Result<ConnectLink>> create_bound_link(core::Principal by, core::Connection connection, Secret browser) override;
    Task<Result<ConnectRequest>> look_at_link(Secret code, std::optional<Secret> browser = std::nullopt) override;
    Task<Result<StartedAuthorization>> start(Secret code, std::string request_id, std::optional<Secret> browser = std::nullopt) override;
    Task<Result<StartedAuthorization>> start_own(By by, core::Connection connection) override;
    Task<Result<ConnectOutcome>> finish(std::string connector, Fields query, std::optional<Secret> browser_secret, std::string request_id) override;
    Task<Result<ConnectOutcome>> connect_app_only(core::Principal by, core::Connection connection, std::string request_id) override;

    // For the other ways to sign in.

    /// What is asked for: the connection's scopes and those that the connector always needs, as this cloud wants them.
    std::vector<std::string> asked_scopes(const core::Connection& connection, const ProviderClient& provider) const;
    /// Checks who signed in and stores grant, token and state in one unit; audited, a refusal too.
    Task<Result<ConnectOutcome>> accept(std::shared_ptr<PendingSignIn> pending, std::shared_ptr<ProviderClient> provider, oauth::TokenResponse response,
                                        std::string request_id);
    /// What a token endpoint's refusal of a sign-in means to the person.
    static Error refusal_of(const oauth::OAuthFailure& failure);
    Task<void> note_refusal(std::shared_ptr<PendingSignIn> pending, Error error, std::string request_id);

    static constexpr std::chrono::hours link_lives{1};
    static constexpr std::chrono::minutes authorization_lives{15};

private:
    struct Link {
        core::WorkspaceId workspace;
        Digest hash{};
        core::Connection connection;
        std::string asked_by;
        bool other_account = false;
    };
    /// What the token endpoint gave for a code, and who signed in.
    struct Redeemed {
        oauth::TokenResponse response;
        oauth::SignedInPerson person;
        std::uint32_t credential_version = 0;
    };

    Task<Result<Link>> open_link(Secret code, std::optional<Secret> browser);
    /// `browser`: hexadecimal keyed hash of the cookie to which it is bound, or empty.
    Task<Result<ConnectLink>> make_link(core::Principal by, core::Connection connection, bool other_account, std::string browser);
    /// `unit` is stored together with the sign-in, or not at all.
    Task<Result<StartedAuthorization>> begin(Link link, UnitOfWork unit, std::string request_id);
    Task<Result<PendingSignIn>> find_pending(std::string connector, Fields query, std::optional<Secret> browser_secret);
    static Result<Redeemed> identify(const PendingSignIn& pending, const ProviderClient& provider, oauth::TokenResponse response, TimePoint now);
    Task<Result<Redeemed>> redeem(std::shared_ptr<PendingSignIn> pending, Fields query, std::string request_id);
    Task<Result<ConnectOutcome>> store(std::shared_ptr<PendingSignIn> pending, std::shared_ptr<Redeemed> redeemed, std::string request_id);
    Task<Result<UnitOfWork>> grant_changes(core::Connection connection, std::shared_ptr<PendingSignIn> pending, std::shared_ptr<Redeemed> redeemed);
    Result<void> fill(core::Grant& grant, core::StoredToken& token, const Redeemed& redeemed);
    Task<Result<void>> make_app_grant(core::Principal by, core::Connection connection, std::string request_id);
    core::AuditRow audit(core::WorkspaceId workspace, std::string action, const core::Connection& connection, std::string request_id) const;

    ConnectPorts ports_;
    TokenService& tokens_;
    std::string public_url_;
};

/// Scopes that were asked for and not granted. Servers write a scope short or with its resource in front, and leave out
/// what shows by itself: an id_token proves openid, a refresh token proves offline_access.
std::vector<std::string> missing_scopes(const std::vector<std::string>& asked, const oauth::TokenResponse& response);

}  // namespace renkei::app
