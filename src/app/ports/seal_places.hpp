#pragma once

#include "app/ports/vault.hpp"
#include "core/connection.hpp"

#include <algorithm>
#include <string>

namespace renkei::app {

// Where each sealed column of the store belongs. Whoever seals, opens or re-seals one takes its place from here:
// a value sealed for another place does not open.

/// Both refresh tokens are sealed at the generation of the row they stand in: a value that stays while the generation
/// moves on is opened and sealed again.
inline SealPlace refresh_token_place(core::WorkspaceId workspace, core::GrantId grant, std::uint64_t generation) {
    return {workspace, "grants", grant.bytes(), "refresh_token", generation};
}
inline SealPlace previous_refresh_token_place(core::WorkspaceId workspace, core::GrantId grant, std::uint64_t generation) {
    return {workspace, "grants", grant.bytes(), "previous_refresh_token", generation};
}

/// The row stands for grant, audience and scope set together.
inline SealPlace access_token_place(const core::TokenKey& key, std::uint64_t generation) {
    std::string all(as_text(key.grant.bytes()));
    all += std::to_string(key.audience.size()) + ':' + key.audience + key.scope_set;
    const auto digest = sha256(all);
    IdBytes row;
    std::copy_n(digest.begin(), row.size(), row.begin());
    return {key.workspace, "access_tokens", row, "token", generation};
}

/// `version`: of the credential (CredentialVersion::version), not of the registration.
inline SealPlace credential_place(core::WorkspaceId workspace, core::RegistrationId registration, std::uint32_t version) {
    return {workspace, "client_credentials", registration.bytes(), "material", version};
}

/// `version`: of the value (StoredValueVersion::version).
inline SealPlace stored_credential_place(core::WorkspaceId workspace, core::StoredCredentialId credential, std::uint32_t version) {
    return {workspace, "stored_credentials", credential.bytes(), "value", version};
}
/// `version`: of the row at which the secret was sealed (ExternalVault::secret_version).
inline SealPlace external_vault_place(core::WorkspaceId workspace, core::ExternalVaultId vault, std::uint64_t version) {
    return {workspace, "external_vaults", vault.bytes(), "auth_secret", version};
}

/// InsertOneTime::secret; the row is the first half of the hash by which it is found.
inline SealPlace one_time_place(core::WorkspaceId workspace, const Digest& hash) {
    IdBytes row;
    std::copy_n(hash.begin(), row.size(), row.begin());
    return {workspace, "one_time", row, "secret", 0};
}

}  // namespace renkei::app
