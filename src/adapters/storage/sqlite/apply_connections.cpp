#include "adapters/storage/sqlite/apply.hpp"
#include "adapters/storage/sqlite/codec.hpp"
#include "adapters/storage/sqlite/rows.hpp"

namespace renkei::sqlite {
namespace {

constexpr std::string_view registration_exists = "SELECT 1 FROM client_registrations WHERE workspace=? AND registration=?";
constexpr std::string_view grant_exists = "SELECT 1 FROM grants WHERE workspace=? AND grant_id=?";

Result<void> put_credentials(Database& db, const core::ClientRegistration& row) {
    auto cleared = db.change("DELETE FROM client_credentials WHERE workspace=? AND registration=?", row.workspace, row.id);
    if (!cleared) return propagate(cleared);
    std::int64_t position = 0;
    for (const auto& credential : row.credentials) {
        const auto& certificate = credential.certificate;
        auto put = db.change("INSERT INTO client_credentials(workspace, registration, position, " RENKEI_CREDENTIAL_COLUMNS
                             ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                             row.workspace, row.id, position++, credential.version, credential.material, credential.key_id, credential.created_at,
                             credential.expires_at, core::text_of(credential.kind), certificate.thumbprint_sha1, certificate.thumbprint_sha256,
                             certificate.subject, certificate.serial, certificate.not_before, credential.source, credential.bound_to);
        if (!put) return propagate(put);
    }
    return {};
}

}  // namespace

Result<void> apply(Database& db, const app::InsertRegistration& change) {
    const auto& row = change.row;
    auto put = db.change("INSERT INTO client_registrations(" RENKEI_REGISTRATION_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", row.workspace, row.id,
                         row.name, row.connector, row.cloud, row.tenant, row.client_id, core::text_of(row.auth_method), row.issuer, row.authorization_endpoint,
                         row.token_endpoint, row.version, row.created_at, core::text_of(row.assertion_algorithm), row.resolved_tenant, encode(row.sources));
    if (!put) return propagate(put);
    return put_credentials(db, row);
}

Result<void> apply(Database& db, const app::UpdateRegistration& change) {
    const auto& row = change.row;
    auto changed = db.change(
        "UPDATE client_registrations SET name=?, connector=?, cloud=?, tenant=?, client_id=?, auth_method=?, issuer=?, authorization_endpoint=?,"
        " token_endpoint=?, assertion_algorithm=?, resolved_tenant=?, sources=?, version=? WHERE workspace=? AND registration=? AND version=?",
        row.name, row.connector, row.cloud, row.tenant, row.client_id, core::text_of(row.auth_method), row.issuer, row.authorization_endpoint,
        row.token_endpoint, core::text_of(row.assertion_algorithm), row.resolved_tenant, encode(row.sources), row.version, row.workspace, row.id,
        change.expected_version);
    if (auto one = expect_one(db, std::move(changed), "client registration", registration_exists, row.workspace, row.id); !one) return one;
    return put_credentials(db, row);
}

Result<void> apply(Database& db, const app::DeleteRegistration& change) {
    auto users = db.one(
        "connection", "SELECT count(*) FROM connections WHERE workspace=? AND registration=?", [](Use& row) { return row.number(0); }, change.workspace,
        change.id);
    if (!users) return propagate(users);
    if (*users > 0) return fail(Errc::conflict, "Connections still use the client registration.");
    return expect_one(db, db.change("DELETE FROM client_registrations WHERE workspace=? AND registration=?", change.workspace, change.id),
                      "client registration", registration_exists, change.workspace, change.id);
}

Result<void> apply(Database& db, const app::InsertConnection& change) {
    const auto& row = change.row;
    return done(db.change("INSERT INTO connections(" RENKEI_CONNECTION_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", row.workspace, row.id,
                          row.name, row.title, row.connector, row.registration, core::text_of(row.mode), row.act_as, row.mailbox, encode(row.scopes),
                          row.fence.everything, encode(row.fence), row.owner, row.folder, core::text_of(row.state), row.state_slug, row.state_detail,
                          row.version, row.created_at, row.updated_at, core::text_of(row.token_type), row.managed_by, encode(row.sources)));
}

Result<void> apply(Database& db, const app::UpdateConnection& change) {
    const auto& row = change.row;
    auto changed = db.change(
        "UPDATE connections SET name=?, title=?, connector=?, registration=?, mode=?, act_as=?, mailbox=?, scopes=?, fence_everything=?,"
        " fence_mailboxes=?, owner=?, folder=?, state=?, state_slug=?, state_detail=?, version=?, updated_at=?, token_type=?, managed_by=?, sources=?"
        " WHERE workspace=? AND connection=? AND version=?",
        row.name, row.title, row.connector, row.registration, core::text_of(row.mode), row.act_as, row.mailbox, encode(row.scopes), row.fence.everything,
        encode(row.fence), row.owner, row.folder, core::text_of(row.state), row.state_slug, row.state_detail, row.version, row.updated_at,
        core::text_of(row.token_type), row.managed_by, encode(row.sources), row.workspace, row.id, change.expected_version);
    return expect_one(db, std::move(changed), "connection", "SELECT 1 FROM connections WHERE workspace=? AND connection=?", row.workspace, row.id);
}

// Grants, tokens, intents and permissions go with it (ON DELETE CASCADE).
Result<void> apply(Database& db, const app::DeleteConnection& change) {
    if (auto below = db.change("DELETE FROM connections WHERE workspace=? AND managed_by=?", change.workspace, change.id); !below) return propagate(below);
    return expect_one(db, db.change("DELETE FROM connections WHERE workspace=? AND connection=?", change.workspace, change.id), "connection",
                      "SELECT 1 FROM connections WHERE workspace=? AND connection=?", change.workspace, change.id);
}

Result<void> apply(Database& db, const app::PutPermission& change) {
    const auto& row = change.row;
    auto there = db.one("connection", "SELECT 1 FROM connections WHERE workspace=? AND connection=?", [](Use&) { return true; }, row.workspace, row.connection);
    if (!there) return propagate(there);
    auto before = db.change("DELETE FROM permissions WHERE workspace=? AND connection=? AND person IS ? AND holder=? AND holder_id=?", row.workspace,
                            row.connection, row.person, static_cast<int>(row.holder), row.holder_id);
    if (!before) return propagate(before);
    return done(db.change("INSERT INTO permissions(" RENKEI_PERMISSION_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?)", row.workspace, row.id, row.connection,
                          row.person, static_cast<int>(row.holder), row.holder_id, encode(row.actions), row.until, row.given_by, row.created_at));
}

Result<void> apply(Database& db, const app::DeletePermission& change) {
    return expect_one(db, db.change("DELETE FROM permissions WHERE workspace=? AND permission=?", change.workspace, change.id), "permission",
                      "SELECT 1 FROM permissions WHERE workspace=? AND permission=?", change.workspace, change.id);
}

Result<void> apply(Database& db, const app::InsertGrant& change) {
    const auto& row = change.row;
    return done(db.change("INSERT INTO grants(" RENKEI_GRANT_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", row.workspace, row.id, row.connection,
                          static_cast<int>(row.subject_kind), row.subject, row.generation, row.refresh_token, row.previous_refresh_token, row.proven,
                          row.credential_version, encode(row.scopes), row.identity.issuer, row.identity.tenant, row.identity.subject, row.identity.display,
                          core::text_of(row.state), row.failure_slug, row.created_at, row.updated_at, row.last_used_at));
}

Result<void> apply(Database& db, const app::UpdateGrant& change) {
    const auto& row = change.row;
    auto changed = db.change(
        "UPDATE grants SET generation=?, refresh_token=?, previous_refresh_token=?, proven=?, credential_version=?, scopes=?, issuer=?, tenant=?,"
        " identity_subject=?, display=?, state=?, failure_slug=?, updated_at=?, last_used_at=? WHERE workspace=? AND grant_id=? AND generation=?",
        row.generation, row.refresh_token, row.previous_refresh_token, row.proven, row.credential_version, encode(row.scopes), row.identity.issuer,
        row.identity.tenant, row.identity.subject, row.identity.display, core::text_of(row.state), row.failure_slug, row.updated_at, row.last_used_at,
        row.workspace, row.id, change.expected_generation);
    return expect_one(db, std::move(changed), "grant", grant_exists, row.workspace, row.id);
}

Result<void> apply(Database& db, const app::PutToken& change) {
    const auto& row = change.row;
    return done(db.change(
        "INSERT INTO access_tokens(workspace, grant_id, audience, scope_set, token, generation, obtained_at, expires_at, scopes) VALUES(?,?,?,?,?,?,?,?,?)"
        " ON CONFLICT(workspace, grant_id, audience, scope_set) DO UPDATE SET token=excluded.token, generation=excluded.generation,"
        " obtained_at=excluded.obtained_at, expires_at=excluded.expires_at, scopes=excluded.scopes",
        row.key.workspace, row.key.grant, row.key.audience, row.key.scope_set, row.token, row.generation, row.obtained_at, row.expires_at, row.scopes));
}

Result<void> apply(Database& db, const app::DeleteTokens& change) {
    return done(db.change("DELETE FROM access_tokens WHERE workspace=? AND grant_id=?", change.workspace, change.grant));
}

// A row that is there is updated or stays; one that is not begins where its caller knew it to be, so that the fence only grows.
Result<void> apply(Database& db, const app::ClaimLease& change) {
    auto claimed = db.change(
        "INSERT INTO leases(workspace, name, owner, fence, until) VALUES(?1,?2,?3,?4+1,?5) ON CONFLICT(workspace, name) DO UPDATE"
        " SET owner=excluded.owner, fence=excluded.fence, until=excluded.until"
        " WHERE leases.fence=?4 AND (leases.owner=?3 OR leases.owner='' OR leases.until<=?6)",
        change.workspace, change.name, change.owner, change.fence, change.until, change.now);
    if (!claimed) return propagate(claimed);
    if (*claimed == 0) return fail(Errc::conflict, "Another owner holds the claim, or somebody has claimed meanwhile.");
    return {};
}

Result<void> apply(Database& db, const app::ExpectConnection& change) {
    auto version = db.one(
        "connection", "SELECT version FROM connections WHERE workspace=? AND connection=?", [](Use& row) { return static_cast<std::uint64_t>(row.number(0)); },
        change.workspace, change.id);
    if (!version) return propagate(version);
    if (*version != change.version) return fail(Errc::conflict, "The connection was changed meanwhile.");
    return {};
}

Result<void> apply(Database& db, const app::BeginRefresh& change) {
    auto generation = db.one(
        "grant", "SELECT generation FROM grants WHERE workspace=? AND grant_id=?", [](Use& row) { return static_cast<std::uint64_t>(row.number(0)); },
        change.workspace, change.grant);
    if (!generation) return propagate(generation);
    if (*generation != change.generation) return fail(Errc::conflict, "The grant was refreshed meanwhile.");
    auto fence = db.one(
        "lease", "SELECT fence FROM leases WHERE workspace=? AND name=? AND owner<>''", [](Use& row) { return static_cast<std::uint64_t>(row.number(0)); },
        change.workspace, app::refresh_lease_name(change.grant));
    if (!fence && fence.error().code != Errc::not_found) return propagate(fence);
    if (!fence || *fence != change.fence) return fail(Errc::conflict, "Another owner may refresh the grant now.");
    // The primary key answers conflict when an intent stands already.
    return done(db.change("INSERT INTO refresh_intents(" RENKEI_INTENT_COLUMNS ") VALUES(?,?,?,?,?)", change.workspace, change.grant, change.generation,
                          change.fence, change.at));
}

Result<void> apply(Database& db, const app::EndRefresh& change) {
    auto ended = db.change("DELETE FROM refresh_intents WHERE workspace=? AND grant_id=? AND generation=? AND fence=?", change.workspace, change.grant,
                           change.generation, change.fence);
    if (!ended) return propagate(ended);
    if (*ended > 0) return {};
    auto grant = db.one("grant", grant_exists, [](Use&) { return true; }, change.workspace, change.grant);
    if (!grant) return propagate(grant);
    return fail(Errc::conflict, "This refresh is not the one that was announced.");
}

}  // namespace renkei::sqlite
