#pragma once

#include "core/audit.hpp"
#include "core/automation.hpp"
#include "core/connection.hpp"
#include "core/consent.hpp"
#include "core/external_vault.hpp"
#include "core/folder.hpp"
#include "core/identity.hpp"
#include "core/operation.hpp"
#include "core/permission.hpp"
#include "core/stored_value.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace renkei::app {

// What a use case wants stored, as values. A unit is applied whole or not at all; one that expects a version or
// generation which is not there any more fails with conflict (compare-and-swap). Nothing here knows of SQL.

struct PutWorkspace {
    core::Workspace row;
};  ///< insert; conflict if the name is taken
struct PutPerson {
    core::Person row;
};  ///< insert; conflict if the e-mail is taken
struct UpdatePerson {
    core::Person row;
    std::uint64_t expected_version;
};  ///< row.version = expected + 1; the e-mail address stays
struct PutMembership {
    core::Membership row;
};  ///< insert or replace
struct InsertMembership {
    core::Membership row;
};  ///< conflict if the person is a member or invited already
struct UpdateMembership {
    core::Membership row;
    std::uint64_t expected_version;
};
struct DeleteMembership {
    core::WorkspaceId workspace;
    core::PersonId person;
    std::uint64_t expected_version;
};  ///< their sessions, rights in folders, permissions and connections below user-specific ones go with it
/// Put after changes of memberships: conflict if the workspace is left without an active administrator.
struct KeepAdministrator {
    core::WorkspaceId workspace;
};
struct PutGroup {
    core::Group row;
};  ///< insert; conflict if the name is taken; not_found if the parent is not there
/// Conflict if the name is taken, or if the group would stand below itself.
struct UpdateGroup {
    core::Group row;
    std::uint64_t expected_version;
};
/// Conflict while other groups stand below it. Its members leave it; its rights in folders go with it.
struct DeleteGroup {
    core::WorkspaceId workspace;
    core::GroupId id;
    std::uint64_t expected_version;
};
struct InsertSession {
    core::Session row;
};
struct TouchSession {
    core::WorkspaceId workspace;
    core::SessionId id;
    TimePoint last_seen_at;
    TimePoint idle_until;
};  ///< nothing happens if it has ended
struct DeleteSession {
    core::WorkspaceId workspace;
    core::SessionId id;
};  ///< not_found unless it is there
/// Of one person; a zero workspace means everywhere.
struct DeleteSessionsOf {
    core::WorkspaceId workspace;
    core::PersonId person;
    std::optional<core::SessionId> except{};
};
struct PutFolder {
    core::Folder row;
};  ///< insert; conflict if the name is taken
struct PutFolderGrant {
    core::FolderGrant row;
};  ///< insert or replace
struct DeleteFolderGrant {
    core::WorkspaceId workspace;
    core::FolderId folder;
    core::FolderGrant::Holder holder;
    IdBytes holder_id;
};  ///< not_found unless it is there
struct InsertKey {
    core::ApiKey row;
};  ///< conflict if the name is taken
struct UpdateKey {
    core::ApiKey row;
    std::uint64_t expected_version;
};  ///< row.version = expected + 1
struct InsertRegistration {
    core::ClientRegistration row;
};  ///< with its credentials
struct UpdateRegistration {
    core::ClientRegistration row;
    std::uint64_t expected_version;
};
struct DeleteRegistration {
    core::WorkspaceId workspace;
    core::RegistrationId id;
};  ///< conflict while a connection uses it
struct InsertConnection {
    core::Connection row;
};
struct UpdateConnection {
    core::Connection row;
    std::uint64_t expected_version;
};
struct DeleteConnection {
    core::WorkspaceId workspace;
    core::ConnectionId id;
};  ///< its grants, tokens, intents, permissions and consent requests go with it, and the connections below it with theirs
struct PutPermission {
    core::Permission row;
};  ///< insert, or replace the one of the same connection, person and holder; not_found without the connection
struct DeletePermission {
    core::WorkspaceId workspace;
    core::PermissionId id;
};  ///< not_found unless it is there
struct InsertGrant {
    core::Grant row;
};  ///< conflict if the connection has one for this subject
struct UpdateGrant {
    core::Grant row;
    std::uint64_t expected_generation;
};  ///< compare-and-swap on the generation; state and failure too
struct PutToken {
    core::StoredToken row;
};  ///< insert or replace
struct DeleteTokens {
    core::WorkspaceId workspace;
    core::GrantId grant;
};  ///< all of a grant
/// Token journal: a refresh of this generation is about to be tried. Conflict if an intent stands already, the
/// generation has moved, or the fence is not the lease's.
struct BeginRefresh {
    core::WorkspaceId workspace;
    core::GrantId grant;
    std::uint64_t generation;
    std::uint64_t fence;
    TimePoint at;
};
/// The refresh lease of BeginRefresh in the same unit: its fence is `fence` + 1 afterwards. Conflict unless the lease's fence is
/// `fence` (0: never claimed) and it is free, ended at `now`, or the owner's own.
struct ClaimLease {
    core::WorkspaceId workspace;
    std::string name;
    std::string owner;
    std::uint64_t fence;
    TimePoint now;
    TimePoint until;
};
/// Changes nothing. Conflict if the connection has another version by now, not_found if it is gone.
struct ExpectConnection {
    core::WorkspaceId workspace;
    core::ConnectionId id;
    std::uint64_t version;
};
/// The try ended (committed in the same unit, or known to have had no effect).
struct EndRefresh {
    core::WorkspaceId workspace;
    core::GrantId grant;
    std::uint64_t generation;
    std::uint64_t fence;
};
/// What the directory said of an entry of a connection's fence; insert or replace, with its names. Conflict unless the id that is
/// stored is `expected_id` (empty: none, or no row); not_found without the connection.
struct PutFenceEntry {
    core::FenceRow row;
    std::string expected_id;
    bool keep_names = false;  ///< those that are stored stay, and row.names counts for nothing
};
struct DropFenceEntry {
    core::WorkspaceId workspace;
    core::ConnectionId connection;
    core::FenceEntry entry;
};  ///< nothing happens if it is not there
/// All entries have been looked at. Conflict unless `checked_before` is what is stored (nothing: never).
struct PutFenceCheck {
    core::WorkspaceId workspace;
    core::ConnectionId connection;
    std::optional<TimePoint> checked_before;
    TimePoint checked_at;
    TimePoint due_at;
};
/// Asks for a look at the directory from then on; not_found without the connection.
struct DueFence {
    core::WorkspaceId workspace;
    core::ConnectionId connection;
    TimePoint due_at;
};
struct InsertOperation {
    core::Operation row;
};
struct UpdateOperation {
    core::Operation row;
    std::uint64_t expected_version;
};
struct PutOperationItem {
    core::WorkspaceId workspace;
    core::OperationId operation;
    core::OperationItem item;
};  ///< idempotent by index
struct InsertConsent {
    core::ConsentRequest row;
};  ///< conflict if the connection is not there
struct UpdateConsent {
    core::ConsentRequest row;
    std::uint64_t expected_version;
};  ///< row.version = expected + 1; what was asked stays
/// Conflict if a run of its path has ended or is not there: a child never outlives its parent.
struct InsertRun {
    core::Run row;
};
/// Ends the run, every run below it, and their sessions; those that have ended already stay as they are. not_found unless it is there.
struct EndRun {
    core::WorkspaceId workspace;
    core::RunId run;
    TimePoint at;
};
/// Conflict if its run has ended, or if that run has a live global session of this name.
struct InsertAutomationSession {
    core::AutomationSession row;
};
/// not_found unless it is there; one that has ended stays as it is.
struct EndAutomationSession {
    core::WorkspaceId workspace;
    core::AutomationSessionId id;
    TimePoint at;
    std::string because;
};
struct InsertStoredCredential {
    core::StoredCredential row;
};  ///< conflict if the name is taken
struct UpdateStoredCredential {
    core::StoredCredential row;
    std::uint64_t expected_version;
};
struct DeleteStoredCredential {
    core::WorkspaceId workspace;
    core::StoredCredentialId id;
};  ///< not_found unless it is there
struct PutVariable {
    core::Variable row;
};  ///< insert or replace
struct DeleteVariable {
    core::WorkspaceId workspace;
    core::Name name;
};  ///< not_found unless it is there
struct InsertExternalVault {
    core::ExternalVault row;
};  ///< conflict if the name is taken
struct UpdateExternalVault {
    core::ExternalVault row;
    std::uint64_t expected_version;
};  ///< row.version = expected + 1; the name stays
struct DeleteExternalVault {
    core::WorkspaceId workspace;
    core::ExternalVaultId id;
};  ///< not_found unless it is there
/// A one-time link, sign-in attempt or set-up code: found by the keyed hash of its text, used once.
struct InsertOneTime {
    core::WorkspaceId workspace;
    std::string purpose;  ///< setup, connect, authorization
    Digest hash{};
    std::string data;     ///< JSON, without secrets
    core::Sealed secret;  ///< e.g. the code verifier, may be empty
    TimePoint expires_at;
};
struct UseOneTime {
    core::WorkspaceId workspace;
    std::string purpose;
    Digest hash{};
    TimePoint now;
};  ///< not_found unless there, unused and unexpired
/// Answers of writes, for Idempotency-Key. `scope` holds principal, route and key.
struct PutIdempotency {
    core::WorkspaceId workspace;
    std::string scope;
    Digest body_hash{};
    std::string answer;  ///< empty while in progress; "secret" answers are stored as such, never their text
    TimePoint expires_at;
    bool insert;  ///< true: conflict if there is one
};
struct DeleteIdempotency {
    core::WorkspaceId workspace;
    std::string scope;
};
struct PutDataKey {
    core::WorkspaceId workspace;
    std::uint32_t version;
    std::string wrapped;
    bool insert;
};  ///< wrapped by the master key
/// Settings of the installation (workspace all zero) or of one workspace: schema of names in docs/architecture.md.
struct PutSetting {
    core::WorkspaceId workspace;
    std::string name;
    std::string value;
};
struct AppendAudit {
    core::AuditRow row;
};  ///< the store fills sequence, previous_hash and hash

using Change =
    std::variant<PutWorkspace, PutPerson, UpdatePerson, PutMembership, InsertMembership, UpdateMembership, DeleteMembership, KeepAdministrator, PutGroup,
                 UpdateGroup, DeleteGroup, InsertSession, TouchSession, DeleteSession, DeleteSessionsOf, PutFolder, PutFolderGrant, DeleteFolderGrant,
                 InsertKey, UpdateKey, InsertRegistration, UpdateRegistration, DeleteRegistration, InsertConnection, UpdateConnection, DeleteConnection,
                 PutPermission, DeletePermission, InsertGrant, UpdateGrant, PutToken, DeleteTokens, ClaimLease, ExpectConnection, BeginRefresh, EndRefresh,
                 PutFenceEntry, DropFenceEntry, PutFenceCheck, DueFence, InsertOperation, UpdateOperation, PutOperationItem, InsertConsent, UpdateConsent,
                 InsertRun, EndRun, InsertAutomationSession, EndAutomationSession, InsertStoredCredential, UpdateStoredCredential, DeleteStoredCredential,
                 PutVariable, DeleteVariable, InsertExternalVault, UpdateExternalVault, DeleteExternalVault, InsertOneTime, UseOneTime, PutIdempotency,
                 DeleteIdempotency, PutDataKey, PutSetting, AppendAudit>;

using UnitOfWork = std::vector<Change>;

}  // namespace renkei::app
