#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/connect_flow.hpp"
#include "app/ports/catalog.hpp"
#include "app/ports/vault.hpp"
#include "app/tokens.hpp"
#include "base/random.hpp"
#include "core/consent.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

/// A sign-in that was refused because an administrator of the tenant must approve first.
struct RefusedSignIn {
    core::WorkspaceId workspace;
    core::ConnectionId connection;
    std::string asked_by;
};
/// Puts into a refusal whose sign-in it was, so that it can become a request; callers never see it.
Error with_sign_in(Error error, const RefusedSignIn& refused);
enum class Approval : unsigned char {
    needed,   ///< the provider says so
    perhaps,  ///< the person came back without accepting: "needs admin approval" ends in the same answer as a no
};
/// Whether an administrator's approval would repair a refused sign-in, and whose it was; nothing for any other error.
std::optional<std::pair<Approval, RefusedSignIn>> approvable(const Error& error);

/// A request as people see it.
struct ShownConsent {
    core::ConsentRequest request;
    core::Connection connection;
    std::string connector_name_en, connector_name_ja;
    std::string link;  ///< to forward, {public_url}/consent/<code>; empty once it is decided
    std::string client_id;
};

/// What the provider's answer made of a request.
struct ConsentOutcome {
    core::ConsentRequest request;
    core::Connection connection;
};

/// Requests to a tenant's administrator (B-13): made from a refused sign-in or on demand, forwarded as a link, decided at the
/// provider's page (https://learn.microsoft.com/entra/identity-platform/v2-admin-consent), and then the person goes on.
///
/// What the answer says is never taken for a permission: a granted request only tells the person to sign in again, and the
/// provider decides anew. A forged answer costs that person one more try.
class ConsentRequests {
public:
    struct Needs {
        Store& store;
        Vault& vault;
        const Catalog& catalog;
        Clock& clock;
        Random& random;
        TokenService& tokens;
        ConnectFlow& flow;
        Access& access;
        std::string public_url;  ///< without a slash at the end
    };
    explicit ConsentRequests(Needs needs) : n_(std::move(needs)) {}

    /// On demand, for one who may change the connection. An open request of the connection is the same request.
    Task<Result<ShownConsent>> ask(By by, core::Name connection);
    Task<Result<ShownConsent>> show(By by, core::ConsentId id);
    /// Newest first; those of connections that the caller may not see are left out.
    Task<Result<Page<ShownConsent>>> list(By by, PageRequest page);
    /// Those that wait for an answer and that the caller may see, newest first, at most most_open.
    Task<Result<std::vector<ShownConsent>>> open_ones(By by);
    /// conflict once it is decided.
    Task<Result<ShownConsent>> cancel(By by, core::ConsentId id);

    /// From a refused sign-in. `browser`: the cookie of the person who will wait.
    Task<Result<ShownConsent>> ask_for(RefusedSignIn refused, Secret browser, std::string request_id);
    /// For Approval::perhaps: a text with which the person may ask for the approval, once, within answer_lives.
    Task<Result<Secret>> offer(RefusedSignIn refused);
    /// gone when the text was used or has expired.
    Task<Result<ShownConsent>> take_offer(Secret text, Secret browser, std::string request_id);
    /// What the person who waits may see and do: `browser` must be the cookie of ask_for. not_found for anybody else.
    Task<Result<ShownConsent>> waiting(Secret code, std::optional<Secret> browser);
    /// After the approval: a fresh connect link for the person who waited; for their own account below a managed connection, the
    /// page of their connections. conflict before.
    Task<Result<ConnectLink>> resume(Secret code, std::optional<Secret> browser);

    /// What the page behind the link shows. not_found for an unknown code, gone once it is decided or expired.
    Task<Result<ShownConsent>> look(Secret code);
    /// Where the administrator is sent, and the cookie that binds the answer to their browser.
    Task<Result<StartedAuthorization>> start(Secret code, std::string request_id);
    /// Whether an answer at a redirect address is one to start().
    static bool is_answer(const Fields& query);
    /// Errors: callback_invalid (state unknown, used, expired, of another browser or connector; another tenant), consent_refused,
    /// needs_app_owner, provider_*; gone when the request was decided meanwhile.
    Task<Result<ConsentOutcome>> finish(std::string connector, Fields query, std::optional<Secret> browser, std::string request_id);

    static constexpr std::chrono::days request_lives{7};
    static constexpr std::size_t most_open = 200;
    static constexpr std::chrono::minutes answer_lives{15};

private:
    struct Pending {
        Digest hash{};
        core::ConsentRequest request;
        std::string tenant;  ///< that must answer; empty: any
    };
    Secret code_of(core::ConsentId id) const;
    Task<Result<core::ConsentRequest>> put(core::Connection connection, std::string asked_by, Digest browser, core::AuditRow row);
    Task<Result<ShownConsent>> shown(core::ConsentRequest request);
    Task<Result<core::ConsentRequest>> open_one(Secret code);
    Task<Result<core::ConsentRequest>> of_browser(Secret code, std::optional<Secret> browser);
    Task<std::string> tenant_for(core::Connection connection, core::ClientRegistration registration, std::string request_id);
    Task<Result<Pending>> find_pending(std::string connector, Fields query, std::optional<Secret> browser);
    Task<Result<ConsentOutcome>> decide(Pending pending, core::ConsentState state, std::string tenant, std::string reason, std::string request_id);
    Task<void> note_refusal(core::ConsentRequest request, Error error, std::string request_id);
    core::AuditRow audit(core::WorkspaceId workspace, std::string action, core::ConsentId id, std::string request_id) const;

    Needs n_;
};

}  // namespace renkei::app
