#include "tests/support/fake_store_tables.hpp"

#include <algorithm>

namespace renkei::testing {
namespace {

using Tables = FakeStore::Tables;

std::unexpected<Error> missing() { return fail(Errc::not_found, "There is no such row."); }
std::unexpected<Error> moved() { return fail(Errc::conflict, "It was changed meanwhile."); }
std::unexpected<Error> taken() { return fail(Errc::conflict, "The name is taken, or it exists already."); }

template <class TableType, class Key>
Result<void> expect_version(const TableType& table, const Key& key, std::uint64_t expected) {
    const auto* row = table.find(key);
    if (row == nullptr) return missing();
    if (row->version != expected) return moved();
    return {};
}

Result<void> check_place(const Tables& tables, const core::Group& group) {
    for (auto above = group.parent; above;) {
        if (*above == group.id) return fail(Errc::conflict, "The group would stand below itself.");
        const auto* found = tables.groups.find({group.workspace, *above});
        if (found == nullptr) return missing();
        above = found->parent;
    }
    return {};
}

bool name_taken(const Tables& tables, const core::Group& group) {
    return tables.groups.find_where(
               [&](const auto& other) { return other.workspace == group.workspace && other.name == group.name && other.id != group.id; }) != nullptr;
}

}  // namespace

Result<void> Tables::apply(Undo& undo, const app::UpdatePerson& change) {
    if (auto same = expect_version(persons, change.row.id, change.expected_version); !same) return same;
    auto row = change.row;
    row.email = persons.find(row.id)->email;
    row.created_at = persons.find(row.id)->created_at;
    persons.put(undo, row.id, std::move(row));
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::InsertMembership& change) {
    const auto& row = change.row;
    if (persons.find(row.person) == nullptr) return missing();
    if (memberships.find({row.workspace, row.person}) != nullptr) return taken();
    memberships.put(undo, {row.workspace, row.person}, row);
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::UpdateMembership& change) {
    const auto& row = change.row;
    if (auto same = expect_version(memberships, std::pair(row.workspace, row.person), change.expected_version); !same) return same;
    memberships.put(undo, {row.workspace, row.person}, row);
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::DeleteMembership& change) {
    const std::pair key(change.workspace, change.person);
    if (auto same = expect_version(memberships, key, change.expected_version); !same) return same;
    memberships.remove(undo, key);
    folder_grants.remove_where(undo, [&](const auto& row) {
        return row.workspace == change.workspace && row.holder == core::FolderGrant::Holder::person && row.holder_id == change.person.bytes();
    });
    permissions.remove_where(undo, [&](const auto& row) {
        const bool holds = row.holder == core::Principal::Kind::person && row.holder_id == change.person.bytes();
        return row.workspace == change.workspace && (row.person == change.person || holds);
    });
    for (const auto& row : connections.all_where([&](const auto& c) { return c.workspace == change.workspace && c.managed_by && c.owner == change.person; }))
        remove_connection(undo, row.workspace, row.id);
    return apply(undo, app::DeleteSessionsOf{change.workspace, change.person});
}

void Tables::remove_connection(Undo& undo, core::WorkspaceId workspace, core::ConnectionId id) {
    for (const auto& below : connections.all_where([&](const auto& row) { return row.workspace == workspace && row.managed_by == id; }))
        remove_connection(undo, below.workspace, below.id);
    connections.remove(undo, {workspace, id});
    fence_checks.remove(undo, {workspace, id});
    fence_rows.remove_where(undo, [&](const auto& row) { return row.workspace == workspace && row.connection == id; });
    permissions.remove_where(undo, [&](const auto& row) { return row.workspace == workspace && row.connection == id; });
    consents.remove_where(undo, [&](const auto& row) { return row.workspace == workspace && row.connection == id; });
    automation_sessions.remove_where(undo, [&](const auto& row) { return row.workspace == workspace && row.connection == id; });
    for (const auto& grant : grants.all_where([&](const auto& row) { return row.workspace == workspace && row.connection == id; })) {
        intents.remove(undo, {grant.workspace, grant.id});
        for (const auto& token : tokens.all_where([&](const auto& row) { return row.key.workspace == workspace && row.key.grant == grant.id; }))
            tokens.remove(undo, token.key);
        grants.remove(undo, {grant.workspace, grant.id});
    }
}

Result<void> Tables::apply(Undo&, const app::KeepAdministrator& change) {
    const auto* left = memberships.find_where([&](const auto& row) {
        return row.workspace == change.workspace && row.active && std::ranges::find(row.roles, core::Role::administrator) != row.roles.end();
    });
    if (left == nullptr) return fail(Errc::conflict, "The workspace would be left without an administrator.");
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::PutGroup& change) {
    const auto& row = change.row;
    if (auto fits = check_place(*this, row); !fits) return fits;
    if (groups.find({row.workspace, row.id}) != nullptr || name_taken(*this, row)) return taken();
    groups.put(undo, {row.workspace, row.id}, row);
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::UpdateGroup& change) {
    const auto& row = change.row;
    if (auto fits = check_place(*this, row); !fits) return fits;
    if (auto same = expect_version(groups, std::pair(row.workspace, row.id), change.expected_version); !same) return same;
    if (name_taken(*this, row)) return taken();
    groups.put(undo, {row.workspace, row.id}, row);
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::DeleteGroup& change) {
    const auto below = [&](const auto& row) { return row.workspace == change.workspace && row.parent == change.id; };
    if (groups.find_where(below) != nullptr) return fail(Errc::conflict, "Other groups stand below it.");
    const std::pair key(change.workspace, change.id);
    if (auto same = expect_version(groups, key, change.expected_version); !same) return same;
    groups.remove(undo, key);
    const auto inside = [&](const auto& row) { return row.workspace == change.workspace && std::ranges::find(row.groups, change.id) != row.groups.end(); };
    for (auto member : memberships.all_where(inside)) {
        std::erase(member.groups, change.id);
        ++member.version;
        memberships.put(undo, {member.workspace, member.person}, member);
    }
    folder_grants.remove_where(undo, [&](const auto& row) {
        return row.workspace == change.workspace && row.holder == core::FolderGrant::Holder::group && row.holder_id == change.id.bytes();
    });
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::InsertSession& change) {
    const auto& row = change.row;
    if (persons.find(row.person) == nullptr) return missing();
    if (sessions.find({row.workspace, row.id}) != nullptr || sessions.find_where([&](const auto& other) { return other.hash == row.hash; }) != nullptr)
        return taken();
    sessions.put(undo, {row.workspace, row.id}, row);
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::TouchSession& change) {
    const auto* found = sessions.find({change.workspace, change.id});
    if (found == nullptr) return {};
    auto row = *found;
    row.last_seen_at = change.last_seen_at;
    row.idle_until = std::min(change.idle_until, row.ends_at);
    sessions.put(undo, {row.workspace, row.id}, std::move(row));
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::DeleteSession& change) {
    if (sessions.find({change.workspace, change.id}) == nullptr) return missing();
    sessions.remove(undo, {change.workspace, change.id});
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::DeleteSessionsOf& change) {
    sessions.remove_where(undo, [&](const auto& row) {
        return row.person == change.person && (!change.workspace || row.workspace == change.workspace) && row.id != change.except.value_or(core::SessionId{});
    });
    return {};
}

Task<Result<app::Page<app::Member>>> FakeStore::list_members(core::WorkspaceId workspace, std::optional<core::GroupId> group, app::PageRequest page) {
    return look([=](Tables& t) {
        app::Page<app::Member> found;
        const auto wanted = [&](const core::Membership& row) {
            return row.workspace == workspace && (!group || std::ranges::find(row.groups, *group) != row.groups.end());
        };
        for (auto& row : t.memberships.all_where(wanted)) {
            const auto* person = t.persons.find(row.person);
            if (person->email > page.after) found.items.push_back({std::move(row), *person});
        }
        std::ranges::sort(found.items, {}, [](const app::Member& member) { return member.person.email; });
        const std::size_t limit = std::clamp(page.limit, 1u, 500u);
        if (found.items.size() > limit) {
            found.items.resize(limit);
            found.next = found.items.back().person.email;
        }
        return Result<app::Page<app::Member>>(std::move(found));
    });
}

Task<Result<std::vector<core::Membership>>> FakeStore::memberships_of(core::PersonId person) {
    return look(
        [=](Tables& t) { return Result<std::vector<core::Membership>>(t.memberships.all_where([&](const auto& row) { return row.person == person; })); });
}

Task<Result<core::Session>> FakeStore::find_session_by_hash(Digest hash) {
    return look([=](Tables& t) -> Result<core::Session> {
        const auto* row = t.sessions.find_where([&](const auto& session) { return session.hash == hash; });
        if (row == nullptr) return missing();
        return *row;
    });
}

Task<Result<core::Session>> FakeStore::find_session(core::WorkspaceId workspace, core::SessionId id) {
    return look([=](Tables& t) -> Result<core::Session> {
        const auto* row = t.sessions.find({workspace, id});
        if (row == nullptr) return missing();
        return *row;
    });
}

Task<Result<std::vector<core::Session>>> FakeStore::sessions_of(core::WorkspaceId workspace, core::PersonId person) {
    return look([=](Tables& t) {
        auto rows = t.sessions.all_where([&](const auto& row) { return row.workspace == workspace && row.person == person; });
        std::ranges::sort(rows, {}, [](const core::Session& row) { return std::pair(-to_millis(row.created_at), row.id); });
        return Result<std::vector<core::Session>>(std::move(rows));
    });
}

}  // namespace renkei::testing
