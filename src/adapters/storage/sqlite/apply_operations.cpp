#include "adapters/storage/sqlite/apply.hpp"
#include "adapters/storage/sqlite/rows.hpp"

namespace renkei::sqlite {

Result<void> apply(Database& db, const app::InsertOperation& change) {
    const auto& row = change.row;
    return done(db.change("INSERT INTO operations(" RENKEI_OPERATION_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)", row.workspace, row.id, row.kind,
                          row.request, core::text_of(row.state), row.done, row.total, row.cancel_requested, row.principal_name, row.failure_slug,
                          row.created_at, row.updated_at, row.expires_at, row.version));
}

Result<void> apply(Database& db, const app::UpdateOperation& change) {
    const auto& row = change.row;
    auto changed = db.change(
        "UPDATE operations SET kind=?, request=?, state=?, done=?, total=?, cancel_requested=?, failure_slug=?, updated_at=?, expires_at=?, version=?"
        " WHERE workspace=? AND operation=? AND version=?",
        row.kind, row.request, core::text_of(row.state), row.done, row.total, row.cancel_requested, row.failure_slug, row.updated_at, row.expires_at,
        row.version, row.workspace, row.id, change.expected_version);
    return expect_one(db, std::move(changed), "operation", "SELECT 1 FROM operations WHERE workspace=? AND operation=?", row.workspace, row.id);
}

Result<void> apply(Database& db, const app::PutOperationItem& change) {
    return done(db.change("INSERT INTO operation_items(workspace, operation, " RENKEI_ITEM_COLUMNS
                          ") VALUES(?,?,?,?,?,?,?) ON CONFLICT(workspace, operation, item)"
                          " DO UPDATE SET target=excluded.target, ok=excluded.ok, slug=excluded.slug, detail=excluded.detail",
                          change.workspace, change.operation, change.item.index, change.item.target, change.item.ok, change.item.slug, change.item.detail));
}

Result<void> apply(Database& db, const app::InsertOneTime& change) {
    return done(db.change("INSERT INTO one_time(workspace, purpose, hash, data, secret, expires_at, used) VALUES(?,?,?,?,?,?,0)", change.workspace,
                          change.purpose, change.hash, change.data, change.secret, change.expires_at));
}

// One statement looks and marks: of two callers with the same text, one gets it. What it protected is wiped with it.
Result<void> apply(Database& db, const app::UseOneTime& change) {
    auto used = db.change("UPDATE one_time SET used=1, secret=x'' WHERE workspace=? AND purpose=? AND hash=? AND used=0 AND expires_at>?", change.workspace,
                          change.purpose, change.hash, change.now);
    if (!used) return propagate(used);
    if (*used == 0) return fail(Errc::not_found, "It was used, has expired, or never was.");
    return {};
}

Result<void> apply(Database& db, const app::PutIdempotency& change) {
    constexpr std::string_view insert = "INSERT INTO idempotency(workspace, scope, body_hash, answer, expires_at) VALUES(?,?,?,?,?)";
    constexpr std::string_view put =
        "INSERT INTO idempotency(workspace, scope, body_hash, answer, expires_at) VALUES(?,?,?,?,?) ON CONFLICT(workspace, scope) DO UPDATE"
        " SET body_hash=excluded.body_hash, answer=excluded.answer, expires_at=excluded.expires_at";
    return done(db.change(change.insert ? insert : put, change.workspace, change.scope, change.body_hash, change.answer, change.expires_at));
}

Result<void> apply(Database& db, const app::DeleteIdempotency& change) {
    return done(db.change("DELETE FROM idempotency WHERE workspace=? AND scope=?", change.workspace, change.scope));
}

Result<void> apply_unit(Database& db, const app::UnitOfWork& unit) {
    for (const auto& change : unit)
        if (auto applied = std::visit([&](const auto& made) { return apply(db, made); }, change); !applied) return applied;
    return {};
}

Result<app::Lease> claim_lease(Database& db, core::WorkspaceId workspace, const std::string& name, const std::string& owner, TimePoint now, TimePoint until) {
    // The row stays when a claim ends: its fence must grow for ever.
    auto fence = db.one(
        "lease",
        "INSERT INTO leases(workspace, name, owner, fence, until) VALUES(?1,?2,?3,1,?4) ON CONFLICT(workspace, name) DO UPDATE"
        " SET owner=excluded.owner, fence=fence+1, until=excluded.until WHERE leases.owner=?3 OR leases.owner='' OR leases.until<=?5 RETURNING fence",
        [](Use& row) { return static_cast<std::uint64_t>(row.number(0)); }, workspace, name, owner, until, now);
    if (!fence && fence.error().code == Errc::not_found) return fail(Errc::conflict, "Another owner holds the claim.");
    if (!fence) return propagate(fence);
    return app::Lease{name, owner, *fence, until};
}

Result<void> release_lease(Database& db, core::WorkspaceId workspace, const app::Lease& lease) {
    auto released =
        db.change("UPDATE leases SET owner='', until=0 WHERE workspace=? AND name=? AND owner=? AND fence=?", workspace, lease.name, lease.owner, lease.fence);
    return expect_one(db, std::move(released), "lease", "SELECT 1 FROM leases WHERE workspace=? AND name=?", workspace, lease.name);
}

Result<std::uint64_t> sweep_some(Database& db, TimePoint now, std::uint32_t limit) {
    constexpr std::string_view sweeps[] = {
        "DELETE FROM one_time WHERE rowid IN (SELECT rowid FROM one_time WHERE expires_at<=? LIMIT ?)",
        "DELETE FROM idempotency WHERE rowid IN (SELECT rowid FROM idempotency WHERE expires_at<=? LIMIT ?)",
        "DELETE FROM sessions WHERE rowid IN (SELECT rowid FROM sessions WHERE idle_until<=? LIMIT ?)",
        "DELETE FROM operations WHERE rowid IN (SELECT rowid FROM operations WHERE expires_at<=? AND state NOT IN ('queued','running') LIMIT ?)",
    };
    // A decided request is worth reading for a while; nobody decides an old one any more.
    constexpr auto kept = std::chrono::days(30);
    auto old = db.change("DELETE FROM consent_requests WHERE rowid IN (SELECT rowid FROM consent_requests WHERE expires_at<=? LIMIT ?)", now - kept, limit);
    if (!old) return propagate(old);
    // Runs go a week after their end, with their sessions: lists show what went on, the audit keeps it.
    auto runs =
        db.change("DELETE FROM runs WHERE rowid IN (SELECT rowid FROM runs WHERE coalesce(ended_at, ends_at)<=? LIMIT ?)", now - std::chrono::days(7), limit);
    if (!runs) return propagate(runs);
    auto total = static_cast<std::uint64_t>(*old) + static_cast<std::uint64_t>(*runs);
    for (const auto sql : sweeps) {
        auto swept = db.change(sql, now, limit);
        if (!swept) return propagate(swept);
        total += static_cast<std::uint64_t>(*swept);
    }
    return total;
}

}  // namespace renkei::sqlite
