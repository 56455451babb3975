#pragma once

#include "app/audit.hpp"
#include "app/task.hpp"
#include "base/encoding.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "core/connection.hpp"
#include "core/identity.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

/// A link for a person: {public_url}/connect/<code>. The code works once and is stored only as a keyed hash.
struct ConnectLink {
    std::string url;
    TimePoint expires_at;
};

/// What the page behind the link shows before anything is sent: who asks for what, and where the answer will come.
struct ConnectRequest {
    core::Connection connection;
    std::string connector_name_en, connector_name_ja;
    std::string asked_by;  ///< name of the key or person who made the link
    std::vector<std::string> scopes;
    std::string redirect_uri;
};

/// Where to send the browser, and the cookie that binds the answer to it.
struct StartedAuthorization {
    std::string provider_url;
    Secret browser_secret;  ///< goes into the __Host- cookie
};

/// How it ended; a refusal is an Error (callback_invalid, consent_refused, needs_app_owner, provider_*).
struct ConnectOutcome {
    core::Connection connection;
    std::string signed_in_as;
    std::vector<std::string> granted_scopes;
    std::vector<std::string> missing_scopes;  ///< asked, not granted
};

/// Connects accounts: by a person's sign-in at the provider (authorization code with PKCE S256, RFC 7636) or with the
/// client's own credentials (RFC 6749 section 4.4).
class ConnectFlow {
public:
    virtual ~ConnectFlow() = default;
    /// The redirect address of a connector: {public_url}/provisioning_/callback/<connector> (U-41).
    virtual std::string redirect_uri(std::string_view connector) const = 0;
    /// One hour, once. Audited as connection.link.
    /// `other_account`: the one who signs in may be another than before, and takes the place of the one before.
    virtual Task<Result<ConnectLink>> create_link(core::Principal by, core::Connection connection, bool other_account = false) = 0;
    /// One that only the browser with this cookie can open (ConsentRequests): to everybody else it is `denied`, with the reason
    /// other-browser.
    virtual Task<Result<ConnectLink>> create_bound_link(core::Principal by, core::Connection connection, Secret browser) = 0;
    /// Looks without using the code up. `browser`: the cookie to which a link may be bound, if there is one.
    virtual Task<Result<ConnectRequest>> look_at_link(Secret code, std::optional<Secret> browser = std::nullopt) = 0;
    /// Uses the code up, makes state, nonce and code verifier, and says where to go.
    virtual Task<Result<StartedAuthorization>> start(Secret code, std::string request_id, std::optional<Secret> browser = std::nullopt) = 0;
    /// The same without a link, for a person who is signed in to Renkei and connects their own account.
    virtual Task<Result<StartedAuthorization>> start_own(By by, core::Connection connection) = 0;
    /// The provider's answer at the redirect address of `connector`. `browser_secret`: from the cookie, if there was one.
    virtual Task<Result<ConnectOutcome>> finish(std::string connector, Fields query, std::optional<Secret> browser_secret, std::string request_id) = 0;
    /// Obtains a first token with the client's own credentials, makes the grant, sets the connection's state.
    virtual Task<Result<ConnectOutcome>> connect_app_only(core::Principal by, core::Connection connection, std::string request_id) = 0;
};

}  // namespace renkei::app
