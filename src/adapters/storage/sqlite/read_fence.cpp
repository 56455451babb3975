#include "adapters/storage/sqlite/codec.hpp"
#include "adapters/storage/sqlite/read.hpp"

#include <algorithm>

namespace renkei::sqlite {
namespace {

// A word that cannot be read back (a damaged file) becomes the one that lets nothing through.
core::FenceState state_of(std::string_view word) { return core::parse_fence_state(word).value_or(core::FenceState::missing); }
core::FenceTrouble trouble_of(std::string_view word) { return core::parse_fence_trouble(word).value_or(core::FenceTrouble::unreachable); }
core::FenceEntry entry_of(Use& row, int kind, int written) {
    return {core::parse_fence_kind(row.view(kind)).value_or(core::FenceKind::calendar), row.text(written)};
}

core::FenceHit read_hit(Use& row) {
    return {entry_of(row, 0, 1), state_of(row.view(2)), trouble_of(row.view(3)), row.text(4), decode_texts(row.view(5)), row.time(6), row.time(7)};
}

core::FenceRow read_row(Use& row) {
    core::FenceRow out;
    out.workspace = row.id<core::WorkspaceId>(0);
    out.connection = row.id<core::ConnectionId>(1);
    out.entry = entry_of(row, 2, 3);
    out.state = state_of(row.view(4));
    out.trouble = trouble_of(row.view(5));
    out.directory_id = row.text(6);
    out.found_id = row.text(7);
    out.address = row.text(8);
    out.members = static_cast<std::uint32_t>(row.number(9));
    out.checked_at = row.time(10);
    out.resolved_at = row.time(11);
    return out;
}

Result<std::optional<app::FenceCheck>> read_check(Database& db, core::WorkspaceId workspace, core::ConnectionId connection) {
    auto found = db.one(
        "check", "SELECT checked_at, due_at FROM fence_checks WHERE workspace=? AND connection=?",
        [](Use& row) { return app::FenceCheck{row.maybe_time(0), row.time(1)}; }, workspace, connection);
    if (found) return std::optional(*found);
    if (found.error().code == Errc::not_found) return std::optional<app::FenceCheck>();
    return propagate(found);
}

Result<std::vector<core::FenceRow>> read_rows(Database& db, core::WorkspaceId workspace, core::ConnectionId connection) {
    auto rows = db.all(
        "SELECT workspace, connection, kind, written, state, trouble, directory_id, found_id, address, members, checked_at, resolved_at FROM fence_directory"
        " WHERE workspace=? AND connection=? ORDER BY kind, written",
        read_row, workspace, connection);
    if (!rows) return rows;
    const auto read_name = [](Use& row) { return std::pair(entry_of(row, 0, 1), core::FenceName{row.text(3), row.text(2)}); };
    auto names =
        db.all("SELECT kind, written, directory_id, name FROM fence_names WHERE workspace=? AND connection=? AND kind<>'group' ORDER BY kind, written, name",
               read_name, workspace, connection);
    if (!names) return propagate(names);
    // Both are in the same order.
    auto at = rows->begin();
    for (auto& [entry, name] : *names) {
        while (at != rows->end() && at->entry != entry) ++at;
        if (at == rows->end()) break;
        at->names.push_back(std::move(name));
    }
    return rows;
}

}  // namespace

Task<Result<app::FenceLookup>> SqliteStore::find_in_fence(core::WorkspaceId workspace, core::ConnectionId connection, std::string who) {
    return read([workspace, connection, who = std::move(who)](Database& db) -> Result<app::FenceLookup> {
        const Snapshot snapshot(db);
        auto hits = db.all(
            "SELECT e.kind, e.written, e.state, e.trouble, n.directory_id, (SELECT json_group_array(m.name) FROM fence_names m WHERE m.workspace=n.workspace "
            "AND"
            " m.connection=n.connection AND m.kind=n.kind AND m.written=n.written AND m.directory_id=n.directory_id), e.checked_at, e.resolved_at"
            " FROM fence_names n JOIN fence_directory e ON e.workspace=n.workspace AND e.connection=n.connection AND e.kind=n.kind AND e.written=n.written"
            " WHERE n.workspace=? AND n.connection=? AND n.name=? ORDER BY e.kind, e.written",
            read_hit, workspace, connection, who);
        if (!hits) return propagate(hits);
        auto check = read_check(db, workspace, connection);
        if (!check) return propagate(check);
        return app::FenceLookup{*std::move(hits), *check};
    });
}

Task<Result<std::vector<core::FenceRow>>> SqliteStore::fence_rows(core::WorkspaceId workspace, core::ConnectionId connection) {
    return read([=](Database& db) {
        const Snapshot snapshot(db);
        return read_rows(db, workspace, connection);
    });
}

Task<Result<std::optional<app::FenceCheck>>> SqliteStore::fence_check(core::WorkspaceId workspace, core::ConnectionId connection) {
    return read([=](Database& db) { return read_check(db, workspace, connection); });
}

Task<Result<std::vector<app::DueConnection>>> SqliteStore::fences_due(TimePoint now, std::uint32_t limit) {
    return read([=](Database& db) {
        return db.all(
            "SELECT c.workspace, c.connection FROM connections c LEFT JOIN fence_checks f ON f.workspace=c.workspace AND f.connection=c.connection"
            " WHERE c.state IN ('active', 'expiring', 'degraded') AND c.token_type='shared' AND c.fence_everything=0 AND c.fence_mailboxes<>'[]' AND (f.due_at "
            "IS NULL OR f.due_at<=?)"
            " ORDER BY coalesce(f.due_at, 0), c.workspace, c.connection LIMIT ?",
            [](Use& row) { return app::DueConnection{row.id<core::WorkspaceId>(0), row.id<core::ConnectionId>(1)}; }, now, limit);
    });
}

}  // namespace renkei::sqlite
