// Where fields take their values from: stored credentials, variables, external vaults.
#include "adapters/storage/sqlite/apply.hpp"
#include "adapters/storage/sqlite/read.hpp"
#include "adapters/storage/sqlite/rows.hpp"

namespace renkei::sqlite {
namespace {

Result<void> put_versions(Database& db, const core::StoredCredential& row) {
    auto cleared = db.change("DELETE FROM stored_credential_versions WHERE workspace=? AND credential=?", row.workspace, row.id);
    if (!cleared) return propagate(cleared);
    for (const auto& one : row.versions) {
        auto put = db.change("INSERT INTO stored_credential_versions(workspace, credential, version, value, created_at, expires_at) VALUES(?,?,?,?,?,?)",
                             row.workspace, row.id, one.version, one.value, one.created_at, one.expires_at);
        if (!put) return propagate(put);
    }
    return {};
}

Result<core::StoredCredential> with_versions(Database& db, Result<core::StoredCredential> row) {
    if (!row) return row;
    const auto decode = [](Use& use) {
        return core::StoredValueVersion{static_cast<std::uint32_t>(use.number(0)), {use.blob(1)}, use.time(2), use.maybe_time(3)};
    };
    auto versions =
        db.all("SELECT version, value, created_at, expires_at FROM stored_credential_versions WHERE workspace=? AND credential=? ORDER BY version DESC", decode,
               row->workspace, row->id);
    if (!versions) return propagate(versions);
    row->versions = *std::move(versions);
    return row;
}

constexpr auto name_of = [](const auto& row) { return row.name.text(); };

}  // namespace

Result<void> apply(Database& db, const app::InsertStoredCredential& change) {
    const auto& row = change.row;
    auto put = db.change("INSERT INTO stored_credentials(" RENKEI_STORED_CREDENTIAL_COLUMNS ") VALUES(?,?,?,?,?,?)", row.workspace, row.id, row.name, row.title,
                         row.version, row.created_at);
    if (!put) return propagate(put);
    return put_versions(db, row);
}

Result<void> apply(Database& db, const app::UpdateStoredCredential& change) {
    const auto& row = change.row;
    auto changed = db.change("UPDATE stored_credentials SET title=?, version=? WHERE workspace=? AND credential=? AND version=?", row.title, row.version,
                             row.workspace, row.id, change.expected_version);
    auto one =
        expect_one(db, std::move(changed), "stored credential", "SELECT 1 FROM stored_credentials WHERE workspace=? AND credential=?", row.workspace, row.id);
    if (!one) return one;
    return put_versions(db, row);
}

Result<void> apply(Database& db, const app::DeleteStoredCredential& change) {
    return expect_one(db, db.change("DELETE FROM stored_credentials WHERE workspace=? AND credential=?", change.workspace, change.id), "stored credential",
                      "SELECT 1 FROM stored_credentials WHERE workspace=? AND credential=?", change.workspace, change.id);
}

Result<void> apply(Database& db, const app::PutVariable& change) {
    const auto& row = change.row;
    return done(db.change("INSERT INTO variables(" RENKEI_VARIABLE_COLUMNS ") VALUES(?,?,?,?,?,?) ON CONFLICT(workspace, name) DO UPDATE SET"
                          " type=excluded.type, value=excluded.value, version=variables.version+1, updated_at=excluded.updated_at",
                          row.workspace, row.name, core::text_of(row.type), row.value, row.version, row.updated_at));
}

Result<void> apply(Database& db, const app::DeleteVariable& change) {
    return expect_one(db, db.change("DELETE FROM variables WHERE workspace=? AND name=?", change.workspace, change.name), "variable",
                      "SELECT 1 FROM variables WHERE workspace=? AND name=?", change.workspace, change.name);
}

Result<void> apply(Database& db, const app::InsertExternalVault& change) {
    const auto& row = change.row;
    return done(db.change("INSERT INTO external_vaults(" RENKEI_EXTERNAL_VAULT_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", row.workspace, row.id,
                          row.name, core::text_of(row.kind), core::text_of(row.auth), row.address, row.mount, row.vault_space, row.tenant, row.cloud,
                          row.auth_id, row.auth_secret, row.cache_time.count(), row.state_slug, row.checked_at, row.version, row.secret_version,
                          row.created_at));
}

Result<void> apply(Database& db, const app::UpdateExternalVault& change) {
    const auto& row = change.row;
    auto changed = db.change(
        "UPDATE external_vaults SET kind=?, auth=?, address=?, mount=?, vault_space=?, tenant=?, cloud=?, auth_id=?, auth_secret=?, cache_seconds=?,"
        " state_slug=?, checked_at=?, version=?, secret_version=? WHERE workspace=? AND vault=? AND version=?",
        core::text_of(row.kind), core::text_of(row.auth), row.address, row.mount, row.vault_space, row.tenant, row.cloud, row.auth_id, row.auth_secret,
        row.cache_time.count(), row.state_slug, row.checked_at, row.version, row.secret_version, row.workspace, row.id, change.expected_version);
    return expect_one(db, std::move(changed), "external vault", "SELECT 1 FROM external_vaults WHERE workspace=? AND vault=?", row.workspace, row.id);
}

Result<void> apply(Database& db, const app::DeleteExternalVault& change) {
    return expect_one(db, db.change("DELETE FROM external_vaults WHERE workspace=? AND vault=?", change.workspace, change.id), "external vault",
                      "SELECT 1 FROM external_vaults WHERE workspace=? AND vault=?", change.workspace, change.id);
}

Task<Result<core::StoredCredential>> SqliteStore::find_stored_credential(core::WorkspaceId workspace, core::Name name) {
    return read([workspace, name = std::move(name)](Database& db) {
        return with_versions(db, db.one("stored credential", "SELECT " RENKEI_STORED_CREDENTIAL_COLUMNS " FROM stored_credentials WHERE workspace=? AND name=?",
                                        read_stored_credential, workspace, name));
    });
}

Task<Result<app::Page<core::StoredCredential>>> SqliteStore::list_stored_credentials(core::WorkspaceId workspace, app::PageRequest page) {
    return read([workspace, page = std::move(page)](Database& db) -> Result<app::Page<core::StoredCredential>> {
        const auto limit = rows_for(page);
        auto rows = page_of(db.all("SELECT " RENKEI_STORED_CREDENTIAL_COLUMNS " FROM stored_credentials WHERE workspace=? AND name>? ORDER BY name LIMIT ?",
                                   read_stored_credential, workspace, page.after, limit + 1),
                            limit, name_of);
        if (!rows) return rows;
        for (auto& row : rows->items) {
            auto whole = with_versions(db, std::move(row));
            if (!whole) return propagate(whole);
            row = *std::move(whole);
        }
        return rows;
    });
}

Task<Result<core::Variable>> SqliteStore::find_variable(core::WorkspaceId workspace, core::Name name) {
    return read([workspace, name = std::move(name)](Database& db) {
        return db.one("variable", "SELECT " RENKEI_VARIABLE_COLUMNS " FROM variables WHERE workspace=? AND name=?", read_variable, workspace, name);
    });
}

Task<Result<app::Page<core::Variable>>> SqliteStore::list_variables(core::WorkspaceId workspace, app::PageRequest page) {
    return read([workspace, page = std::move(page)](Database& db) {
        const auto limit = rows_for(page);
        return page_of(db.all("SELECT " RENKEI_VARIABLE_COLUMNS " FROM variables WHERE workspace=? AND name>? ORDER BY name LIMIT ?", read_variable, workspace,
                              page.after, limit + 1),
                       limit, name_of);
    });
}

Task<Result<core::ExternalVault>> SqliteStore::find_external_vault(core::WorkspaceId workspace, core::Name name) {
    return read([workspace, name = std::move(name)](Database& db) {
        return db.one("external vault", "SELECT " RENKEI_EXTERNAL_VAULT_COLUMNS " FROM external_vaults WHERE workspace=? AND name=?", read_external_vault,
                      workspace, name);
    });
}

Task<Result<app::Page<core::ExternalVault>>> SqliteStore::list_external_vaults(core::WorkspaceId workspace, app::PageRequest page) {
    return read([workspace, page = std::move(page)](Database& db) {
        const auto limit = rows_for(page);
        return page_of(db.all("SELECT " RENKEI_EXTERNAL_VAULT_COLUMNS " FROM external_vaults WHERE workspace=? AND name>? ORDER BY name LIMIT ?",
                              read_external_vault, workspace, page.after, limit + 1),
                       limit, name_of);
    });
}

}  // namespace renkei::sqlite
