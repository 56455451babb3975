#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/ports/store.hpp"
#include "app/ports/token_source.hpp"
#include "app/ports/vault.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "core/automation.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

class Values;

/// A run and its secret, which exists here and in the hands of whoever asked.
struct NewRun {
    core::Run run;
    Secret text;
};
struct NewAutomationSession {
    core::AutomationSession session;
    Secret text;
    std::optional<NewRun> run;  ///< made along with it, because the caller showed none
};

struct StartRun {
    std::string name;
    std::optional<std::chrono::seconds> ends_in;  ///< nothing: a day; at most seven, and never longer than the run above
};

/// What a step "connect" asks for.
struct ConnectSession {
    core::Name connection;
    core::SessionKind kind = core::SessionKind::local;
    std::optional<core::Name> name;                             ///< of a global session
    std::vector<core::Action> actions;                          ///< empty: reading and sending mail, as far as the key goes
    std::string mailbox;                                        ///< a literal or a reference; empty: the connection's own
    std::string act_as;                                         ///< the same
    std::optional<std::chrono::seconds> ends_in;                ///< nothing: as long as the run
    std::vector<std::pair<core::Name, std::string>> variables;  ///< given with the call, for references
};

/// Runs and sessions: automations that never see a token (A-60, B-09).
class Automations {
public:
    struct Parts {
        Store& store;
        Access& access;
        Values& values;
        TokenSource& tokens;
        const Vault& vault;
        const Clock& clock;
        Random& random;
    };
    explicit Automations(Parts parts) : parts_(parts) {}

    static constexpr std::chrono::seconds usual_life{24 * 3600};
    static constexpr std::chrono::seconds longest_life{7 * 24 * 3600};

    /// Below `parent` if there is one: its secret was shown. Errors: invalid_field, conflict (it has ended or is too deep), storage_*.
    Task<Result<NewRun>> start(By by, std::shared_ptr<const core::Run> parent, StartRun wanted);
    /// Ends it with every run below and their sessions, at once. `shown`: the run whose secret came; it may end itself and what
    /// is below it, a key its own runs, the right sessions:write any. not_found for everybody else.
    Task<Result<void>> end(By by, std::shared_ptr<const core::Run> shown, core::RunId id);
    Task<Result<core::Run>> show_run(By by, std::shared_ptr<const core::Run> shown, core::RunId id);
    /// Everybody's with the right sessions:read, otherwise the key's own.
    Task<Result<Page<core::Run>>> list_runs(By by, PageRequest page);

    /// Tries every action that is asked for against connection, key, folder and fence, and gets a live token, before there is a
    /// session. Errors: those of Access::authorize, of TokenSource::token_for and of Values::resolve, denied, conflict (the name is claimed).
    Task<Result<NewAutomationSession>> connect(By by, std::shared_ptr<const core::Run> run, ConnectSession wanted);
    Task<Result<core::AutomationSession>> show_session(By by, std::shared_ptr<const core::Run> shown, core::AutomationSessionId id);
    Task<Result<Page<core::AutomationSession>>> list_sessions(By by, PageRequest page);
    Task<Result<void>> end_session(By by, std::shared_ptr<const core::Run> shown, core::AutomationSessionId id);

private:
    Result<NewRun> new_run(const By& by, const core::Run* parent, StartRun wanted);
    struct Tried {
        std::vector<core::Action> actions;
        Granted granted;  ///< of the last of them
    };
    Task<Result<Tried>> try_actions(By by, ConnectSession wanted);
    Task<Result<ConnectSession>> resolve(By by, ConnectSession wanted);
    Result<void> fill_session(NewAutomationSession& made, const By& by, const core::Run& owner, const core::Connection& connection,
                              const ConnectSession& wanted);
    Task<Result<void>> check_name(core::Run run, ConnectSession wanted);
    bool sees_all(const By& by, core::Action action) const;

    Parts parts_;
};

}  // namespace renkei::app
