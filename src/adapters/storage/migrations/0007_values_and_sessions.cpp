#include "adapters/storage/migrations/migrations.hpp"

namespace renkei::sqlite {

extern const Migration migration_0007;
constinit const Migration migration_0007{7, "values and sessions", R"sql(
ALTER TABLE client_registrations ADD COLUMN sources TEXT NOT NULL DEFAULT '[]';
ALTER TABLE client_credentials ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE client_credentials ADD COLUMN bound_to TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN sources TEXT NOT NULL DEFAULT '[]';

CREATE TABLE runs(workspace BLOB NOT NULL, run BLOB NOT NULL, root BLOB NOT NULL, path BLOB NOT NULL, name TEXT NOT NULL, api_key BLOB NOT NULL,
  hash BLOB NOT NULL UNIQUE, created_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, ended_at INTEGER,
  PRIMARY KEY(workspace, run),
  FOREIGN KEY(workspace, api_key) REFERENCES api_keys(workspace, api_key) ON DELETE CASCADE) STRICT;
CREATE INDEX runs_of_root ON runs(workspace, root);
CREATE INDEX runs_of_key ON runs(workspace, api_key);
CREATE INDEX runs_by_time ON runs(workspace, created_at, run);

CREATE TABLE automation_sessions(workspace BLOB NOT NULL, session BLOB NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, run BLOB NOT NULL,
  api_key BLOB NOT NULL, connection BLOB NOT NULL, connection_name TEXT NOT NULL, actions TEXT NOT NULL, mailbox TEXT NOT NULL, act_as TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE, created_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, ended_at INTEGER, ended_because TEXT NOT NULL,
  PRIMARY KEY(workspace, session),
  FOREIGN KEY(workspace, run) REFERENCES runs(workspace, run) ON DELETE CASCADE,
  FOREIGN KEY(workspace, connection) REFERENCES connections(workspace, connection) ON DELETE CASCADE) STRICT;
CREATE INDEX automation_sessions_of_run ON automation_sessions(workspace, run);
CREATE INDEX automation_sessions_of_key ON automation_sessions(workspace, api_key);
CREATE INDEX automation_sessions_of_connection ON automation_sessions(workspace, connection);
CREATE INDEX automation_sessions_by_time ON automation_sessions(workspace, created_at, session);
CREATE UNIQUE INDEX automation_sessions_by_name ON automation_sessions(workspace, run, name) WHERE name<>'' AND ended_at IS NULL;

CREATE TABLE stored_credentials(workspace BLOB NOT NULL, credential BLOB NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL, version INTEGER NOT NULL,
  created_at INTEGER NOT NULL, PRIMARY KEY(workspace, credential), UNIQUE(workspace, name)) STRICT;
CREATE TABLE stored_credential_versions(workspace BLOB NOT NULL, credential BLOB NOT NULL, version INTEGER NOT NULL, value BLOB NOT NULL,
  created_at INTEGER NOT NULL, expires_at INTEGER, PRIMARY KEY(workspace, credential, version),
  FOREIGN KEY(workspace, credential) REFERENCES stored_credentials(workspace, credential) ON DELETE CASCADE) STRICT;

CREATE TABLE variables(workspace BLOB NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL, version INTEGER NOT NULL,
  updated_at INTEGER NOT NULL, PRIMARY KEY(workspace, name)) STRICT;

CREATE TABLE external_vaults(workspace BLOB NOT NULL, vault BLOB NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, auth TEXT NOT NULL, address TEXT NOT NULL,
  mount TEXT NOT NULL, vault_space TEXT NOT NULL, tenant TEXT NOT NULL, cloud TEXT NOT NULL, auth_id TEXT NOT NULL, auth_secret BLOB NOT NULL,
  cache_seconds INTEGER NOT NULL, state_slug TEXT NOT NULL, checked_at INTEGER, version INTEGER NOT NULL, secret_version INTEGER NOT NULL,
  created_at INTEGER NOT NULL, PRIMARY KEY(workspace, vault), UNIQUE(workspace, name)) STRICT;
)sql"};

}  // namespace renkei::sqlite
