#include "adapters/storage/sqlite/read.hpp"
#include "adapters/storage/sqlite/rows.hpp"

namespace renkei::sqlite {
namespace {

Result<void> add_credentials(Database& db, core::ClientRegistration& registration) {
    auto credentials = db.all("SELECT " RENKEI_CREDENTIAL_COLUMNS " FROM client_credentials WHERE workspace=? AND registration=? ORDER BY position",
                              read_credential, registration.workspace, registration.id);
    if (!credentials) return propagate(credentials);
    registration.credentials = *std::move(credentials);
    return {};
}

Result<core::ClientRegistration> with_credentials(Database& db, Result<core::ClientRegistration> registration) {
    if (!registration) return registration;
    if (auto added = add_credentials(db, *registration); !added) return propagate(added);
    return registration;
}

Result<core::ClientRegistration> registration_of(Database& db, core::WorkspaceId workspace, core::RegistrationId id) {
    return with_credentials(
        db, db.one("client registration", "SELECT " RENKEI_REGISTRATION_COLUMNS " FROM client_registrations WHERE workspace=? AND registration=?",
                   read_registration, workspace, id));
}

// Nothing in the place of a row that is not there.
template <class T>
Result<std::optional<T>> if_there(Result<T> row) {
    if (row) return std::optional<T>(*std::move(row));
    if (row.error().code == Errc::not_found) return std::optional<T>();
    return propagate(row);
}

Result<app::RefreshRows> read_refresh(Database& db, const app::RefreshQuestion& asked) {
    const Snapshot snapshot(db);
    auto grant = db.one(
        "grant", "SELECT " RENKEI_GRANT_COLUMNS " FROM grants WHERE workspace=? AND connection=? AND (subject_kind=?)=? ORDER BY subject_kind, subject LIMIT 1",
        read_grant, asked.workspace, asked.connection, static_cast<int>(core::SubjectKind::app), asked.of_app);
    if (!grant) return propagate(grant);
    auto token =
        if_there(db.one("token", "SELECT " RENKEI_TOKEN_COLUMNS " FROM access_tokens t WHERE workspace=? AND grant_id=? AND audience='' AND scope_set=''",
                        read_token, asked.workspace, grant->id));
    if (!token) return propagate(token);
    auto registration = if_there(registration_of(db, asked.workspace, asked.registration));
    if (!registration) return propagate(registration);
    auto fence = if_there(db.one(
        "lease", "SELECT fence FROM leases WHERE workspace=? AND name=?", [](Use& row) { return static_cast<std::uint64_t>(row.number(0)); }, asked.workspace,
        app::refresh_lease_name(grant->id)));
    if (!fence) return propagate(fence);
    return app::RefreshRows{*std::move(grant), *std::move(token), *std::move(registration), fence->value_or(0)};
}

}  // namespace

Task<Result<core::Connection>> SqliteStore::find_connection(core::WorkspaceId workspace, core::Name name) {
    return read([workspace, name = std::move(name)](Database& db) {
        return db.one("connection", "SELECT " RENKEI_CONNECTION_COLUMNS " FROM connections WHERE workspace=? AND name=?", read_connection, workspace, name);
    });
}

Task<Result<core::Connection>> SqliteStore::find_connection_by_id(core::WorkspaceId workspace, core::ConnectionId id) {
    return read([=](Database& db) {
        return db.one("connection", "SELECT " RENKEI_CONNECTION_COLUMNS " FROM connections WHERE workspace=? AND connection=?", read_connection, workspace, id);
    });
}

Task<Result<app::Page<core::Connection>>> SqliteStore::list_connections(core::WorkspaceId workspace, app::PageRequest page) {
    return read([workspace, page = std::move(page)](Database& db) {
        const auto limit = rows_for(page);
        return page_of(db.all("SELECT " RENKEI_CONNECTION_COLUMNS " FROM connections WHERE workspace=? AND name>? ORDER BY name LIMIT ?", read_connection,
                              workspace, page.after, limit + 1),
                       limit, [](const core::Connection& connection) { return connection.name.text(); });
    });
}

Task<Result<core::ClientRegistration>> SqliteStore::find_registration(core::WorkspaceId workspace, core::RegistrationId id) {
    return read([=](Database& db) {
        const Snapshot snapshot(db);
        return registration_of(db, workspace, id);
    });
}

Task<Result<core::ClientRegistration>> SqliteStore::find_registration_by_name(core::WorkspaceId workspace, core::Name name) {
    return read([workspace, name = std::move(name)](Database& db) {
        const Snapshot snapshot(db);
        return with_credentials(db,
                                db.one("client registration", "SELECT " RENKEI_REGISTRATION_COLUMNS " FROM client_registrations WHERE workspace=? AND name=?",
                                       read_registration, workspace, name));
    });
}

Task<Result<app::Page<core::ClientRegistration>>> SqliteStore::list_registrations(core::WorkspaceId workspace, app::PageRequest page) {
    return read([workspace, page = std::move(page)](Database& db) -> Result<app::Page<core::ClientRegistration>> {
        const auto limit = rows_for(page);
        const Snapshot snapshot(db);
        auto found = page_of(db.all("SELECT " RENKEI_REGISTRATION_COLUMNS " FROM client_registrations WHERE workspace=? AND name>? ORDER BY name LIMIT ?",
                                    read_registration, workspace, page.after, limit + 1),
                             limit, [](const core::ClientRegistration& registration) { return registration.name.text(); });
        if (!found) return found;
        for (auto& registration : found->items)
            if (auto added = add_credentials(db, registration); !added) return propagate(added);
        return found;
    });
}

Task<Result<std::vector<core::Connection>>> SqliteStore::connections_of_registration(core::WorkspaceId workspace, core::RegistrationId id) {
    return read([=](Database& db) {
        return db.all("SELECT " RENKEI_CONNECTION_COLUMNS " FROM connections WHERE workspace=? AND registration=? ORDER BY name", read_connection, workspace,
                      id);
    });
}

Task<Result<std::vector<core::Connection>>> SqliteStore::connections_below(core::WorkspaceId workspace, core::ConnectionId above) {
    return read([=](Database& db) {
        return db.all("SELECT " RENKEI_CONNECTION_COLUMNS " FROM connections WHERE workspace=? AND managed_by=? ORDER BY name", read_connection, workspace,
                      above);
    });
}

Task<Result<core::Connection>> SqliteStore::find_connection_of_person(core::WorkspaceId workspace, core::ConnectionId above, core::PersonId person) {
    return read([=](Database& db) {
        return db.one("connection", "SELECT " RENKEI_CONNECTION_COLUMNS " FROM connections WHERE workspace=? AND managed_by=? AND owner=?", read_connection,
                      workspace, above, person);
    });
}

Task<Result<std::vector<core::Permission>>> SqliteStore::permissions_of(core::WorkspaceId workspace, core::ConnectionId connection) {
    return read([=](Database& db) {
        return db.all("SELECT " RENKEI_PERMISSION_COLUMNS " FROM permissions WHERE workspace=? AND connection=? ORDER BY created_at, permission",
                      read_permission, workspace, connection);
    });
}

Task<Result<core::Grant>> SqliteStore::find_grant(core::WorkspaceId workspace, core::GrantId id) {
    return read([=](Database& db) {
        return db.one("grant", "SELECT " RENKEI_GRANT_COLUMNS " FROM grants WHERE workspace=? AND grant_id=?", read_grant, workspace, id);
    });
}

Task<Result<std::vector<core::Grant>>> SqliteStore::grants_of_connection(core::WorkspaceId workspace, core::ConnectionId id) {
    return read([=](Database& db) {
        return db.all("SELECT " RENKEI_GRANT_COLUMNS " FROM grants WHERE workspace=? AND connection=? ORDER BY subject_kind, subject", read_grant, workspace,
                      id);
    });
}

Task<Result<app::RefreshRows>> SqliteStore::find_refresh(app::RefreshQuestion question) {
    return read([question](Database& db) { return read_refresh(db, question); });
}

Task<Result<core::StoredToken>> SqliteStore::find_token(core::TokenKey key) {
    return read([key = std::move(key)](Database& db) {
        return db.one("token", "SELECT " RENKEI_TOKEN_COLUMNS " FROM access_tokens t WHERE workspace=? AND grant_id=? AND audience=? AND scope_set=?",
                      read_token, key.workspace, key.grant, key.audience, key.scope_set);
    });
}

Task<Result<std::vector<app::RefreshIntent>>> SqliteStore::all_intents() {
    return read([](Database& db) { return db.all("SELECT " RENKEI_INTENT_COLUMNS " FROM refresh_intents ORDER BY at, grant_id", read_intent); });
}

Task<Result<app::RefreshIntent>> SqliteStore::find_intent(core::WorkspaceId workspace, core::GrantId grant) {
    return read([=](Database& db) {
        return db.one("refresh", "SELECT " RENKEI_INTENT_COLUMNS " FROM refresh_intents WHERE workspace=? AND grant_id=?", read_intent, workspace, grant);
    });
}

Task<Result<std::vector<core::StoredToken>>> SqliteStore::tokens_expiring(TimePoint until, TimePoint used_since, std::uint32_t limit) {
    return read([=](Database& db) {
        // CROSS JOIN keeps the order of the tables: the expiry index is walked until enough are found.
        return db.all("SELECT " RENKEI_TOKEN_COLUMNS
                      " FROM access_tokens t CROSS JOIN grants g ON g.workspace=t.workspace AND g.grant_id=t.grant_id"
                      " WHERE t.expires_at<? AND g.last_used_at>=? AND g.state='active' ORDER BY t.expires_at LIMIT ?",
                      read_token, until, used_since, limit);
    });
}

}  // namespace renkei::sqlite
