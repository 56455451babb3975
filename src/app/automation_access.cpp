#include "app/automation_access.hpp"

#include "app/audit.hpp"

namespace renkei::app {
namespace {

constexpr std::size_t longest_text = 128;

std::unexpected<Error> refused() { return fail(Errc::session_refused, "the run or session is not known, has ended, or is not this caller's"); }

// What the audit is told besides; the caller gets the same words whatever it was.
std::unexpected<Error> refused(core::WorkspaceId workspace, std::string target, std::string why) {
    return fail(
        Error{Errc::session_refused, refused().error().detail, {{"workspace", workspace.text()}, {"target", std::move(target)}, {"why", std::move(why)}}});
}

std::string session_target(const KnownSession& session) { return target_of("session", session.limit.session.text()); }

}  // namespace

Task<Result<bool>> AutomationAccess::is_live(core::WorkspaceId workspace, core::RunId run) {
    auto found = co_await known_.run(workspace, run);
    if (!found && found.error().code == Errc::not_found) co_return false;
    if (!found) co_return propagate(found);
    const auto path = (*found)->path;
    const auto now = clock_.now();
    if (!(*found)->is_live(now)) co_return false;
    // A run never outlives those above it; their time may be over sooner.
    for (const auto& above : path) {
        if (above == run) continue;
        auto one = co_await known_.run(workspace, above);
        if (!one && one.error().code != Errc::not_found) co_return propagate(one);
        if (!one || !(*one)->is_live(now)) co_return false;
    }
    co_return true;
}

Task<Result<KnownAutomations::RunPtr>> AutomationAccess::shown_run(Secret text) {
    if (!text.expose().starts_with("rr_") || text.expose().size() > longest_text) co_return refused();
    auto run = co_await known_.run_by_hash(vault_.lookup_hash(text));
    if (!run && run.error().code == Errc::not_found) co_return refused();
    if (!run) co_return propagate(run);
    auto live = co_await is_live((*run)->workspace, (*run)->id);
    if (!live) co_return propagate(live);
    if (!*live) co_return refused((*run)->workspace, target_of("run", (*run)->id.text()), "the run has ended");
    co_return *run;
}

Task<Result<AutomationAccess::Found>> AutomationAccess::shown_session(Secret text, KnownAutomations::RunPtr run) {
    if (text.expose().size() > longest_text) co_return refused();
    if (text.expose().starts_with("rs_")) {
        auto session = co_await known_.session_by_hash(vault_.lookup_hash(text));
        if (!session && session.error().code == Errc::not_found) co_return refused();
        if (!session) co_return propagate(session);
        co_return Found{*std::move(session), std::move(run), false};
    }
    auto name = core::Name::parse(text.expose());
    if (!name || !run) co_return refused();
    auto named = co_await automations_.global_sessions_named(run->workspace, *name, run->path, clock_.now());
    if (!named) co_return propagate(named);
    if (named->empty()) co_return refused(run->workspace, target_of("run", run->id.text()), "no session of this name is open to the run");
    if (named->size() > 1) co_return refused(run->workspace, target_of("run", run->id.text()), "several sessions claim this name");
    auto session = std::make_shared<const KnownSession>(known_of(named->front()));
    co_return Found{std::move(session), std::move(run), true};
}

Task<Result<core::Principal>> AutomationAccess::key_of(core::WorkspaceId workspace, core::KeyId id, std::optional<Secret> authorization,
                                                       std::array<std::uint8_t, 16> address) {
    auto hash = co_await known_.key_hash(workspace, id);
    if (!hash && hash.error().code == Errc::not_found) co_return refused();
    if (!hash) co_return propagate(hash);
    if (authorization) {
        // A key that comes along must be the session's own: somebody else's would be a mix-up or an attack.
        const auto text = bearer_of(authorization);
        if (!text || !constant_time_equal(as_text(vault_.lookup_hash(*text)), as_text(*hash))) co_return refused();
    }
    auto key = co_await keys_.find_key(*hash);
    if (!key && key.error().code == Errc::not_found) co_return refused();
    if (!key) co_return propagate(key);
    if (key->workspace != workspace || !is_usable(*key, clock_.now(), address)) co_return refused();
    co_return principal_of(*key);
}

Task<Result<AutomationCaller>> AutomationAccess::with_session(Shown shown) {
    KnownAutomations::RunPtr run;
    if (shown.run) {
        auto found = co_await shown_run(*std::move(shown.run));
        if (!found) co_return propagate(found);
        run = *std::move(found);
    }
    auto found = co_await shown_session(*std::move(shown.session), std::move(run));
    if (!found) co_return propagate(found);
    const auto session = found->session;
    const auto workspace = session->scope.workspace;
    if (session->ended || session->limit.until <= clock_.now()) co_return refused(workspace, session_target(*session), "the session has ended");
    if (!core::opens(session->scope, found->run.get(), found->by_name))
        co_return refused(workspace, session_target(*session), "not this run's " + std::string(core::text_of(session->scope.kind)) + " session");
    auto live = co_await is_live(workspace, session->scope.run);
    if (!live) co_return propagate(live);
    if (!*live) co_return refused(workspace, session_target(*session), "its run has ended");
    auto principal = co_await key_of(workspace, session->key, std::move(shown.authorization), shown.address);
    if (!principal && principal.error().code == Errc::session_refused) co_return refused(workspace, session_target(*session), "its key does not work here");
    if (!principal) co_return propagate(principal);
    principal->run = (found->run ? found->run->id : session->scope.run).text();
    principal->limit = std::shared_ptr<const core::SessionLimit>(session, &session->limit);
    co_return AutomationCaller{*std::move(principal), found->run};
}

Task<Result<AutomationCaller>> AutomationAccess::with_run(Shown shown) {
    auto run = co_await shown_run(*std::move(shown.run));
    if (!run) co_return propagate(run);
    const auto found = *std::move(run);
    auto principal = co_await key_of(found->workspace, found->key, std::move(shown.authorization), shown.address);
    if (!principal && principal.error().code == Errc::session_refused)
        co_return refused(found->workspace, target_of("run", found->id.text()), "its key does not work here");
    if (!principal) co_return propagate(principal);
    principal->run = found->id.text();
    co_return AutomationCaller{*std::move(principal), found};
}

Task<void> AutomationAccess::audit(core::WorkspaceId workspace, std::string request_id, std::string target, std::string reason) {
    core::Principal nobody;
    nobody.kind = core::Principal::Kind::system;
    nobody.workspace = workspace;
    nobody.name = "unknown caller";
    UnitOfWork unit;
    unit.push_back(AppendAudit{refusal_row(By{std::move(nobody), std::move(request_id)}, clock_.now(), "session.use", std::move(target), std::move(reason))});
    // The refusal stands whether or not it can be written down.
    (void)co_await ledger_.commit(workspace, std::move(unit));
}

Task<Result<AutomationCaller>> AutomationAccess::caller_of(Shown shown) {
    const auto address = shown.address;
    const auto request_id = shown.request_id;
    // Also bounds the audit rows that somebody without any secret can cause.
    if (const auto wait = limits_.wait_of(address))
        co_return fail(Error{Errc::too_many_requests, "too many refused sessions from this network", {{"retry_after", std::to_string(wait->count())}}});
    Result<AutomationCaller> caller = refused();
    if (shown.session)
        caller = co_await with_session(std::move(shown));
    else if (shown.run)
        caller = co_await with_run(std::move(shown));
    if (caller || caller.error().code != Errc::session_refused) co_return caller;
    limits_.refused(address);
    if (const auto workspace = core::WorkspaceId::parse(caller.error().get("workspace")))
        co_await audit(*workspace, request_id, std::string(caller.error().get("target")), std::string(caller.error().get("why")));
    co_return refused();
}

}  // namespace renkei::app
