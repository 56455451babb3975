#include "app/my_connections.hpp"

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
std::vector<Action> actions_through(const Standing& place, const core::Connection& connection, const std::vector<core::GroupId>& owner_groups, TimePoint now) {
    std::vector<Action> allowed;
    for (const auto action : {Action::mail_read, Action::mail_send, Action::tokens_read, Action::native})
        if (core::decide(place.caller, action, connection, right_in_folder(place, connection.folder), owner_groups, {}, now).allowed) allowed.push_back(action);
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
        auto keys = co_await store_.list_keys(workspace, page);
        if (!keys) co_return propagate(keys);
        for (const auto& key : keys->items) {
            if (key.revoked_at || (key.expires_at && *key.expires_at <= clock_.now())) continue;
            all.push_back({principal_of(key), {}, {}, place.folders, place.grants, {}});
        }
        if (keys->next.empty()) break;
        page.after = keys->next;
    }
    for (PageRequest page{"", page_size};;) {
        auto members = co_await store_.list_members(workspace, std::nullopt, page);
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

Task<Result<std::vector<MyConnection>>> MyConnections::list(By by) {
    std::vector<MyConnection> mine;
    for (PageRequest page{"", page_size};;) {
        auto found = co_await store_.list_connections(by.principal.workspace, page);
        if (!found) co_return propagate(found);
        for (auto& connection : found->items)
            if (is_owner(connection, by.principal)) mine.push_back({std::move(connection), {}, {}, {}});
        if (found->next.empty()) break;
        page.after = found->next;
    }
    if (mine.empty()) co_return mine;
    auto place = co_await access_.standing(by.principal);
    if (!place) co_return propagate(place);
    auto others = co_await everybody(*place);
    if (!others) co_return propagate(others);
    for (auto& one : mine) {
        auto groups = co_await access_.owner_groups(one.connection, place->tree);
        if (!groups) co_return propagate(groups);
        auto grants = co_await store_.grants_of_connection(one.connection.workspace, one.connection.id);
        if (!grants) co_return propagate(grants);
        one.grants = std::move(*grants);
        one.folder = folder_name(*place, one.connection.folder);
        for (const auto& other : *others) {
            auto actions = actions_through(other, one.connection, *groups, clock_.now());
            if (!actions.empty()) one.users.push_back({other.caller.kind, other.caller.name, std::move(actions)});
        }
    }
    co_return mine;
}

Task<Result<void>> MyConnections::disconnect(By by, core::Name name) {
    auto connection = co_await store_.find_connection(by.principal.workspace, name);
    if (!connection && connection.error().code != Errc::not_found) co_return propagate(connection);
    if (!connection || !is_owner(*connection, by.principal)) co_return fail(Errc::not_found, "there is no connection " + name.text() + " of yours");
    if (connection->state == core::ConnectionState::revoked) co_return Result<void>{};
    auto grants = co_await store_.grants_of_connection(connection->workspace, connection->id);
    if (!grants) co_return propagate(grants);
    const auto now = clock_.now();
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
    co_return co_await store_.commit(by.principal.workspace, std::move(unit));
}

}  // namespace renkei::app
