#include "adapters/storage/sqlite/apply.hpp"
#include "adapters/storage/sqlite/codec.hpp"
#include "adapters/storage/sqlite/rows.hpp"

#include <algorithm>

namespace renkei::sqlite {
namespace {

std::unexpected<Error> no_parent() { return fail(Errc::not_found, "There is no such parent group."); }

Result<std::optional<core::GroupId>> parent_of(Database& db, core::WorkspaceId workspace, core::GroupId group) {
    return db.one(
        "group", "SELECT parent FROM person_groups WHERE workspace=? AND person_group=?", [](Use& row) { return row.maybe_id<core::GroupId>(0); }, workspace,
        group);
}

// This transaction is the only one that writes: two moves at the same moment cannot make a circle together.
Result<void> check_place(Database& db, const core::Group& group) {
    for (auto above = group.parent; above;) {
        if (*above == group.id) return fail(Errc::conflict, "The group would stand below itself.");
        auto next = parent_of(db, group.workspace, *above);
        if (!next && next.error().code == Errc::not_found) return no_parent();
        if (!next) return propagate(next);
        above = *next;
    }
    return {};
}

Result<void> leave_group(Database& db, core::WorkspaceId workspace, core::GroupId group) {
    auto members = db.all("SELECT " RENKEI_MEMBERSHIP_COLUMNS " FROM memberships WHERE workspace=? AND instr(person_groups, ?)", read_membership, workspace,
                          std::string_view(group.text()));
    if (!members) return propagate(members);
    for (auto& member : *members) {
        std::erase(member.groups, group);
        auto left = db.change("UPDATE memberships SET person_groups=?, version=version+1 WHERE workspace=? AND person=?", encode(member.groups), workspace,
                              member.person);
        if (!left) return propagate(left);
    }
    return {};
}

Result<void> drop_folder_grants(Database& db, core::WorkspaceId workspace, core::FolderGrant::Holder holder, const IdBytes& id) {
    return done(db.change("DELETE FROM folder_grants WHERE workspace=? AND holder=? AND holder_id=?", workspace, static_cast<int>(holder), id));
}

// What they lent, what was lent to them, and their own connections below user-specific ones.
Result<void> drop_lent(Database& db, core::WorkspaceId workspace, core::PersonId person) {
    auto permissions = db.change("DELETE FROM permissions WHERE workspace=?1 AND (person=?2 OR (holder=?3 AND holder_id=?2))", workspace, person,
                                 static_cast<int>(core::Principal::Kind::person));
    if (!permissions) return propagate(permissions);
    return done(db.change("DELETE FROM connections WHERE workspace=? AND owner=? AND managed_by IS NOT NULL", workspace, person));
}

}  // namespace

Result<void> apply(Database& db, const app::UpdatePerson& change) {
    const auto& row = change.row;
    auto changed = db.change("UPDATE persons SET display_name=?, password_hash=?, locale=?, version=? WHERE person=? AND version=?", row.display_name,
                             row.password_hash, row.locale, row.version, row.id, change.expected_version);
    return expect_one(db, std::move(changed), "person", "SELECT 1 FROM persons WHERE person=?", row.id);
}

Result<void> apply(Database& db, const app::PutMembership& change) {
    const auto& row = change.row;
    return done(db.change("INSERT INTO memberships(" RENKEI_MEMBERSHIP_COLUMNS ") VALUES(?,?,?,?,?,?,?,?) ON CONFLICT(workspace, person) DO UPDATE"
                          " SET roles=excluded.roles, person_groups=excluded.person_groups, active=excluded.active, invited_name=excluded.invited_name,"
                          " since=excluded.since, version=excluded.version",
                          row.workspace, row.person, encode(row.roles), encode(row.groups), row.active, row.invited_name, row.since, row.version));
}

Result<void> apply(Database& db, const app::InsertMembership& change) {
    const auto& row = change.row;
    return done(db.change("INSERT INTO memberships(" RENKEI_MEMBERSHIP_COLUMNS ") VALUES(?,?,?,?,?,?,?,?)", row.workspace, row.person, encode(row.roles),
                          encode(row.groups), row.active, row.invited_name, row.since, row.version));
}

Result<void> apply(Database& db, const app::UpdateMembership& change) {
    const auto& row = change.row;
    auto changed = db.change(
        "UPDATE memberships SET roles=?, person_groups=?, active=?, invited_name=?, since=?, version=? WHERE workspace=? AND person=? AND version=?",
        encode(row.roles), encode(row.groups), row.active, row.invited_name, row.since, row.version, row.workspace, row.person, change.expected_version);
    return expect_one(db, std::move(changed), "member", "SELECT 1 FROM memberships WHERE workspace=? AND person=?", row.workspace, row.person);
}

Result<void> apply(Database& db, const app::DeleteMembership& change) {
    auto changed = db.change("DELETE FROM memberships WHERE workspace=? AND person=? AND version=?", change.workspace, change.person, change.expected_version);
    auto one = expect_one(db, std::move(changed), "member", "SELECT 1 FROM memberships WHERE workspace=? AND person=?", change.workspace, change.person);
    if (!one) return one;
    if (auto dropped = drop_folder_grants(db, change.workspace, core::FolderGrant::Holder::person, change.person.bytes()); !dropped) return dropped;
    if (auto lent = drop_lent(db, change.workspace, change.person); !lent) return lent;
    return apply(db, app::DeleteSessionsOf{change.workspace, change.person});
}

Result<void> apply(Database& db, const app::KeepAdministrator& change) {
    auto found = db.one(
        "administrator", "SELECT 1 FROM memberships WHERE workspace=? AND active=1 AND instr(roles, '\"administrator\"') LIMIT 1", [](Use&) { return true; },
        change.workspace);
    if (!found && found.error().code == Errc::not_found) return fail(Errc::conflict, "The workspace would be left without an administrator.");
    if (!found) return propagate(found);
    return {};
}

Result<void> apply(Database& db, const app::PutGroup& change) {
    const auto& row = change.row;
    if (auto fits = check_place(db, row); !fits) return fits;
    return done(db.change("INSERT INTO person_groups(" RENKEI_GROUP_COLUMNS ") VALUES(?,?,?,?,?,?)", row.workspace, row.id, row.name, row.title, row.parent,
                          row.version));
}

Result<void> apply(Database& db, const app::UpdateGroup& change) {
    const auto& row = change.row;
    if (auto fits = check_place(db, row); !fits) return fits;
    auto changed = db.change("UPDATE person_groups SET name=?, title=?, parent=?, version=? WHERE workspace=? AND person_group=? AND version=?", row.name,
                             row.title, row.parent, row.version, row.workspace, row.id, change.expected_version);
    return expect_one(db, std::move(changed), "group", "SELECT 1 FROM person_groups WHERE workspace=? AND person_group=?", row.workspace, row.id);
}

Result<void> apply(Database& db, const app::DeleteGroup& change) {
    auto below = db.one("group", "SELECT 1 FROM person_groups WHERE workspace=? AND parent=? LIMIT 1", [](Use&) { return true; }, change.workspace, change.id);
    if (below) return fail(Errc::conflict, "Other groups stand below it.");
    if (below.error().code != Errc::not_found) return propagate(below);
    auto changed =
        db.change("DELETE FROM person_groups WHERE workspace=? AND person_group=? AND version=?", change.workspace, change.id, change.expected_version);
    auto one = expect_one(db, std::move(changed), "group", "SELECT 1 FROM person_groups WHERE workspace=? AND person_group=?", change.workspace, change.id);
    if (!one) return one;
    if (auto left = leave_group(db, change.workspace, change.id); !left) return left;
    return drop_folder_grants(db, change.workspace, core::FolderGrant::Holder::group, change.id.bytes());
}

Result<void> apply(Database& db, const app::InsertSession& change) {
    const auto& row = change.row;
    return done(db.change("INSERT INTO sessions(" RENKEI_SESSION_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?)", row.workspace, row.id, row.person, row.hash,
                          row.address, row.agent, row.created_at, row.last_seen_at, row.idle_until, row.ends_at));
}

Result<void> apply(Database& db, const app::TouchSession& change) {
    return done(db.change("UPDATE sessions SET last_seen_at=?, idle_until=min(?, ends_at) WHERE workspace=? AND session=?", change.last_seen_at,
                          change.idle_until, change.workspace, change.id));
}

Result<void> apply(Database& db, const app::DeleteSession& change) {
    auto changed = db.change("DELETE FROM sessions WHERE workspace=? AND session=?", change.workspace, change.id);
    if (!changed) return propagate(changed);
    if (*changed == 0) return fail(Errc::not_found, "There is no such session.");
    return {};
}

Result<void> apply(Database& db, const app::DeleteSessionsOf& change) {
    const auto except = change.except.value_or(core::SessionId{});
    if (!change.workspace) return done(db.change("DELETE FROM sessions WHERE person=? AND session<>?", change.person, except));
    return done(db.change("DELETE FROM sessions WHERE person=? AND workspace=? AND session<>?", change.person, change.workspace, except));
}

}  // namespace renkei::sqlite
