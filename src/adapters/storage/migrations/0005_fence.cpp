#include "adapters/storage/migrations/migrations.hpp"

namespace renkei::sqlite {

// What the directory says of the entries of fences. The id is pinned when an entry is resolved first; names are found by their text
// when a call is decided, so that a decision reads a few rows however long the list is.
extern const Migration migration_0005;
constinit const Migration migration_0005{5, "fence", R"sql(
CREATE TABLE fence_directory(workspace BLOB NOT NULL, connection BLOB NOT NULL, kind TEXT NOT NULL, written TEXT NOT NULL, state TEXT NOT NULL,
  trouble TEXT NOT NULL, directory_id TEXT NOT NULL, found_id TEXT NOT NULL, address TEXT NOT NULL, members INTEGER NOT NULL,
  checked_at INTEGER NOT NULL, resolved_at INTEGER NOT NULL,
  PRIMARY KEY(workspace, connection, kind, written),
  FOREIGN KEY(workspace, connection) REFERENCES connections(workspace, connection) ON DELETE CASCADE) STRICT, WITHOUT ROWID;
CREATE TABLE fence_names(workspace BLOB NOT NULL, connection BLOB NOT NULL, kind TEXT NOT NULL, written TEXT NOT NULL, directory_id TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY(workspace, connection, kind, written, directory_id, name),
  FOREIGN KEY(workspace, connection, kind, written) REFERENCES fence_directory(workspace, connection, kind, written) ON DELETE CASCADE)
  STRICT, WITHOUT ROWID;
CREATE INDEX fence_names_by_name ON fence_names(workspace, connection, name);
CREATE TABLE fence_checks(workspace BLOB NOT NULL, connection BLOB NOT NULL, checked_at INTEGER, due_at INTEGER NOT NULL,
  PRIMARY KEY(workspace, connection),
  FOREIGN KEY(workspace, connection) REFERENCES connections(workspace, connection) ON DELETE CASCADE) STRICT, WITHOUT ROWID;
)sql"};

}  // namespace renkei::sqlite
