#include "app/connections.hpp"

#include "core/policy.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

using core::Action;

std::string name_of(const Standing& place, core::FolderId folder) {
    const auto found = std::ranges::find(place.folders, folder, &core::Folder::id);
    return found == place.folders.end() ? std::string() : found->name.text();
}

// What lies in somebody's private folder is theirs; everything else is the workspace's.
bool is_private_to(const Standing& place, core::FolderId id) {
    const auto found = std::ranges::find(place.folders, id, &core::Folder::id);
    return place.caller.kind == core::Principal::Kind::person && found != place.folders.end() && found->private_to &&
           found->private_to->bytes() == place.caller.id;
}

// Nobody but the persons themselves connects their accounts.
Result<void> refuse_of_persons(const core::Connection& connection) {
    if (connection.token_type == core::TokenType::user_specific)
        return fail(Errc::conflict, "everybody connects their own account: under My connections, " + connection.name.text());
    if (connection.managed_by) return fail(Errc::conflict, "this is a person's own: they connect it themself, under My connections");
    return {};
}

AppendAudit everything_row(const By& by, const core::Connection& connection, TimePoint now) {
    return {audit_row(by, now, "connection.fence.everything", target_of("connection", connection.name.text()), "an administrator lets it reach every mailbox")};
}

}  // namespace

Task<Result<void>> Connections::record_refusal(By by, std::string action, core::Name name, std::string why) {
    UnitOfWork unit;
    unit.push_back(AppendAudit{refusal_row(by, n_.clock.now(), std::move(action), target_of("connection", name.text()), "denied: " + why)});
    co_return co_await n_.store.commit(by.principal.workspace, std::move(unit));
}

Task<Result<core::Connection>> Connections::allowed(By by, core::Name name, Action right, std::string action, std::optional<std::uint64_t> expected) {
    auto granted = co_await n_.access.authorize(by.principal, name, right);
    if (!granted && granted.error().code == Errc::denied)
        if (auto recorded = co_await record_refusal(by, std::move(action), name, granted.error().detail); !recorded) co_return propagate(recorded);
    if (!granted) co_return propagate(granted);
    if (expected && *expected != granted->connection.version)
        co_return fail(Errc::precondition_failed, "the current version is \"" + std::to_string(granted->connection.version) + "\"");
    co_return std::move(granted->connection);
}

Task<Result<ShownConnection>> Connections::with_names(core::Connection connection) {
    auto registration = co_await n_.store.find_registration(connection.workspace, connection.registration);
    if (!registration) co_return propagate(registration);
    auto folders = co_await n_.store.all_folders(connection.workspace);
    if (!folders) co_return propagate(folders);
    const auto folder = std::ranges::find(*folders, connection.folder, &core::Folder::id);
    ShownConnection out{std::move(connection), registration->name.text(), folder == folders->end() ? std::string() : folder->name.text(), {}};
    const auto* manifest = n_.catalog.find(out.connection.connector);
    if (manifest == nullptr || out.connection.mode == core::ConnectionMode::client_credentials) co_return out;
    auto grants = co_await n_.store.grants_of_connection(out.connection.workspace, out.connection.id);
    if (!grants) co_return propagate(grants);
    for (const auto& grant : *grants)
        if (grant.subject_kind != core::SubjectKind::app) out.scopes = scope_standing(out.connection, *manifest, grant);
    co_return out;
}

Task<Result<ShownConnection>> Connections::save(By by, core::Connection changed, std::string action, UnitOfWork further) {
    const auto now = n_.clock.now();
    const auto before = changed.version;
    changed.version = before + 1;
    changed.updated_at = now;
    UnitOfWork unit;
    unit.push_back(UpdateConnection{changed, before});
    for (auto& more : further) unit.push_back(std::move(more));
    unit.push_back(AppendAudit{audit_row(by, now, std::move(action), target_of("connection", changed.name.text()), std::string(by_right))});
    if (auto stored = co_await n_.store.commit(by.principal.workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return co_await with_names(std::move(changed));
}

Task<Result<void>> Connections::allowed_to_open(By by, std::string action, core::Name name, core::Fence fence, Standing place) {
    const bool everything = fence.everything;
    std::string why;
    if (!may_open(by.principal, fence))
        why = "the fence would reach mailboxes beyond the caller's own rights";
    else if (everything && !decides_fences(place))
        why = "only an administrator lets a connection reach every mailbox";
    if (why.empty()) co_return Result<void>{};
    if (auto recorded = co_await record_refusal(by, std::move(action), std::move(name), why); !recorded) co_return propagate(recorded);
    co_return fail(Error{Errc::denied, why, {{"field", "fence"}}});
}

Task<Result<Connections::Opened>> Connections::open_to(By by, core::Connection connection, core::Fence wanted, Standing place) {
    auto fitted = fit_fence(std::move(wanted));
    if (!fitted) co_return propagate(fitted);
    if (auto opens = co_await allowed_to_open(by, "connection.change", connection.name, *fitted, std::move(place)); !opens) co_return propagate(opens);
    Opened opened{*std::move(fitted)};
    if (opened.fence.everything && !connection.fence.everything) opened.further.push_back(everything_row(by, connection, n_.clock.now()));
    // Whatever becomes of this process, the new entries are looked up.
    opened.further.push_back(DueFence{connection.workspace, connection.id, n_.clock.now()});
    co_return opened;
}

Task<void> Connections::look_up(core::Connection connection, std::string request_id) {
    const auto entries = connection.fence.entries().size();
    const bool works = connection.state == core::ConnectionState::active || connection.state == core::ConnectionState::expiring;
    if (n_.fences == nullptr || !works || entries == 0 || entries > FenceFacts::most_asked_now || !n_.fences->has_directory(connection)) co_return;
    static_cast<void>(co_await n_.fences->look_at_all(std::move(connection), std::move(request_id), FenceResolver::For::caller));
}

Result<core::FolderId> Connections::place_of(const Standing& place, const std::optional<core::Name>& folder) const {
    for (const auto& known : place.folders) {
        if (folder ? known.name != *folder : !known.is_default) continue;
        const auto right = right_in_folder(place, known.id);
        if (!right) break;
        if (*right < core::FolderRight::edit) return fail(Error{Errc::denied, "the folder does not give the caller the right to edit", {{"field", "folder"}}});
        return known.id;
    }
    return bad_field("folder", "there is no such folder that this caller may see");
}

Task<Result<core::Connection>> Connections::draft(By by, CreateConnection wanted, Standing place) {
    auto registration = co_await n_.store.find_registration_by_name(by.principal.workspace, wanted.registration);
    if (!registration && registration.error().code == Errc::not_found)
        co_return bad_field("registration", "there is no client registration " + wanted.registration.text());
    if (!registration) co_return propagate(registration);
    if (!wanted.connector.empty() && wanted.connector != registration->connector)
        co_return bad_field("connector", "the client registration is for the connector " + registration->connector);
    const auto* manifest = n_.catalog.find(registration->connector);
    if (manifest == nullptr) co_return bad_field("registration", "its connector is not in the catalogue any more");
    if (std::ranges::find(manifest->modes, core::text_of(wanted.mode)) == manifest->modes.end())
        co_return bad_field("mode", "this connector does not offer this `mode`");
    auto folder = place_of(place, wanted.folder);
    if (!folder) co_return propagate(folder);
    const bool app_only = wanted.mode == core::ConnectionMode::client_credentials;
    auto scopes = fit_scopes(wanted.scopes ? std::move(*wanted.scopes) : app_only ? std::vector<std::string>{} : manifest->default_scopes);
    if (!scopes) co_return propagate(scopes);
    core::Connection row;
    row.workspace = by.principal.workspace;
    row.id = n_.random.make<core::ConnectionId>();
    row.name = wanted.name;
    row.title = std::move(wanted.title);
    row.connector = registration->connector;
    row.registration = registration->id;
    row.mode = wanted.mode;
    row.act_as = std::move(wanted.act_as);
    row.mailbox = std::move(wanted.mailbox);
    row.sources = std::move(wanted.sources);
    row.scopes = std::move(*scopes);
    row.folder = *folder;
    row.token_type = wanted.token_type;
    if (is_private_to(place, *folder)) row.owner = core::PersonId(by.principal.id);
    row.created_at = row.updated_at = n_.clock.now();
    const bool for_each = wanted.token_type == core::TokenType::user_specific;
    auto fits = for_each ? fit_user_specific(*manifest, *registration, row, wanted.fence) : fit_accounts(*manifest, row, wanted.fence);
    if (!fits) co_return propagate(fits);
    co_return row;
}

Task<Result<ShownConnection>> Connections::create(By by, CreateConnection wanted) {
    // Its page would have the address of the form for new ones.
    if (wanted.name.text() == "new") co_return bad_field("name", "`new` stands in an address of Renkei; choose another name, for example new-mail");
    auto place = co_await n_.access.standing(by.principal);
    if (!place) co_return propagate(place);
    const auto registration = wanted.registration.text();
    auto row = co_await draft(by, std::move(wanted), *place);
    if (!row) co_return propagate(row);
    auto groups = co_await n_.access.owner_groups(*row, place->tree);
    if (!groups) co_return propagate(groups);
    auto decision = core::decide(by.principal, Action::connections_write, *row, right_in_folder(*place, row->folder), *groups, {}, n_.clock.now());
    if (decision.allowed)
        if (auto opens = co_await allowed_to_open(by, "connection.create", row->name, row->fence, *place); !opens) co_return propagate(opens);
    if (!decision.allowed) {
        if (auto recorded = co_await record_refusal(by, "connection.create", row->name, decision.reason); !recorded) co_return propagate(recorded);
        co_return fail(Errc::denied, decision.reason);
    }
    UnitOfWork unit;
    unit.push_back(InsertConnection{*row});
    unit.push_back(AppendAudit{audit_row(by, row->created_at, "connection.create", target_of("connection", row->name.text()), decision.reason)});
    if (row->fence.everything) unit.push_back(everything_row(by, *row, row->created_at));
    auto stored = co_await n_.store.commit(by.principal.workspace, std::move(unit));
    if (!stored && stored.error().code == Errc::conflict)
        co_return fail(Error{Errc::conflict, "there is a connection " + row->name.text() + " already", {{"field", "name"}}});
    if (!stored) co_return propagate(stored);
    ShownConnection shown{*row, registration, name_of(*place, row->folder), {}};
    if (row->mode != core::ConnectionMode::client_credentials) co_return shown;
    auto outcome = co_await n_.flow.connect_app_only(by.principal, *row, by.request_id);
    if (!outcome) shown.problem = std::move(outcome.error());
    // Whichever way it went, the flow has written the state: what is shown is what is stored.
    if (auto now = co_await n_.store.find_connection_by_id(by.principal.workspace, row->id); now) shown.connection = std::move(*now);
    co_await look_up(shown.connection, by.request_id);
    co_return shown;
}

Task<Result<ShownConnection>> Connections::show(By by, core::Name name) {
    auto connection = co_await allowed(by, std::move(name), Action::connections_read, "connection.show");
    if (!connection) co_return propagate(connection);
    co_return co_await with_names(std::move(*connection));
}

Task<Result<ShownConnection>> Connections::change(By by, core::Name name, ChangeConnection wanted, std::optional<std::uint64_t> expected) {
    auto row = co_await allowed(by, name, Action::connections_write, "connection.change", expected);
    if (!row) co_return propagate(row);
    auto place = co_await n_.access.standing(by.principal);
    if (!place) co_return propagate(place);
    UnitOfWork further;
    if (wanted.title) row->title = std::move(*wanted.title);
    if (wanted.mailbox && row->token_type == core::TokenType::user_specific)
        co_return bad_field("mailbox", "everybody has a mailbox of their own; shared ones belong into `fence`");
    if (wanted.mailbox) {
        auto spelled = core::parse_mailbox(*wanted.mailbox);
        if (!spelled) co_return propagate(spelled);
        row->mailbox = std::move(*spelled);
        row->sources.clear();
    }
    if (wanted.scopes) {
        auto scopes = fit_scopes(std::move(*wanted.scopes));
        if (!scopes) co_return propagate(scopes);
        row->scopes = std::move(*scopes);
    }
    if (wanted.fence) {
        auto opened = co_await open_to(by, *row, std::move(*wanted.fence), *place);
        if (!opened) co_return propagate(opened);
        row->fence = std::move(opened->fence);
        further = std::move(opened->further);
    }
    if (wanted.folder) {
        auto folder = place_of(*place, wanted.folder);
        if (!folder) co_return propagate(folder);
        row->folder = *folder;
    }
    if (wanted.registration) {
        auto registration = co_await n_.store.find_registration_by_name(by.principal.workspace, *wanted.registration);
        if (!registration || registration->connector != row->connector)
            co_return bad_field("registration", "there is no such client registration for this connector");
        // A grant by a person belongs to the client that obtained it (RFC 6749 section 6).
        if (row->mode != core::ConnectionMode::client_credentials && registration->id != row->registration)
            co_return bad_field("registration", "a connection by sign-in keeps its client registration; make a new connection for another one");
        row->registration = registration->id;
    }
    // The result must lie within the caller's rights too: a connection cannot be moved to where they do not reach.
    if (auto still = co_await n_.access.authorize_loaded(by.principal, *row, Action::connections_write); !still) co_return propagate(still);
    const bool fence_changed = wanted.fence.has_value();
    auto saved = co_await save(by, std::move(*row), "connection.change", std::move(further));
    if (saved && fence_changed) co_await look_up(saved->connection, by.request_id);
    co_return saved;
}

Task<Result<ShownConnection>> Connections::pause(By by, core::Name name, std::optional<std::uint64_t> expected) {
    auto row = co_await allowed(by, std::move(name), Action::connections_write, "connection.pause", expected);
    if (!row) co_return propagate(row);
    if (row->state == core::ConnectionState::paused) co_return co_await with_names(std::move(*row));
    if (row->state == core::ConnectionState::draft || row->state == core::ConnectionState::revoked)
        co_return fail(Errc::conflict, "a connection that is " + std::string(core::text_of(row->state)) + " cannot be paused");
    row->state = core::ConnectionState::paused;
    row->state_slug.clear();
    row->state_detail.clear();
    co_return co_await save(by, std::move(*row), "connection.pause");
}

Task<Result<ShownConnection>> Connections::resume(By by, core::Name name, std::optional<std::uint64_t> expected) {
    auto row = co_await allowed(by, std::move(name), Action::connections_write, "connection.resume", expected);
    if (!row) co_return propagate(row);
    if (row->state != core::ConnectionState::paused) co_return fail(Errc::conflict, "the connection is not paused");
    auto grants = co_await n_.store.grants_of_connection(row->workspace, row->id);
    if (!grants) co_return propagate(grants);
    // What the grant went through meanwhile decides what it comes back to.
    const auto dead = [](const core::Grant& grant) { return grant.state == core::GrantState::lost || grant.state == core::GrantState::dead; };
    if (row->token_type == core::TokenType::user_specific)
        row->state = core::ConnectionState::active;
    else if (grants->empty())
        row->state = core::ConnectionState::draft;
    else
        row->state = std::ranges::any_of(*grants, dead) ? core::ConnectionState::needs_user : core::ConnectionState::active;
    co_return co_await save(by, std::move(*row), "connection.resume");
}

Task<Result<ShownConnection>> Connections::connect(By by, core::Name name) {
    auto row = co_await allowed(by, std::move(name), Action::connections_write, "connection.connect");
    if (!row) co_return propagate(row);
    if (row->mode != core::ConnectionMode::client_credentials) co_return fail(Errc::conflict, "this connection is made by a person's sign-in: ask for a link");
    if (row->state == core::ConnectionState::paused) co_return fail(Errc::connection_paused, "the connection is paused");
    auto outcome = co_await n_.flow.connect_app_only(by.principal, *row, by.request_id);
    if (!outcome) co_return propagate(outcome);
    auto now = co_await n_.store.find_connection_by_id(row->workspace, row->id);
    if (!now) co_return propagate(now);
    co_return co_await with_names(std::move(*now));
}

Task<Result<ConnectLink>> Connections::link(By by, core::Name name, bool other_account) {
    auto row = co_await allowed(by, std::move(name), Action::connections_write, "connection.link");
    if (!row) co_return propagate(row);
    if (auto shared = refuse_of_persons(*row); !shared) co_return propagate(shared);
    if (row->mode == core::ConnectionMode::client_credentials)
        co_return fail(Errc::conflict, "this connection uses the application's own credentials: nobody has to sign in");
    if (row->state == core::ConnectionState::paused) co_return fail(Errc::connection_paused, "the connection is paused");
    co_return co_await n_.flow.create_link(by.principal, std::move(*row), other_account);
}

Task<Result<StartedDevice>> Connections::device(By by, core::Name name) {
    auto row = co_await allowed(by, std::move(name), Action::connections_write, "connection.link");
    if (!row) co_return propagate(row);
    if (row->mode != core::ConnectionMode::device_code) co_return fail(Errc::conflict, "this connection is not made with a code: its mode is another one");
    if (row->state == core::ConnectionState::paused) co_return fail(Errc::connection_paused, "the connection is paused");
    co_return co_await n_.devices.start(by.principal, std::move(*row), by.request_id);
}

Task<Result<void>> Connections::remove(By by, core::Name name, std::optional<std::uint64_t> expected) {
    auto row = co_await allowed(by, std::move(name), Action::connections_write, "connection.remove", expected);
    if (!row) co_return propagate(row);
    UnitOfWork unit;
    unit.push_back(DeleteConnection{row->workspace, row->id});
    unit.push_back(AppendAudit{audit_row(by, n_.clock.now(), "connection.remove", target_of("connection", row->name.text()), std::string(by_right))});
    co_return co_await n_.store.commit(row->workspace, std::move(unit));
}

}  // namespace renkei::app
