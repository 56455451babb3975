#include "adapters/storage/migrations/migrations.hpp"

namespace renkei::sqlite {

extern const Migration migration_0006;
constinit const Migration migration_0006{6, "consent requests", R"sql(
ALTER TABLE client_registrations ADD COLUMN resolved_tenant TEXT NOT NULL DEFAULT '';

CREATE TABLE consent_requests(workspace BLOB NOT NULL, consent BLOB NOT NULL, connection BLOB NOT NULL, scopes TEXT NOT NULL, asked_by TEXT NOT NULL,
  tenant TEXT NOT NULL, state TEXT NOT NULL, granted_tenant TEXT NOT NULL, reason TEXT NOT NULL, link BLOB NOT NULL UNIQUE, browser BLOB NOT NULL,
  created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, decided_at INTEGER, version INTEGER NOT NULL,
  PRIMARY KEY(workspace, consent),
  FOREIGN KEY(workspace, connection) REFERENCES connections(workspace, connection) ON DELETE CASCADE) STRICT;
CREATE INDEX consent_requests_of_connection ON consent_requests(workspace, connection);
CREATE INDEX consent_requests_by_time ON consent_requests(workspace, created_at, consent);
)sql"};

}  // namespace renkei::sqlite
