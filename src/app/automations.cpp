#include "app/automations.hpp"

#include "app/values.hpp"
#include "core/policy.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace renkei::app {
namespace {

using core::Action;

Secret make_text(std::string_view prefix, Random& random) { return Secret::take(std::string(prefix) + random.text(32)); }

std::unexpected<Error> no_such(std::string_view what) { return fail(Errc::not_found, "there is no such " + std::string(what) + " that this caller may see"); }

bool is_own(const By& by, core::KeyId key) { return by.principal.kind == core::Principal::Kind::key && by.principal.id == key.bytes(); }

// A run's secret reaches itself and what is below it; a key without a run everything that is its own.
bool reaches(const By& by, const core::Run* shown, const core::Run& run) {
    if (shown != nullptr) return shown->workspace == run.workspace && std::ranges::find(run.path, shown->id) != run.path.end();
    return is_own(by, run.key);
}

Result<TimePoint> end_of(TimePoint now, std::optional<std::chrono::seconds> wanted, std::chrono::seconds usual, const TimePoint* at_most) {
    if (wanted && (*wanted < std::chrono::seconds(1) || *wanted > Automations::longest_life))
        return bad_field("ends_in_seconds", "`ends_in_seconds` must be 1 to 604800");
    const auto end = now + wanted.value_or(usual);
    return at_most != nullptr && end > *at_most ? *at_most : end;
}

// Reading and sending, as far as the key has them; a token or the provider's own API only where somebody asked for it by name.
std::vector<Action> usual_actions(const core::Principal& caller, TimePoint now) {
    std::vector<Action> actions;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Action::count_); ++i) {
        const auto action = static_cast<Action>(i);
        if (!reaches_provider(action) || action == Action::tokens_read || action == Action::native) continue;
        if (core::decide(caller, action, now).allowed) actions.push_back(action);
    }
    return actions;
}

}  // namespace

bool Automations::sees_all(const By& by, Action action) const { return core::decide(by.principal, action, parts_.clock.now()).allowed; }

Result<NewRun> Automations::new_run(const By& by, const core::Run* parent, StartRun wanted) {
    if (by.principal.kind != core::Principal::Kind::key) return fail(Errc::denied, "runs belong to API keys: call with one");
    if (parent != nullptr && parent->path.size() >= core::deepest_run) return fail(Errc::conflict, "runs nest at most 16 deep");
    if (wanted.name.size() > 200) return bad_field("name", "`name` must have at most 200 bytes");
    const auto now = parts_.clock.now();
    auto ends = end_of(now, wanted.ends_in, usual_life, parent != nullptr ? &parent->ends_at : nullptr);
    if (!ends) return propagate(ends);
    NewRun made{{}, make_text("rr_", parts_.random)};
    made.run.workspace = by.principal.workspace;
    made.run.id = parts_.random.make<core::RunId>();
    if (parent != nullptr) made.run.path = parent->path;
    made.run.path.push_back(made.run.id);
    made.run.name = std::move(wanted.name);
    made.run.key = core::KeyId(by.principal.id);
    made.run.hash = parts_.vault.lookup_hash(made.text);
    made.run.created_at = now;
    made.run.ends_at = *ends;
    return made;
}

Task<Result<NewRun>> Automations::start(By by, std::shared_ptr<const core::Run> parent, StartRun wanted) {
    auto made = new_run(by, parent.get(), std::move(wanted));
    if (!made) co_return propagate(made);
    by.principal.run = made->run.id.text();
    UnitOfWork unit;
    unit.push_back(InsertRun{made->run});
    unit.push_back(AppendAudit{audit_row(by, made->run.created_at, "run.start", target_of("run", made->run.id.text()),
                                         parent ? "below " + parent->id.text() : std::string("by its key"))});
    auto stored = co_await parts_.store.commit(made->run.workspace, std::move(unit));
    if (!stored && stored.error().code == Errc::conflict) co_return fail(Errc::session_refused, "the parent run has ended");
    if (!stored) co_return propagate(stored);
    co_return made;
}

Task<Result<core::Run>> Automations::show_run(By by, std::shared_ptr<const core::Run> shown, core::RunId id) {
    auto run = co_await parts_.store.find_run(by.principal.workspace, id);
    if (!run && run.error().code == Errc::not_found) co_return no_such("run");
    if (!run) co_return propagate(run);
    if (!reaches(by, shown.get(), *run) && (shown || !sees_all(by, Action::sessions_read))) co_return no_such("run");
    co_return run;
}

Task<Result<void>> Automations::end(By by, std::shared_ptr<const core::Run> shown, core::RunId id) {
    auto run = co_await parts_.store.find_run(by.principal.workspace, id);
    if (!run && run.error().code == Errc::not_found) co_return no_such("run");
    if (!run) co_return propagate(run);
    if (!reaches(by, shown.get(), *run) && (shown || !sees_all(by, Action::sessions_write))) co_return no_such("run");
    if (run->ended_at) co_return Result<void>{};
    const auto now = parts_.clock.now();
    UnitOfWork unit;
    unit.push_back(EndRun{run->workspace, run->id, now});
    unit.push_back(AppendAudit{audit_row(by, now, "run.end", target_of("run", run->id.text()), "with every run below it and their sessions")});
    co_return co_await parts_.store.commit(run->workspace, std::move(unit));
}

Task<Result<Page<core::Run>>> Automations::list_runs(By by, PageRequest page) {
    const bool all = sees_all(by, Action::sessions_read);
    auto runs = co_await parts_.store.list_runs(by.principal.workspace, std::move(page));
    // A page may come out short for who sees only their own; `next` leads on all the same.
    if (runs && !all) std::erase_if(runs->items, [&](const core::Run& run) { return !is_own(by, run.key); });
    co_return runs;
}

// What was asked for by name must be allowed whole; of the usual actions those that are.
Task<Result<Automations::Tried>> Automations::try_actions(By by, ConnectSession wanted) {
    const bool by_name = !wanted.actions.empty();
    Tried tried;
    Result<Granted> last = fail(Errc::denied, "the key may do nothing that a session could be for");
    for (const auto action : by_name ? wanted.actions : usual_actions(by.principal, parts_.clock.now())) {
        if (!reaches_provider(action)) co_return bad_field("actions", "a session is for what reaches the provider: mail:read, mail:send, native, tokens:read");
        auto granted = co_await parts_.access.authorize(by.principal, wanted.connection, action, wanted.mailbox, wanted.act_as);
        if (!granted && (by_name || granted.error().code != Errc::denied)) co_return propagate(granted);
        if (granted) tried.actions.push_back(action);
        if (granted || tried.actions.empty()) last = std::move(granted);
    }
    if (!last) co_return propagate(last);
    tried.granted = *std::move(last);
    co_return tried;
}

// A name must mean one session for every run that may use it: none above has it, and the store lets a run have it once.
Task<Result<void>> Automations::check_name(core::Run run, ConnectSession wanted) {
    if (wanted.name && wanted.kind != core::SessionKind::global) co_return bad_field("name", "only a global session goes by a name");
    if (!wanted.name) co_return Result<void>{};
    auto named = co_await parts_.store.global_sessions_named(run.workspace, *wanted.name, run.path, parts_.clock.now());
    if (!named) co_return propagate(named);
    if (!named->empty())
        co_return fail(Error{Errc::conflict, "this run, or one above it, has a global session " + wanted.name->text() + " already", {{"field", "name"}}});
    co_return Result<void>{};
}

// What the form or the step says of mailbox and account, read from where it says.
Task<Result<ConnectSession>> Automations::resolve(By by, ConnectSession wanted) {
    constexpr std::array<std::pair<std::string_view, std::string ConnectSession::*>, 2> places{std::pair{std::string_view("mailbox"), &ConnectSession::mailbox},
                                                                                               std::pair{std::string_view("act_as"), &ConnectSession::act_as}};
    for (const auto& [field, member] : places) {
        if ((wanted.*member).empty()) continue;
        auto source = core::parse_value_source(wanted.*member, field);
        if (!source) co_return propagate(source);
        auto value = co_await parts_.values.resolve_text(by.principal.workspace, *std::move(source), wanted.variables, by.request_id);
        if (!value) co_return propagate(value);
        auto spelled = core::parse_mailbox(*value, field);
        if (!spelled) co_return propagate(spelled);
        wanted.*member = *std::move(spelled);
    }
    co_return wanted;
}

Task<Result<NewAutomationSession>> Automations::connect(By by, std::shared_ptr<const core::Run> run, ConnectSession asked) {
    auto wanted = co_await resolve(by, std::move(asked));
    if (!wanted) co_return propagate(wanted);
    NewAutomationSession made;
    if (!run) {
        auto implied = new_run(by, nullptr, {"connect " + wanted->connection.text(), wanted->ends_in});
        if (!implied) co_return propagate(implied);
        made.run = *std::move(implied);
        by.principal.run = made.run->run.id.text();
    }
    const auto owner = made.run ? made.run->run : *run;
    if (auto free = co_await check_name(owner, *wanted); !free) co_return propagate(free);
    auto tried = co_await try_actions(by, *wanted);
    if (!tried) co_return propagate(tried);
    auto token = co_await parts_.tokens.token_for(tried->granted.connection, std::chrono::seconds(60), by.request_id);
    if (!token) co_return fail(std::move(token.error()).with("connection", wanted->connection.text()));
    wanted->actions = std::move(tried->actions);
    auto named = co_await parts_.store.find_connection(by.principal.workspace, wanted->connection);
    if (!named) co_return propagate(named);
    if (auto filled = fill_session(made, by, owner, *named, *wanted); !filled) co_return propagate(filled);

    const auto& session = made.session;
    UnitOfWork unit;
    if (made.run) unit.push_back(InsertRun{made.run->run});
    unit.push_back(InsertAutomationSession{session});
    unit.push_back(AppendAudit{audit_row(by, session.created_at, "session.connect", target_of("session", session.id.text()),
                                         std::string(core::text_of(session.kind)) + ", connection:" + named->name.text() + ", " + tried->granted.reason,
                                         token->credential_version)});
    auto stored = co_await parts_.store.commit(session.workspace, std::move(unit));
    if (!stored && stored.error().code == Errc::conflict)
        co_return fail(Errc::conflict, "the run has ended, or another session took the name at the same moment");
    if (!stored) co_return propagate(stored);
    co_return made;
}

Result<void> Automations::fill_session(NewAutomationSession& made, const By& by, const core::Run& owner, const core::Connection& connection,
                                       const ConnectSession& wanted) {
    const auto now = parts_.clock.now();
    auto ends = end_of(now, wanted.ends_in, std::chrono::duration_cast<std::chrono::seconds>(owner.ends_at - now), &owner.ends_at);
    if (!ends) return propagate(ends);
    made.text = make_text("rs_", parts_.random);
    auto& session = made.session;
    session.workspace = by.principal.workspace;
    session.id = parts_.random.make<core::AutomationSessionId>();
    session.kind = wanted.kind;
    session.name = wanted.name;
    session.run = owner.id;
    session.key = core::KeyId(by.principal.id);
    session.connection = connection.id;
    session.connection_name = connection.name;
    session.actions = wanted.actions;
    session.mailbox = wanted.mailbox;
    session.act_as = wanted.act_as;
    session.hash = parts_.vault.lookup_hash(made.text);
    session.created_at = now;
    session.ends_at = *ends;
    return {};
}

Task<Result<core::AutomationSession>> Automations::show_session(By by, std::shared_ptr<const core::Run> shown, core::AutomationSessionId id) {
    auto session = co_await parts_.store.find_automation_session(by.principal.workspace, id);
    if (!session && session.error().code == Errc::not_found) co_return no_such("session");
    if (!session) co_return propagate(session);
    if (by.principal.limit && by.principal.limit->session == session->id) co_return session;
    auto run = co_await parts_.store.find_run(session->workspace, session->run);
    if (!run) co_return propagate(run);
    if (!reaches(by, shown.get(), *run) && (shown || !sees_all(by, Action::sessions_read))) co_return no_such("session");
    co_return session;
}

Task<Result<Page<core::AutomationSession>>> Automations::list_sessions(By by, PageRequest page) {
    const bool all = sees_all(by, Action::sessions_read);
    auto sessions = co_await parts_.store.list_automation_sessions(by.principal.workspace, std::move(page));
    if (sessions && !all) std::erase_if(sessions->items, [&](const core::AutomationSession& one) { return !is_own(by, one.key); });
    co_return sessions;
}

Task<Result<void>> Automations::end_session(By by, std::shared_ptr<const core::Run> shown, core::AutomationSessionId id) {
    auto session = co_await parts_.store.find_automation_session(by.principal.workspace, id);
    if (!session && session.error().code == Errc::not_found) co_return no_such("session");
    if (!session) co_return propagate(session);
    const bool itself = by.principal.limit && by.principal.limit->session == session->id;
    if (!itself) {
        auto run = co_await parts_.store.find_run(session->workspace, session->run);
        if (!run) co_return propagate(run);
        if (!reaches(by, shown.get(), *run) && (shown || !sees_all(by, Action::sessions_write))) co_return no_such("session");
    }
    if (session->ended_at) co_return Result<void>{};
    const auto now = parts_.clock.now();
    UnitOfWork unit;
    unit.push_back(EndAutomationSession{session->workspace, session->id, now, "hand"});
    unit.push_back(AppendAudit{audit_row(by, now, "session.end", target_of("session", session->id.text()), itself ? "by itself" : std::string(by_right))});
    co_return co_await parts_.store.commit(session->workspace, std::move(unit));
}

}  // namespace renkei::app
