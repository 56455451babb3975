#include "adapters/storage/migrations/migrations.hpp"

namespace renkei::sqlite {

extern const Migration migration_0004;
constinit const Migration migration_0004{4, "managed connections", R"sql(
ALTER TABLE connections ADD COLUMN token_type TEXT NOT NULL DEFAULT 'shared';
ALTER TABLE connections ADD COLUMN managed_by BLOB;
CREATE UNIQUE INDEX connections_below ON connections(workspace, managed_by, owner) WHERE managed_by IS NOT NULL;

CREATE TABLE permissions(workspace BLOB NOT NULL, permission BLOB NOT NULL, connection BLOB NOT NULL, person BLOB, holder INTEGER NOT NULL,
  holder_id BLOB NOT NULL, actions TEXT NOT NULL, until INTEGER, given_by TEXT NOT NULL, created_at INTEGER NOT NULL,
  PRIMARY KEY(workspace, permission),
  FOREIGN KEY(workspace, connection) REFERENCES connections(workspace, connection) ON DELETE CASCADE) STRICT;
CREATE UNIQUE INDEX permissions_of_connection ON permissions(workspace, connection, coalesce(person, x''), holder, holder_id);
)sql"};

}  // namespace renkei::sqlite
