#include "adapters/storage/migrations/migrations.hpp"

namespace renkei::sqlite {

// Times are milliseconds since 1970, ids 16 bytes, lists JSON. The workspace comes first in every key.
// Rows of some hundred bytes live in their primary key's tree (WITHOUT ROWID); bigger ones would overflow there.
extern const Migration migration_0001;
constinit const Migration migration_0001{1, "first", R"sql(
CREATE TABLE schema_migrations(number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT;

CREATE TABLE workspaces(workspace BLOB PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE persons(person BLOB PRIMARY KEY, email TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, password_hash TEXT NOT NULL,
  locale TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE memberships(workspace BLOB NOT NULL, person BLOB NOT NULL REFERENCES persons, roles TEXT NOT NULL, person_groups TEXT NOT NULL,
  PRIMARY KEY(workspace, person)) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_of_person ON memberships(person);
CREATE TABLE person_groups(workspace BLOB NOT NULL, person_group BLOB NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL, parent BLOB,
  PRIMARY KEY(workspace, person_group), UNIQUE(workspace, name)) STRICT, WITHOUT ROWID;
CREATE TABLE folders(workspace BLOB NOT NULL, folder BLOB NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL, private_to BLOB, is_default INTEGER NOT NULL,
  PRIMARY KEY(workspace, folder), UNIQUE(workspace, name)) STRICT, WITHOUT ROWID;
CREATE TABLE folder_grants(workspace BLOB NOT NULL, folder BLOB NOT NULL, holder INTEGER NOT NULL, holder_id BLOB NOT NULL, folder_right INTEGER NOT NULL,
  PRIMARY KEY(workspace, folder, holder, holder_id),
  FOREIGN KEY(workspace, folder) REFERENCES folders(workspace, folder) ON DELETE CASCADE) STRICT, WITHOUT ROWID;
CREATE TABLE settings(workspace BLOB NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(workspace, name)) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys(workspace BLOB NOT NULL, api_key BLOB NOT NULL, name TEXT NOT NULL, hash BLOB NOT NULL UNIQUE, rights TEXT NOT NULL,
  allowed_ranges TEXT NOT NULL, created_by BLOB, created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER, version INTEGER NOT NULL,
  PRIMARY KEY(workspace, api_key), UNIQUE(workspace, name)) STRICT;

CREATE TABLE client_registrations(workspace BLOB NOT NULL, registration BLOB NOT NULL, name TEXT NOT NULL, connector TEXT NOT NULL, cloud TEXT NOT NULL,
  tenant TEXT NOT NULL, client_id TEXT NOT NULL, auth_method TEXT NOT NULL, issuer TEXT NOT NULL, authorization_endpoint TEXT NOT NULL,
  token_endpoint TEXT NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL,
  PRIMARY KEY(workspace, registration), UNIQUE(workspace, name)) STRICT;
CREATE TABLE client_credentials(workspace BLOB NOT NULL, registration BLOB NOT NULL, version INTEGER NOT NULL, position INTEGER NOT NULL, material BLOB NOT NULL,
  key_id TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER,
  PRIMARY KEY(workspace, registration, version),
  FOREIGN KEY(workspace, registration) REFERENCES client_registrations(workspace, registration) ON DELETE CASCADE) STRICT;

CREATE TABLE connections(workspace BLOB NOT NULL, connection BLOB NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL, connector TEXT NOT NULL,
  registration BLOB NOT NULL, mode TEXT NOT NULL, act_as TEXT NOT NULL, mailbox TEXT NOT NULL, scopes TEXT NOT NULL, fence_everything INTEGER NOT NULL,
  fence_mailboxes TEXT NOT NULL, owner BLOB, folder BLOB NOT NULL, state TEXT NOT NULL, state_slug TEXT NOT NULL, state_detail TEXT NOT NULL,
  version INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  PRIMARY KEY(workspace, connection), UNIQUE(workspace, name),
  FOREIGN KEY(workspace, registration) REFERENCES client_registrations(workspace, registration)) STRICT;
CREATE INDEX connections_of_registration ON connections(workspace, registration);

CREATE TABLE grants(workspace BLOB NOT NULL, grant_id BLOB NOT NULL, connection BLOB NOT NULL, subject_kind INTEGER NOT NULL, subject TEXT NOT NULL,
  generation INTEGER NOT NULL, refresh_token BLOB NOT NULL, previous_refresh_token BLOB NOT NULL, proven INTEGER NOT NULL,
  credential_version INTEGER NOT NULL, scopes TEXT NOT NULL, issuer TEXT NOT NULL, tenant TEXT NOT NULL, identity_subject TEXT NOT NULL,
  display TEXT NOT NULL, state TEXT NOT NULL, failure_slug TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  PRIMARY KEY(workspace, grant_id), UNIQUE(workspace, connection, subject_kind, subject),
  FOREIGN KEY(workspace, connection) REFERENCES connections(workspace, connection) ON DELETE CASCADE) STRICT;
CREATE TABLE access_tokens(workspace BLOB NOT NULL, grant_id BLOB NOT NULL, audience TEXT NOT NULL, scope_set TEXT NOT NULL, token BLOB NOT NULL,
  generation INTEGER NOT NULL, obtained_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, scopes TEXT NOT NULL,
  PRIMARY KEY(workspace, grant_id, audience, scope_set),
  FOREIGN KEY(workspace, grant_id) REFERENCES grants(workspace, grant_id) ON DELETE CASCADE) STRICT;
CREATE INDEX access_tokens_by_expiry ON access_tokens(expires_at);
CREATE TABLE refresh_intents(workspace BLOB NOT NULL, grant_id BLOB NOT NULL, generation INTEGER NOT NULL, fence INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(workspace, grant_id),
  FOREIGN KEY(workspace, grant_id) REFERENCES grants(workspace, grant_id) ON DELETE CASCADE) STRICT, WITHOUT ROWID;
CREATE TABLE leases(workspace BLOB NOT NULL, name TEXT NOT NULL, owner TEXT NOT NULL, fence INTEGER NOT NULL, until INTEGER NOT NULL,
  PRIMARY KEY(workspace, name)) STRICT, WITHOUT ROWID;

CREATE TABLE operations(workspace BLOB NOT NULL, operation BLOB NOT NULL, kind TEXT NOT NULL, request TEXT NOT NULL, state TEXT NOT NULL,
  done INTEGER NOT NULL, total INTEGER NOT NULL, cancel_requested INTEGER NOT NULL, principal_name TEXT NOT NULL, failure_slug TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, version INTEGER NOT NULL,
  PRIMARY KEY(workspace, operation)) STRICT;
CREATE INDEX operations_by_time ON operations(workspace, created_at, operation);
CREATE INDEX operations_unfinished ON operations(created_at) WHERE state IN ('queued', 'running');
CREATE INDEX operations_by_expiry ON operations(expires_at);
CREATE TABLE operation_items(workspace BLOB NOT NULL, operation BLOB NOT NULL, item INTEGER NOT NULL, target TEXT NOT NULL, ok INTEGER NOT NULL,
  slug TEXT NOT NULL, detail TEXT NOT NULL,
  PRIMARY KEY(workspace, operation, item),
  FOREIGN KEY(workspace, operation) REFERENCES operations(workspace, operation) ON DELETE CASCADE) STRICT, WITHOUT ROWID;

CREATE TABLE one_time(workspace BLOB NOT NULL, purpose TEXT NOT NULL, hash BLOB NOT NULL, data TEXT NOT NULL, secret BLOB NOT NULL,
  expires_at INTEGER NOT NULL, used INTEGER NOT NULL,
  PRIMARY KEY(workspace, purpose, hash), UNIQUE(purpose, hash)) STRICT;
CREATE INDEX one_time_by_expiry ON one_time(expires_at);
CREATE TABLE idempotency(workspace BLOB NOT NULL, scope TEXT NOT NULL, body_hash BLOB NOT NULL, answer TEXT NOT NULL, expires_at INTEGER NOT NULL,
  PRIMARY KEY(workspace, scope)) STRICT;
CREATE INDEX idempotency_by_expiry ON idempotency(expires_at);
CREATE TABLE data_keys(workspace BLOB NOT NULL, version INTEGER NOT NULL, wrapped BLOB NOT NULL, PRIMARY KEY(workspace, version)) STRICT, WITHOUT ROWID;

CREATE TABLE audit(workspace BLOB NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL, principal_kind INTEGER NOT NULL, principal_id BLOB NOT NULL,
  principal_name TEXT NOT NULL, run TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, allowed INTEGER NOT NULL, reason TEXT NOT NULL,
  credential_version INTEGER NOT NULL, request_id TEXT NOT NULL, previous_hash BLOB NOT NULL, hash BLOB NOT NULL,
  PRIMARY KEY(workspace, sequence)) STRICT, WITHOUT ROWID;
CREATE INDEX audit_of_target ON audit(workspace, target, sequence);
CREATE TRIGGER audit_is_not_updated BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
)sql"};

}  // namespace renkei::sqlite
