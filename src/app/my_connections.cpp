#include "app/my_connections.hpp"

#include "app/account_name.hpp"
#include "app/authenticate.hpp"
#include "core/roles.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

using core::Action;
using core::Principal;

constexpr std::uint32_t page_size = 500;

bool is_owner(const core::Connection& connection, const Principal& person) { return connection.owner && connection.owner->bytes() == person.id; }

// What the rules of the policy would say, mailbox by mailbox left aside: the list answers "who at all".
std::vector<Action> actions_through(const Standing& place, const MyConnection& mine, const std::vector<core::GroupId>& owner_groups, TimePoint now) {
    std::vector<core::Permission> lent;
    for (const auto& one : mine.lent) lent.push_back(one.permission);
    const auto& named = mine.lendable();
    std::vector<Action> allowed;
    for (const auto action : {Action::mail_read, Action::mail_send, Action::tokens_read, Action::native}) {
        if (mine.connection.is_personal() && core::permission_for(lent, *mine.connection.owner, place.caller, action, now) == nullptr) continue;
        if (core::decide(place.caller, action, named, right_in_folder(place, named.folder), owner_groups, {}, now).allowed) allowed.push_back(action);
    }
    return allowed;
}

std::string folder_name(const Standing& place, core::FolderId id) {
    const auto found = std::ranges::find(place.folders, id, &core::Folder::id);
    return found == place.folders.end() ? std::string() : found->name.text();
}

}  // namespace

// The place of every key and member, from one reading of the workspace.
Task<Result<std::vector<Standing>>> MyConnections::everybody(Standing place) {
    std::vector<Standing> all;
    const auto workspace = place.caller.workspace;
    for (PageRequest page{"", page_size};;) {
        auto keys = co_await n_.store.list_keys(workspace, page);
        if (!keys) co_return propagate(keys);
        for (const auto& key : keys->items) {
            if (key.revoked_at || (key.expires_at && *key.expires_at <= n_.clock.now())) continue;
            all.push_back({principal_of(key), {}, {}, place.folders, place.grants, {}});
        }
        if (keys->next.empty()) break;
        page.after = keys->next;
    }
    for (PageRequest page{"", page_size};;) {
        auto members = co_await n_.store.list_members(workspace, std::nullopt, page);
        if (!members) co_return propagate(members);
        for (const auto& member : members->items)
            if (member.membership.active && member.person.id.bytes() != place.caller.id)
                all.push_back({core::principal_of(member.person, member.membership),
                               member.membership.roles,
                               with_groups_above(member.membership.groups, place.tree),
                               place.folders,
                               place.grants,
                               {}});
        if (members->next.empty()) break;
        page.after = members->next;
    }
    co_return all;
}

Task<Result<std::string>> MyConnections::account_of(core::Principal person) {
    auto name = co_await find_account_name(n_.store, person.workspace, core::PersonId(person.id));
    if (name && name->empty()) co_return person.name;
    co_return name;
}

// The person's own, or an offer to them; nothing for what is neither.
Task<Result<std::optional<MyConnection>>> MyConnections::mine_of(core::Connection connection, By by, Standing place) {
    const core::PersonId person(by.principal.id);
    if (connection.token_type == core::TokenType::user_specific) {
        const auto right = right_in_folder(place, connection.folder);
        if (!right || *right < core::FolderRight::use) co_return std::optional<MyConnection>();
        auto own = co_await n_.store.find_connection_of_person(connection.workspace, connection.id, person);
        if (!own && own.error().code != Errc::not_found) co_return propagate(own);
        MyConnection mine;
        mine.connected = own.has_value();
        mine.connection = own ? *std::move(own) : connection;
        mine.above = std::move(connection);
        co_return mine;
    }
    if (!is_owner(connection, by.principal)) co_return std::optional<MyConnection>();
    MyConnection mine;
    if (connection.managed_by) {
        auto above = co_await n_.store.find_connection_by_id(connection.workspace, *connection.managed_by);
        if (!above) co_return propagate(above);
        mine.above = *std::move(above);
    }
    mine.connection = std::move(connection);
    co_return mine;
}

Task<Result<void>> MyConnections::fill(MyConnection& mine, const Standing& place, const std::vector<Standing>& others) {
    const auto& lendable = mine.lendable();
    auto rows = co_await n_.store.permissions_of(lendable.workspace, lendable.id);
    if (!rows) co_return propagate(rows);
    std::erase_if(*rows, [&](const core::Permission& row) { return row.person && row.person->bytes() != place.caller.id; });
    auto lent = co_await n_.permissions.shown(lendable.workspace, *std::move(rows));
    if (!lent) co_return propagate(lent);
    mine.lent = *std::move(lent);
    mine.folder = folder_name(place, lendable.folder);
    if (mine.connected) {
        auto grants = co_await n_.store.grants_of_connection(mine.connection.workspace, mine.connection.id);
        if (!grants) co_return propagate(grants);
        mine.grants = *std::move(grants);
    }
    mine.account = mine.connection.act_as;
    // Nobody has signed in yet: the account name of today counts.
    if (mine.above && mine.grants.empty()) {
        auto account = co_await account_of(place.caller);
        if (!account) co_return propagate(account);
        mine.account = *std::move(account);
    }
    if (!mine.connected) co_return Result<void>{};
    auto groups = co_await n_.access.owner_groups(mine.connection, place.tree);
    if (!groups) co_return propagate(groups);
    for (const auto& other : others) {
        auto actions = actions_through(other, mine, *groups, n_.clock.now());
        if (!actions.empty()) mine.users.push_back({other.caller.kind, other.caller.name, std::move(actions)});
    }
    co_return Result<void>{};
}

Task<Result<std::vector<MyConnection>>> MyConnections::list(By by) {
    auto place = co_await n_.access.standing(by.principal);
    if (!place) co_return propagate(place);
    std::vector<MyConnection> all;
    for (PageRequest page{"", page_size};;) {
        auto found = co_await n_.store.list_connections(by.principal.workspace, page);
        if (!found) co_return propagate(found);
        for (auto& connection : found->items) {
            if (connection.managed_by) continue;  // comes with the one above it
            auto mine = co_await mine_of(std::move(connection), by, *place);
            if (!mine) co_return propagate(mine);
            if (*mine) all.push_back(**std::move(mine));
        }
        if (found->next.empty()) break;
        page.after = found->next;
    }
    if (all.empty()) co_return all;
    auto others = co_await everybody(*place);
    if (!others) co_return propagate(others);
    for (auto& one : all)
        if (auto filled = co_await fill(one, *place, *others); !filled) co_return propagate(filled);
    co_return all;
}

Task<Result<MyConnection>> MyConnections::look(By by, core::Name name) {
    const auto not_mine = [&] { return fail(Errc::not_found, "there is no connection " + name.text() + " of yours"); };
    auto connection = co_await n_.store.find_connection(by.principal.workspace, name);
    if (!connection && connection.error().code == Errc::not_found) co_return not_mine();
    if (!connection) co_return propagate(connection);
    auto place = co_await n_.access.standing(by.principal);
    if (!place) co_return propagate(place);
    auto mine = co_await mine_of(*std::move(connection), by, *place);
    if (!mine) co_return propagate(mine);
    if (!*mine) co_return not_mine();
    auto others = co_await everybody(*place);
    if (!others) co_return propagate(others);
    auto found = **std::move(mine);
    if (auto filled = co_await fill(found, *place, *others); !filled) co_return propagate(filled);
    co_return found;
}

Task<Result<void>> MyConnections::disconnect(By by, core::Name name) {
    auto mine = co_await look(by, name);
    if (!mine) co_return propagate(mine);
    if (!mine->connected) co_return fail(Errc::not_found, "there is no connection " + name.text() + " of yours");
    auto* connection = &mine->connection;
    if (connection->state == core::ConnectionState::revoked) co_return Result<void>{};
    auto grants = co_await n_.store.grants_of_connection(connection->workspace, connection->id);
    if (!grants) co_return propagate(grants);
    const auto now = n_.clock.now();
    UnitOfWork unit;
    for (auto& grant : *grants) {
        const auto generation = grant.generation;
        unit.push_back(DeleteTokens{grant.workspace, grant.id});
        // One generation on: a refresh that is under way cannot write a token back.
        grant.generation = generation + 1;
        grant.refresh_token = grant.previous_refresh_token = {};
        grant.state = core::GrantState::dead;
        grant.updated_at = now;
        unit.push_back(UpdateGrant{std::move(grant), generation});
    }
    const auto version = connection->version;
    connection->state = core::ConnectionState::revoked;
    connection->state_slug.clear();
    connection->state_detail = "disconnected by its owner";
    connection->version = version + 1;
    connection->updated_at = now;
    unit.push_back(UpdateConnection{std::move(*connection), version});
    unit.push_back(AppendAudit{audit_row(by, now, "connection.disconnect", target_of("connection", name.text()), "allowed: by its owner")});
    co_return co_await n_.store.commit(by.principal.workspace, std::move(unit));
}

}  // namespace renkei::app
