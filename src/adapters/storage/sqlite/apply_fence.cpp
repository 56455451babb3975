#include "adapters/storage/sqlite/apply.hpp"

namespace renkei::sqlite {
namespace {

Result<void> expect_connection(Database& db, core::WorkspaceId workspace, core::ConnectionId connection) {
    auto found = db.one("connection", "SELECT 1 FROM connections WHERE workspace=? AND connection=?", [](Use&) { return true; }, workspace, connection);
    if (!found) return propagate(found);
    return {};
}

}  // namespace

Result<void> apply(Database& db, const app::PutFenceEntry& change) {
    const auto& row = change.row;
    if (auto there = expect_connection(db, row.workspace, row.connection); !there) return there;
    const auto kind = core::text_of(row.entry.kind);
    auto before = db.one(
        "entry", "SELECT directory_id FROM fence_directory WHERE workspace=? AND connection=? AND kind=? AND written=?", [](Use& use) { return use.text(0); },
        row.workspace, row.connection, kind, row.entry.written);
    if (!before && before.error().code != Errc::not_found) return propagate(before);
    if ((before ? *before : std::string()) != change.expected_id) return fail(Errc::conflict, "The entry was resolved meanwhile.");
    auto put = db.change(
        "INSERT INTO fence_directory(workspace, connection, kind, written, state, trouble, directory_id, found_id, address, members, checked_at, resolved_at)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(workspace, connection, kind, written) DO UPDATE SET state=excluded.state, trouble=excluded.trouble,"
        " directory_id=excluded.directory_id, found_id=excluded.found_id, address=excluded.address, members=excluded.members, checked_at=excluded.checked_at,"
        " resolved_at=excluded.resolved_at",
        row.workspace, row.connection, kind, row.entry.written, core::text_of(row.state), core::text_of(row.trouble), row.directory_id, row.found_id,
        row.address, row.members, row.checked_at, row.resolved_at);
    if (!put) return propagate(put);
    if (change.keep_names) return {};
    auto cleared = db.change("DELETE FROM fence_names WHERE workspace=? AND connection=? AND kind=? AND written=?", row.workspace, row.connection, kind,
                             row.entry.written);
    if (!cleared) return propagate(cleared);
    for (const auto& name : row.names) {
        auto named = db.change("INSERT OR IGNORE INTO fence_names(workspace, connection, kind, written, directory_id, name) VALUES(?,?,?,?,?,?)", row.workspace,
                               row.connection, kind, row.entry.written, name.directory_id, name.name);
        if (!named) return propagate(named);
    }
    return {};
}

// Its names go with it (ON DELETE CASCADE).
Result<void> apply(Database& db, const app::DropFenceEntry& change) {
    return done(db.change("DELETE FROM fence_directory WHERE workspace=? AND connection=? AND kind=? AND written=?", change.workspace, change.connection,
                          core::text_of(change.entry.kind), change.entry.written));
}

Result<void> apply(Database& db, const app::PutFenceCheck& change) {
    if (auto there = expect_connection(db, change.workspace, change.connection); !there) return there;
    auto put = db.change(
        "INSERT INTO fence_checks(workspace, connection, checked_at, due_at) SELECT ?1,?2,?4,?5 WHERE ?3 IS NULL OR EXISTS(SELECT 1 FROM fence_checks WHERE"
        " workspace=?1 AND connection=?2) ON CONFLICT(workspace, connection) DO UPDATE SET checked_at=excluded.checked_at, due_at=excluded.due_at"
        " WHERE fence_checks.checked_at IS ?3",
        change.workspace, change.connection, change.checked_before, change.checked_at, change.due_at);
    if (!put) return propagate(put);
    if (*put == 0) return fail(Errc::conflict, "The fence was compared with the directory meanwhile.");
    return {};
}

Result<void> apply(Database& db, const app::DueFence& change) {
    if (auto there = expect_connection(db, change.workspace, change.connection); !there) return there;
    return done(db.change(
        "INSERT INTO fence_checks(workspace, connection, due_at) VALUES(?,?,?) ON CONFLICT(workspace, connection) DO UPDATE SET due_at=excluded.due_at",
        change.workspace, change.connection, change.due_at));
}

}  // namespace renkei::sqlite
