#include "adapters/storage/sqlite/read.hpp"
#include "adapters/storage/sqlite/rows.hpp"

namespace renkei::sqlite {
namespace {

#define RENKEI_MEMBER_COLUMNS                                                                                  \
    "m.workspace, m.person, m.roles, m.person_groups, m.active, m.invited_name, m.since, m.version, p.person," \
    " p.email, p.display_name, p.password_hash, p.locale, p.created_at, p.version"

std::string mark_of(const app::Member& member) { return member.person.email; }

}  // namespace

Task<Result<app::Page<app::Member>>> SqliteStore::list_members(core::WorkspaceId workspace, std::optional<core::GroupId> group, app::PageRequest page) {
    return read([workspace, group, page = std::move(page)](Database& db) {
        const auto limit = rows_for(page);
        const auto wanted = group ? group->text() : std::string();
        return page_of(db.all("SELECT " RENKEI_MEMBER_COLUMNS " FROM memberships m JOIN persons p ON p.person=m.person WHERE m.workspace=?1 AND p.email>?2"
                              " AND (?3='' OR instr(m.person_groups, ?3)) ORDER BY p.email LIMIT ?4",
                              read_member, workspace, page.after, wanted, limit + 1),
                       limit, mark_of);
    });
}

Task<Result<std::vector<core::Membership>>> SqliteStore::memberships_of(core::PersonId person) {
    return read([=](Database& db) {
        return db.all("SELECT " RENKEI_MEMBERSHIP_COLUMNS " FROM memberships WHERE person=? ORDER BY workspace", read_membership, person);
    });
}

Task<Result<core::Session>> SqliteStore::find_session_by_hash(Digest hash) {
    return read([=](Database& db) { return db.one("session", "SELECT " RENKEI_SESSION_COLUMNS " FROM sessions WHERE hash=?", read_session, hash); });
}

Task<Result<core::Session>> SqliteStore::find_session(core::WorkspaceId workspace, core::SessionId id) {
    return read([=](Database& db) {
        return db.one("session", "SELECT " RENKEI_SESSION_COLUMNS " FROM sessions WHERE workspace=? AND session=?", read_session, workspace, id);
    });
}

Task<Result<std::vector<core::Session>>> SqliteStore::sessions_of(core::WorkspaceId workspace, core::PersonId person) {
    return read([=](Database& db) {
        return db.all("SELECT " RENKEI_SESSION_COLUMNS " FROM sessions WHERE person=? AND workspace=? ORDER BY created_at DESC, session", read_session, person,
                      workspace);
    });
}

}  // namespace renkei::sqlite
