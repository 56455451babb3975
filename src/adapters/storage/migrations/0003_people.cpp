#include "adapters/storage/migrations/migrations.hpp"

namespace renkei::sqlite {

extern const Migration migration_0003;
constinit const Migration migration_0003{3, "people", R"sql(
ALTER TABLE persons ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE memberships ADD COLUMN active INTEGER NOT NULL DEFAULT 1;
ALTER TABLE memberships ADD COLUMN invited_name TEXT NOT NULL DEFAULT '';
ALTER TABLE memberships ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE memberships ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE person_groups ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

CREATE TABLE sessions(workspace BLOB NOT NULL, session BLOB NOT NULL, person BLOB NOT NULL REFERENCES persons, hash BLOB NOT NULL UNIQUE,
  address TEXT NOT NULL, agent TEXT NOT NULL, created_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL, idle_until INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  PRIMARY KEY(workspace, session)) STRICT;
CREATE INDEX sessions_of_person ON sessions(person, workspace);
CREATE INDEX sessions_by_end ON sessions(idle_until);
)sql"};

}  // namespace renkei::sqlite
