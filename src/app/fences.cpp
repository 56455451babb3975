#include "app/fences.hpp"

#include <algorithm>
#include <array>

namespace renkei::app {
namespace {

using core::Action;

constexpr std::chrono::seconds shortest_life{60};

std::unexpected<Error> about(const core::Connection& connection, Errc code, std::string detail) {
    return fail(Error{code, std::move(detail), {{"connection", connection.name.text()}}});
}

// A row for each entry, also for those that nobody has asked about yet.
std::vector<core::FenceRow> rows_of(const core::Connection& connection, const std::vector<core::FenceRow>& stored) {
    std::vector<core::FenceRow> rows;
    for (auto& entry : connection.fence.entries()) {
        const auto found = std::ranges::find(stored, entry, &core::FenceRow::entry);
        auto& row = rows.emplace_back();
        if (found != stored.end()) {
            row = *found;
            continue;
        }
        row.workspace = connection.workspace;
        row.connection = connection.id;
        row.entry = std::move(entry);
    }
    return rows;
}

}  // namespace

std::string_view text_of(ProbeResult result) {
    constexpr std::array<std::string_view, 3> words{"closed", "open", "unknown"};
    return words[static_cast<std::size_t>(result)];
}

bool decides_fences(const Standing& standing) {
    if (standing.caller.kind == core::Principal::Kind::person) return std::ranges::find(standing.roles, core::Role::administrator) != standing.roles.end();
    return std::ranges::any_of(standing.caller.rights, [](const core::Right& right) {
        return right.mailboxes.empty() && std::ranges::find(right.actions, Action::connections_write) != right.actions.end();
    });
}

Task<Result<void>> Fences::write_refusal(By by, std::string action, core::Name name, std::string why) {
    UnitOfWork unit{AppendAudit{refusal_row(by, n_.clock.now(), std::move(action), target_of("connection", name.text()), "denied: " + why)}};
    co_return co_await n_.store.commit(by.principal.workspace, std::move(unit));
}

Task<Result<core::Connection>> Fences::allowed(By by, core::Name name, Action right, std::string action) {
    auto granted = co_await n_.access.authorize(by.principal, name, right);
    if (!granted && granted.error().code == Errc::denied)
        if (auto written = co_await write_refusal(by, std::move(action), name, granted.error().detail); !written) co_return propagate(written);
    if (!granted) co_return propagate(granted);
    co_return std::move(granted->connection);
}

Task<Result<ShownFence>> Fences::shown(core::Connection connection) {
    auto stored = co_await n_.store.fence_rows(connection.workspace, connection.id);
    if (!stored) co_return propagate(stored);
    auto check = co_await n_.store.fence_check(connection.workspace, connection.id);
    if (!check) co_return propagate(check);
    ShownFence out;
    out.has_directory = n_.resolver.has_directory(connection);
    out.has_script = scripts_of(connection) != nullptr && !connection.fence.everything && !connection.fence.empty();
    out.rows = rows_of(connection, *stored);
    out.check = *check;
    out.connection = std::move(connection);
    co_return out;
}

const FenceScripts* Fences::scripts_of(const core::Connection& connection) const {
    const auto* manifest = n_.catalog.find(connection.connector);
    const auto found = manifest == nullptr ? n_.scripts.end() : n_.scripts.find(manifest->adapter);
    return found == n_.scripts.end() || connection.mode != core::ConnectionMode::client_credentials ? nullptr : found->second;
}

Task<Result<ShownFence>> Fences::show(By by, core::Name name) {
    auto connection = co_await allowed(by, std::move(name), Action::connections_read, "fence.show");
    if (!connection) co_return propagate(connection);
    co_return co_await shown(*std::move(connection));
}

Task<Result<ShownFence>> Fences::look_again(By by, core::Name name) {
    auto connection = co_await allowed(by, std::move(name), Action::connections_write, "fence.check");
    if (!connection) co_return propagate(connection);
    if (!n_.resolver.has_directory(*connection))
        co_return about(*connection, Errc::conflict, "the provider of this connection has no directory: addresses are judged as they are spelled");
    if (auto usable = check_usable(*connection); !usable) co_return propagate(usable);
    if (auto looked = co_await n_.resolver.look_at_all(*connection, by.request_id, FenceResolver::For::caller); !looked) co_return propagate(looked);
    UnitOfWork unit{AppendAudit{audit_row(by, n_.clock.now(), "fence.check", target_of("connection", connection->name.text()), std::string(by_right))}};
    if (auto written = co_await n_.store.commit(connection->workspace, std::move(unit)); !written) co_return propagate(written);
    co_return co_await shown(*std::move(connection));
}

Task<Result<ShownFence>> Fences::confirm(By by, core::Name name, core::FenceEntry entry, std::string found_id) {
    auto connection = co_await allowed(by, name, Action::connections_write, "fence.confirm");
    if (!connection) co_return propagate(connection);
    auto place = co_await n_.access.standing(by.principal);
    if (!place) co_return propagate(place);
    if (!decides_fences(*place)) {
        const std::string why = "only an administrator confirms that an address has another owner";
        if (auto written = co_await write_refusal(by, "fence.confirm", name, why); !written) co_return propagate(written);
        co_return about(*connection, Errc::denied, why);
    }
    auto stored = co_await n_.store.fence_rows(connection->workspace, connection->id);
    if (!stored) co_return propagate(stored);
    const auto found = std::ranges::find(*stored, entry, &core::FenceRow::entry);
    if (found == stored->end() || !connection->fence.names(entry.kind, entry.written))
        co_return about(*connection, Errc::not_found, "there is no such entry on the list");
    if (found->state != core::FenceState::changed || found->found_id != found_id)
        co_return about(*connection, Errc::conflict, "the entry is not waiting for this owner to be confirmed; look at the list again");
    auto row = *found;
    const auto before = std::exchange(row.directory_id, std::exchange(row.found_id, {}));
    row.state = core::FenceState::unresolved;
    row.trouble = core::FenceTrouble::unreachable;  // until the directory has told its names, right below
    row.names.clear();
    if (entry.kind != core::FenceKind::group) row.names = {{entry.written, {}}};
    const auto now = n_.clock.now();
    UnitOfWork unit;
    unit.emplace_back(PutFenceEntry{row, before});
    unit.emplace_back(DueFence{connection->workspace, connection->id, now});
    unit.emplace_back(AppendAudit{audit_row(by, now, "fence.confirm", target_of("connection", name.text()),
                                            core::text_of(entry) + " is " + row.directory_id + " from now on; it was " + before)});
    if (auto written = co_await n_.store.commit(connection->workspace, std::move(unit)); !written) co_return propagate(written);
    // If the directory cannot be asked now, the next round does it.
    static_cast<void>(co_await n_.resolver.look_at(*connection, {entry}, by.request_id));
    co_return co_await shown(*std::move(connection));
}

Task<Result<std::string>> Fences::script(By by, core::Name name, std::string outside) {
    auto connection = co_await allowed(by, std::move(name), Action::connections_read, "fence.script");
    if (!connection) co_return propagate(connection);
    if (!outside.empty()) {
        auto spelled = core::parse_mailbox(outside, "outside");
        if (!spelled) co_return propagate(spelled);
        outside = *std::move(spelled);
    }
    const auto* scripts = scripts_of(*connection);
    if (scripts == nullptr)
        co_return about(
            *connection, Errc::conflict,
            "a script is for connections that speak for an application; with a person's sign-in the person's own rights are the fence at the provider");
    if (connection->fence.everything || connection->fence.empty())
        co_return about(*connection, Errc::conflict, "the list names nobody whom the provider could be told about");
    auto registration = co_await n_.store.find_registration(connection->workspace, connection->registration);
    if (!registration) co_return propagate(registration);
    auto stored = co_await n_.store.fence_rows(connection->workspace, connection->id);
    if (!stored) co_return propagate(stored);
    FenceScriptWanted wanted{connection->name.text(),       registration->cloud, registration->client_id,
                             rows_of(*connection, *stored), connection->scopes,  std::move(outside)};
    co_return scripts->fence_script(std::move(wanted));
}

Task<Result<void>> Fences::ask_provider(core::Connection connection, std::string mailbox, std::string directory_id, std::string request_id) {
    const auto* manifest = n_.catalog.find(connection.connector);
    auto* provider = manifest == nullptr || manifest->adapter.empty() || !n_.mail_provider ? nullptr : n_.mail_provider(manifest->adapter);
    if (provider == nullptr) co_return about(connection, Errc::conflict, "this connector gives tokens only; there is no mailbox behind it");
    auto registration = co_await n_.store.find_registration(connection.workspace, connection.registration);
    if (!registration) co_return propagate(registration);
    auto token = co_await n_.tokens.token_for(connection, shortest_life, request_id);
    if (!token) co_return propagate(token);
    MailAccess access{std::move(connection), registration->cloud, std::move(mailbox), std::move(token->token), std::move(request_id), std::move(directory_id)};
    co_return co_await provider->probe(std::move(access));
}

// Refused everywhere proves nothing: the connection must get into its own mailbox at the same moment.
Task<ProbeReport> Fences::compare(core::Connection connection, std::string outside, std::string request_id) {
    ProbeReport report{outside, ProbeResult::unknown, {}, {}};
    auto asked = co_await ask_provider(connection, outside, {}, request_id);
    if (asked) {
        report.result = ProbeResult::open;
        report.detail = "the provider lets this connection into " + outside + ": the fence stands in Renkei alone";
        co_return report;
    }
    report.problem = std::move(asked.error());
    if (report.problem->code != Errc::provider_refused) {
        report.detail = "the provider neither let the connection in nor refused it";
        co_return report;
    }
    if (connection.mailbox.empty()) {
        report.detail = "the provider refuses " + outside + ", but the connection has no mailbox of its own to compare with";
        co_return report;
    }
    const auto own = connection.mailbox;
    auto verdict = co_await n_.facts.judge(connection, own, core::TouchedAs::mailbox);
    const auto directory_id = verdict && verdict->inside ? verdict->directory_id : std::string();
    auto inside = co_await ask_provider(std::move(connection), own, directory_id, std::move(request_id));
    report.result = inside ? ProbeResult::closed : ProbeResult::unknown;
    report.detail =
        inside ? "the provider refuses " + outside + " and lets the connection into " + own : "the provider refuses " + outside + ", but " + own + " as well";
    co_return report;
}

Task<Result<ProbeReport>> Fences::probe(By by, core::Name name, std::string mailbox) {
    auto connection = co_await allowed(by, name, Action::connections_write, "fence.probe");
    if (!connection) co_return propagate(connection);
    auto outside = core::parse_mailbox(mailbox);
    if (!outside) co_return propagate(outside);
    if (connection->fence.everything) co_return about(*connection, Errc::conflict, "the list allows every mailbox: nothing is outside");
    if (auto usable = check_usable(*connection); !usable) co_return propagate(usable);
    auto verdict = co_await n_.facts.judge(*connection, *outside, core::TouchedAs::mailbox);
    if (!verdict) co_return propagate(verdict);
    if (verdict->inside) co_return bad_field("mailbox", "`mailbox` is inside the fence: name one that the connection must not reach");
    // Written before it is asked: the provider's own log shows the call too.
    const auto target = target_of("connection", name.text());
    UnitOfWork before{AppendAudit{audit_row(by, n_.clock.now(), "fence.probe", target, "about to ask the provider for " + *outside)}};
    if (auto written = co_await n_.store.commit(connection->workspace, std::move(before)); !written) co_return propagate(written);
    auto report = co_await compare(*connection, *outside, by.request_id);
    UnitOfWork after{AppendAudit{audit_row(by, n_.clock.now(), "fence.probed", target, std::string(text_of(report.result)) + ": " + report.detail)}};
    static_cast<void>(co_await n_.store.commit(connection->workspace, std::move(after)));
    co_return report;
}

}  // namespace renkei::app
