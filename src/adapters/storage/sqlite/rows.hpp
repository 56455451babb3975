#pragma once

#include "adapters/storage/sqlite/database.hpp"
#include "app/ports/store.hpp"

namespace renkei::sqlite {

// One function a table: the columns below, in this order, become a value.

#define RENKEI_WORKSPACE_COLUMNS "workspace, name, title, created_at"
#define RENKEI_PERSON_COLUMNS "person, email, display_name, password_hash, locale, created_at, version"
#define RENKEI_MEMBERSHIP_COLUMNS "workspace, person, roles, person_groups, active, invited_name, since, version"
#define RENKEI_GROUP_COLUMNS "workspace, person_group, name, title, parent, version"
#define RENKEI_SESSION_COLUMNS "workspace, session, person, hash, address, agent, created_at, last_seen_at, idle_until, ends_at"
#define RENKEI_FOLDER_COLUMNS "workspace, folder, name, title, private_to, is_default"
#define RENKEI_FOLDER_GRANT_COLUMNS "workspace, folder, holder, holder_id, folder_right"
#define RENKEI_KEY_COLUMNS "workspace, api_key, name, hash, rights, allowed_ranges, created_by, created_at, expires_at, revoked_at, version"
#define RENKEI_REGISTRATION_COLUMNS                                                                                                    \
    "workspace, registration, name, connector, cloud, tenant, client_id, auth_method, issuer, authorization_endpoint, token_endpoint," \
    " version, created_at, assertion_algorithm, resolved_tenant, sources"
#define RENKEI_CREDENTIAL_COLUMNS \
    "version, material, key_id, created_at, expires_at, kind, thumbprint_sha1, thumbprint_sha256, subject, serial, not_before, source, bound_to"
#define RENKEI_CONNECTION_COLUMNS                                                                                                           \
    "workspace, connection, name, title, connector, registration, mode, act_as, mailbox, scopes, fence_everything, fence_mailboxes, owner," \
    " folder, state, state_slug, state_detail, version, created_at, updated_at, token_type, managed_by, sources"
#define RENKEI_PERMISSION_COLUMNS "workspace, permission, connection, person, holder, holder_id, actions, until, given_by, created_at"
#define RENKEI_GRANT_COLUMNS                                                                                             \
    "workspace, grant_id, connection, subject_kind, subject, generation, refresh_token, previous_refresh_token, proven," \
    " credential_version, scopes, issuer, tenant, identity_subject, display, state, failure_slug, created_at, updated_at, last_used_at"
#define RENKEI_TOKEN_COLUMNS "t.workspace, t.grant_id, t.audience, t.scope_set, t.token, t.generation, t.obtained_at, t.expires_at, t.scopes"
#define RENKEI_INTENT_COLUMNS "workspace, grant_id, generation, fence, at"
#define RENKEI_OPERATION_COLUMNS                                                                                                       \
    "workspace, operation, kind, request, state, done, total, cancel_requested, principal_name, failure_slug, created_at, updated_at," \
    " expires_at, version"
#define RENKEI_ITEM_COLUMNS "item, target, ok, slug, detail"
#define RENKEI_CONSENT_COLUMNS                                                                                                        \
    "workspace, consent, connection, scopes, asked_by, tenant, state, granted_tenant, reason, link, browser, created_at, expires_at," \
    " decided_at, version"
#define RENKEI_RUN_COLUMNS "workspace, run, path, name, api_key, hash, created_at, ends_at, ended_at"
#define RENKEI_AUTOMATION_SESSION_COLUMNS                                                                                                       \
    "workspace, session, kind, name, run, api_key, connection, connection_name, actions, mailbox, act_as, hash, created_at, ends_at, ended_at," \
    " ended_because"
#define RENKEI_STORED_CREDENTIAL_COLUMNS "workspace, credential, name, title, version, created_at"
#define RENKEI_VARIABLE_COLUMNS "workspace, name, type, value, version, updated_at"
#define RENKEI_EXTERNAL_VAULT_COLUMNS                                                                                                  \
    "workspace, vault, name, kind, auth, address, mount, vault_space, tenant, cloud, auth_id, auth_secret, cache_seconds, state_slug," \
    " checked_at, version, secret_version, created_at"
#define RENKEI_AUDIT_COLUMNS                                                                                                           \
    "workspace, sequence, at, principal_kind, principal_id, principal_name, run, action, target, allowed, reason, credential_version," \
    " request_id, previous_hash, hash"

core::Workspace read_workspace(Use& row);
core::Person read_person(Use& row);
core::Membership read_membership(Use& row);
core::Group read_group(Use& row);
core::Session read_session(Use& row);
/// A membership's columns, then a person's.
app::Member read_member(Use& row);
core::Folder read_folder(Use& row);
core::FolderGrant read_folder_grant(Use& row);
core::ApiKey read_key(Use& row);
core::ClientRegistration read_registration(Use& row);  ///< without its credentials
core::CredentialVersion read_credential(Use& row);
core::Connection read_connection(Use& row);
core::Permission read_permission(Use& row);
core::Grant read_grant(Use& row);
core::StoredToken read_token(Use& row);
app::RefreshIntent read_intent(Use& row);
core::Operation read_operation(Use& row);
core::OperationItem read_item(Use& row);
core::ConsentRequest read_consent(Use& row);
core::Run read_run(Use& row);
core::AutomationSession read_automation_session(Use& row);
core::StoredCredential read_stored_credential(Use& row);  ///< without its versions
core::Variable read_variable(Use& row);
core::ExternalVault read_external_vault(Use& row);
core::AuditRow read_audit(Use& row);

}  // namespace renkei::sqlite
