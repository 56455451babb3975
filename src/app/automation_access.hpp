#pragma once

#include "app/authenticate.hpp"
#include "app/known_automations.hpp"
#include "app/refusal_limits.hpp"

#include <memory>
#include <string>

namespace renkei::app {

/// What a call showed of itself: an API key, the secret of a run, the secret or the name of a session.
struct Shown {
    std::optional<Secret> authorization;
    std::optional<Secret> session;
    std::optional<Secret> run;
    std::array<std::uint8_t, 16> address{};
    std::string request_id;
};

/// Who calls, and on behalf of which run.
struct AutomationCaller {
    core::Principal principal;
    std::shared_ptr<const core::Run> run;  ///< whose secret was shown; shared with the cache
};

/// Says who is calling where a session or a run was shown. What is unknown and what is not the caller's get the same
/// answer; both are counted against the caller's network, and audited where the workspace is known.
class AutomationAccess final : public CommitObserver {
public:
    AutomationAccess(Authenticator& keys, KnownAutomations& known, AutomationStore& automations, Ledger& ledger, const Vault& vault, const Clock& clock)
        : keys_(keys), known_(known), automations_(automations), ledger_(ledger), vault_(vault), clock_(clock), limits_(clock) {}

    /// With a session: key ∩ session, in `limit`. With a run alone: everything that its key may, so only routes about runs and
    /// sessions take it. With run and key: the key, on behalf of the run.
    /// Errors: session_refused, unauthenticated (the key), too_many_requests with retry_after, storage_*.
    Task<Result<AutomationCaller>> caller_of(Shown shown);

    void committed(const UnitOfWork& unit) noexcept override { known_.committed(unit); }

private:
    struct Found {
        KnownAutomations::SessionPtr session;
        KnownAutomations::RunPtr run;
        bool by_name = false;
    };
    Task<Result<KnownAutomations::RunPtr>> shown_run(Secret text);
    Task<Result<Found>> shown_session(Secret text, KnownAutomations::RunPtr run);
    Task<Result<bool>> is_live(core::WorkspaceId workspace, core::RunId run);
    Task<Result<core::Principal>> key_of(core::WorkspaceId workspace, core::KeyId key, std::optional<Secret> authorization,
                                         std::array<std::uint8_t, 16> address);
    Task<Result<AutomationCaller>> with_session(Shown shown);
    Task<Result<AutomationCaller>> with_run(Shown shown);
    Task<void> audit(core::WorkspaceId workspace, std::string request_id, std::string target, std::string reason);

    Authenticator& keys_;
    KnownAutomations& known_;
    AutomationStore& automations_;
    Ledger& ledger_;
    const Vault& vault_;
    const Clock& clock_;
    RefusalLimits limits_;
};

}  // namespace renkei::app
