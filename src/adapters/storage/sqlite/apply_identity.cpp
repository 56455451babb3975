#include "adapters/storage/sqlite/apply.hpp"
#include "adapters/storage/sqlite/codec.hpp"
#include "adapters/storage/sqlite/rows.hpp"

namespace renkei::sqlite {

Result<void> apply(Database& db, const app::PutWorkspace& change) {
    const auto& row = change.row;
    return done(db.change("INSERT INTO workspaces(" RENKEI_WORKSPACE_COLUMNS ") VALUES(?,?,?,?)", row.id, row.name, row.title, row.created_at));
}

Result<void> apply(Database& db, const app::PutPerson& change) {
    const auto& row = change.row;
    return done(db.change("INSERT INTO persons(" RENKEI_PERSON_COLUMNS ") VALUES(?,?,?,?,?,?,?)", row.id, row.email, row.display_name, row.password_hash,
                          row.locale, row.created_at, row.version));
}

Result<void> apply(Database& db, const app::PutFolder& change) {
    const auto& row = change.row;
    return done(db.change("INSERT INTO folders(" RENKEI_FOLDER_COLUMNS ") VALUES(?,?,?,?,?,?)", row.workspace, row.id, row.name, row.title, row.private_to,
                          row.is_default));
}

Result<void> apply(Database& db, const app::PutFolderGrant& change) {
    const auto& row = change.row;
    return done(db.change("INSERT INTO folder_grants(" RENKEI_FOLDER_GRANT_COLUMNS ") VALUES(?,?,?,?,?)"
                          " ON CONFLICT(workspace, folder, holder, holder_id) DO UPDATE SET folder_right=excluded.folder_right",
                          row.workspace, row.folder, static_cast<int>(row.holder), row.holder_id, static_cast<int>(row.right)));
}

Result<void> apply(Database& db, const app::DeleteFolderGrant& change) {
    auto changed = db.change("DELETE FROM folder_grants WHERE workspace=? AND folder=? AND holder=? AND holder_id=?", change.workspace, change.folder,
                             static_cast<int>(change.holder), change.holder_id);
    if (!changed) return propagate(changed);
    if (*changed == 0) return fail(Errc::not_found, "There is no such right in the folder.");
    return {};
}

Result<void> apply(Database& db, const app::InsertKey& change) {
    const auto& row = change.row;
    return done(db.change("INSERT INTO api_keys(" RENKEI_KEY_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?)", row.workspace, row.id, row.name, row.hash,
                          encode(row.rights), encode(row.allowed_ranges), row.created_by, row.created_at, row.expires_at, row.revoked_at, row.version));
}

Result<void> apply(Database& db, const app::UpdateKey& change) {
    const auto& row = change.row;
    auto changed = db.change(
        "UPDATE api_keys SET name=?, hash=?, rights=?, allowed_ranges=?, created_by=?, expires_at=?, revoked_at=?, version=?"
        " WHERE workspace=? AND api_key=? AND version=?",
        row.name, row.hash, encode(row.rights), encode(row.allowed_ranges), row.created_by, row.expires_at, row.revoked_at, row.version, row.workspace, row.id,
        change.expected_version);
    auto one = expect_one(db, std::move(changed), "key", "SELECT 1 FROM api_keys WHERE workspace=? AND api_key=?", row.workspace, row.id);
    if (!one || !row.revoked_at) return one;
    auto sessions = db.change("UPDATE automation_sessions SET ended_at=?, ended_because='key' WHERE workspace=? AND api_key=? AND ended_at IS NULL",
                              row.revoked_at, row.workspace, row.id);
    if (!sessions) return propagate(sessions);
    return done(db.change("UPDATE runs SET ended_at=? WHERE workspace=? AND api_key=? AND ended_at IS NULL", row.revoked_at, row.workspace, row.id));
}

Result<void> apply(Database& db, const app::PutSetting& change) {
    return done(db.change("INSERT INTO settings(workspace, name, value) VALUES(?,?,?) ON CONFLICT(workspace, name) DO UPDATE SET value=excluded.value",
                          change.workspace, change.name, change.value));
}

Result<void> apply(Database& db, const app::PutDataKey& change) {
    if (change.insert)
        return done(db.change("INSERT INTO data_keys(workspace, version, wrapped) VALUES(?,?,?)", change.workspace, change.version, Blob{change.wrapped}));
    auto changed = db.change("UPDATE data_keys SET wrapped=? WHERE workspace=? AND version=?", Blob{change.wrapped}, change.workspace, change.version);
    return expect_one(db, std::move(changed), "data key", "SELECT 1 FROM data_keys WHERE workspace=? AND version=?", change.workspace, change.version);
}

Result<void> apply(Database& db, const app::AppendAudit& change) {
    auto row = change.row;
    // The chain is per workspace; this transaction is the only one that writes, so its head cannot move meanwhile.
    auto head = db.one(
        "audit", "SELECT sequence, hash FROM audit WHERE workspace=? ORDER BY sequence DESC LIMIT 1",
        [](Use& last) { return std::pair(static_cast<std::uint64_t>(last.number(0)), last.digest(1)); }, row.workspace);
    if (!head && head.error().code != Errc::not_found) return propagate(head);
    row.sequence = head ? head->first + 1 : 1;
    row.previous_hash = head ? head->second : Digest{};
    row.hash = core::hash_of(row);
    return done(db.change("INSERT INTO audit(" RENKEI_AUDIT_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", row.workspace, row.sequence, row.at,
                          static_cast<int>(row.principal_kind), row.principal_id, row.principal_name, row.run, row.action, row.target, row.allowed, row.reason,
                          row.credential_version, row.request_id, row.previous_hash, row.hash));
}

}  // namespace renkei::sqlite
