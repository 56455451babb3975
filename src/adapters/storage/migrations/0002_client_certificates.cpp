#include "adapters/storage/migrations/migrations.hpp"

namespace renkei::sqlite {

// What is public of a client certificate, so that lists and the expiry of credentials need no opened secret.
extern const Migration migration_0002;
constinit const Migration migration_0002{2, "client certificates", R"sql(
ALTER TABLE client_registrations ADD COLUMN assertion_algorithm TEXT NOT NULL DEFAULT 'PS256';
ALTER TABLE client_credentials ADD COLUMN kind TEXT NOT NULL DEFAULT 'secret';
ALTER TABLE client_credentials ADD COLUMN thumbprint_sha1 TEXT NOT NULL DEFAULT '';
ALTER TABLE client_credentials ADD COLUMN thumbprint_sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE client_credentials ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE client_credentials ADD COLUMN serial TEXT NOT NULL DEFAULT '';
ALTER TABLE client_credentials ADD COLUMN not_before INTEGER;
UPDATE client_credentials SET kind='private_key' WHERE EXISTS(SELECT 1 FROM client_registrations r
  WHERE r.workspace=client_credentials.workspace AND r.registration=client_credentials.registration AND r.auth_method='private_key_jwt');
)sql"};

}  // namespace renkei::sqlite
