#pragma once

#include "app/ports/unit_of_work.hpp"
#include "app/task.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace renkei::app {

/// One page of a list; `next` is where the following page begins, empty at the end.
template <class T>
struct Page {
    std::vector<T> items;
    std::string next;
};
struct PageRequest {
    std::string after;         ///< `next` of the page before, empty for the first
    std::uint32_t limit = 50;  ///< 1 to 500
};

// Every method takes the workspace first and knows no row of another one: it answers not_found.
// Errors: not_found, conflict, storage_full, storage_failed. All calls may be made from any event loop.

/// Applies units of work. Acknowledged means durable.
class Ledger {
public:
    virtual ~Ledger() = default;
    virtual Task<Result<void>> commit(core::WorkspaceId workspace, UnitOfWork unit) = 0;
};

/// A membership with the person whose it is.
struct Member {
    core::Membership membership;
    core::Person person;
};

class WorkspaceStore {
public:
    virtual ~WorkspaceStore() = default;
    virtual Task<Result<core::Workspace>> find_workspace(core::WorkspaceId workspace) = 0;
    virtual Task<Result<std::vector<core::Workspace>>> all_workspaces() = 0;
    virtual Task<Result<core::Person>> find_person(core::PersonId person) = 0;
    virtual Task<Result<core::Person>> find_person_by_email(std::string email) = 0;
    virtual Task<Result<core::Membership>> find_membership(core::WorkspaceId workspace, core::PersonId person) = 0;
    /// By e-mail address; with a group, only those that stand in it directly.
    virtual Task<Result<Page<Member>>> list_members(core::WorkspaceId workspace, std::optional<core::GroupId> group, PageRequest page) = 0;
    /// Of all workspaces: asked at sign-in, when the workspace is not known yet.
    virtual Task<Result<std::vector<core::Membership>>> memberships_of(core::PersonId person) = 0;
    virtual Task<Result<std::vector<core::Group>>> all_groups(core::WorkspaceId workspace) = 0;
    virtual Task<Result<std::vector<core::Folder>>> all_folders(core::WorkspaceId workspace) = 0;
    virtual Task<Result<std::vector<core::FolderGrant>>> all_folder_grants(core::WorkspaceId workspace) = 0;
    virtual Task<Result<std::string>> find_setting(core::WorkspaceId workspace, std::string name) = 0;
};

class SessionStore {
public:
    virtual ~SessionStore() = default;
    /// Ended ones too until they are swept: the caller decides. The workspace is not known before the session is.
    virtual Task<Result<core::Session>> find_session_by_hash(Digest hash) = 0;
    virtual Task<Result<core::Session>> find_session(core::WorkspaceId workspace, core::SessionId id) = 0;
    virtual Task<Result<std::vector<core::Session>>> sessions_of(core::WorkspaceId workspace, core::PersonId person) = 0;  ///< newest first
};

class KeyStore {
public:
    virtual ~KeyStore() = default;
    /// Revoked and expired ones too: the caller decides. The workspace is not known before the key is.
    virtual Task<Result<core::ApiKey>> find_key_by_hash(Digest hash) = 0;
    virtual Task<Result<core::ApiKey>> find_key(core::WorkspaceId workspace, core::Name name) = 0;
    virtual Task<Result<core::ApiKey>> find_key_by_id(core::WorkspaceId workspace, core::KeyId id) = 0;
    virtual Task<Result<Page<core::ApiKey>>> list_keys(core::WorkspaceId workspace, PageRequest page) = 0;
};

class ConnectionStore {
public:
    virtual ~ConnectionStore() = default;
    virtual Task<Result<core::Connection>> find_connection(core::WorkspaceId workspace, core::Name name) = 0;
    virtual Task<Result<core::Connection>> find_connection_by_id(core::WorkspaceId workspace, core::ConnectionId id) = 0;
    virtual Task<Result<Page<core::Connection>>> list_connections(core::WorkspaceId workspace, PageRequest page) = 0;  ///< by name
    virtual Task<Result<core::ClientRegistration>> find_registration(core::WorkspaceId workspace, core::RegistrationId id) = 0;
    virtual Task<Result<core::ClientRegistration>> find_registration_by_name(core::WorkspaceId workspace, core::Name name) = 0;
    virtual Task<Result<Page<core::ClientRegistration>>> list_registrations(core::WorkspaceId workspace, PageRequest page) = 0;
    virtual Task<Result<std::vector<core::Connection>>> connections_of_registration(core::WorkspaceId workspace, core::RegistrationId id) = 0;
    /// Of everybody who has one below a user-specific connection, by name.
    virtual Task<Result<std::vector<core::Connection>>> connections_below(core::WorkspaceId workspace, core::ConnectionId above) = 0;
    virtual Task<Result<core::Connection>> find_connection_of_person(core::WorkspaceId workspace, core::ConnectionId above, core::PersonId person) = 0;
    /// Given by anybody, ended ones too, oldest first.
    virtual Task<Result<std::vector<core::Permission>>> permissions_of(core::WorkspaceId workspace, core::ConnectionId connection) = 0;
};

/// A refresh that was announced and not ended.
struct RefreshIntent {
    core::WorkspaceId workspace;
    core::GrantId grant;
    std::uint64_t generation = 0;
    std::uint64_t fence = 0;
    TimePoint at;
};

/// All that a refresh begins with, as it stood at one moment.
struct RefreshRows {
    core::Grant grant;
    std::optional<core::StoredToken> token;
    std::optional<core::ClientRegistration> registration;
    std::uint64_t fence = 0;  ///< of the refresh lease as it was claimed last; 0: never
};
struct RefreshQuestion {
    core::WorkspaceId workspace;
    core::ConnectionId connection;
    core::RegistrationId registration;
    bool of_app = false;  ///< the grant of the app itself, not of a person
};

class GrantStore {
public:
    virtual ~GrantStore() = default;
    virtual Task<Result<core::Grant>> find_grant(core::WorkspaceId workspace, core::GrantId id) = 0;
    virtual Task<Result<std::vector<core::Grant>>> grants_of_connection(core::WorkspaceId workspace, core::ConnectionId id) = 0;
    /// not_found without such a grant.
    virtual Task<Result<RefreshRows>> find_refresh(RefreshQuestion question) = 0;
    virtual Task<Result<core::StoredToken>> find_token(core::TokenKey key) = 0;
    /// Every intent of the installation: read once at start.
    virtual Task<Result<std::vector<RefreshIntent>>> all_intents() = 0;
    virtual Task<Result<RefreshIntent>> find_intent(core::WorkspaceId workspace, core::GrantId grant) = 0;
    /// Tokens of active grants used since `used_since` that expire before `until`, soonest first, for refreshing ahead.
    virtual Task<Result<std::vector<core::StoredToken>>> tokens_expiring(TimePoint until, TimePoint used_since, std::uint32_t limit) = 0;
};

/// When a connection's fence was compared with the directory, and when it is due again.
struct FenceCheck {
    std::optional<TimePoint> checked_at;  ///< nothing: never
    TimePoint due_at;
};
/// What the store knows of somebody in a connection's fence.
struct FenceLookup {
    std::vector<core::FenceHit> hits;
    std::optional<FenceCheck> check;
};
struct DueConnection {
    core::WorkspaceId workspace;
    core::ConnectionId connection;
};

class FenceStore {
public:
    virtual ~FenceStore() = default;
    /// `who`: one spelling of an address, or a directory id. No hits where the connection is not there.
    virtual Task<Result<FenceLookup>> find_in_fence(core::WorkspaceId workspace, core::ConnectionId connection, std::string who) = 0;
    /// By kind and text; without the names of groups' members.
    virtual Task<Result<std::vector<core::FenceRow>>> fence_rows(core::WorkspaceId workspace, core::ConnectionId connection) = 0;
    virtual Task<Result<std::optional<FenceCheck>>> fence_check(core::WorkspaceId workspace, core::ConnectionId connection) = 0;
    /// Of all workspaces: connections that work and have an account of their own, whose fence has entries, and that are due or were never looked at; longest
    /// due first.
    virtual Task<Result<std::vector<DueConnection>>> fences_due(TimePoint now, std::uint32_t limit) = 0;
};

/// A claim that ends by itself. The fence only grows: whoever holds an older one cannot write any more.
struct Lease {
    std::string name;
    std::string owner;
    std::uint64_t fence = 0;
    TimePoint until;
};

/// The lease under which a grant is refreshed: BeginRefresh compares its fence with the one of this lease.
inline std::string refresh_lease_name(core::GrantId grant) { return "refresh:" + grant.text(); }

class LeaseStore {
public:
    virtual ~LeaseStore() = default;
    /// conflict while another owner's claim lives; the same owner may claim again and gets a new fence. Releasing one
    /// that somebody else has claimed meanwhile is a conflict.
    virtual Task<Result<Lease>> claim(core::WorkspaceId workspace, std::string name, std::string owner, TimePoint now, std::chrono::milliseconds length) = 0;
    virtual Task<Result<void>> release(core::WorkspaceId workspace, Lease lease) = 0;
};

class OperationStore {
public:
    virtual ~OperationStore() = default;
    virtual Task<Result<core::Operation>> find_operation(core::WorkspaceId workspace, core::OperationId id) = 0;
    virtual Task<Result<Page<core::Operation>>> list_operations(core::WorkspaceId workspace, PageRequest page) = 0;  ///< newest first
    virtual Task<Result<Page<core::OperationItem>>> operation_items(core::WorkspaceId workspace, core::OperationId id, PageRequest page) = 0;
    /// Queued or running ones of the whole installation: read at start to go on with them.
    virtual Task<Result<std::vector<core::Operation>>> unfinished_operations() = 0;
};

class ConsentStore {
public:
    virtual ~ConsentStore() = default;
    virtual Task<Result<core::ConsentRequest>> find_consent(core::WorkspaceId workspace, core::ConsentId id) = 0;
    /// The workspace is not known before the link is: the hash finds it.
    virtual Task<Result<core::ConsentRequest>> find_consent_by_link(Digest link) = 0;
    virtual Task<Result<std::vector<core::ConsentRequest>>> consents_of(core::WorkspaceId workspace, core::ConnectionId connection) = 0;  ///< newest first
    virtual Task<Result<Page<core::ConsentRequest>>> list_consents(core::WorkspaceId workspace, PageRequest page) = 0;                    ///< newest first
};

class AutomationStore {
public:
    virtual ~AutomationStore() = default;
    /// Ended ones too until they are swept: the caller decides. The workspace is not known before the run or session is.
    virtual Task<Result<core::Run>> find_run_by_hash(Digest hash) = 0;
    virtual Task<Result<core::Run>> find_run(core::WorkspaceId workspace, core::RunId id) = 0;
    virtual Task<Result<Page<core::Run>>> list_runs(core::WorkspaceId workspace, PageRequest page) = 0;  ///< newest first
    virtual Task<Result<core::AutomationSession>> find_automation_session_by_hash(Digest hash) = 0;
    virtual Task<Result<core::AutomationSession>> find_automation_session(core::WorkspaceId workspace, core::AutomationSessionId id) = 0;
    virtual Task<Result<Page<core::AutomationSession>>> list_automation_sessions(core::WorkspaceId workspace, PageRequest page) = 0;  ///< newest first
    /// Live global ones of this name that belong to one of these runs.
    virtual Task<Result<std::vector<core::AutomationSession>>> global_sessions_named(core::WorkspaceId workspace, core::Name name,
                                                                                     std::vector<core::RunId> runs, TimePoint now) = 0;
};

class ValueStore {
public:
    virtual ~ValueStore() = default;
    virtual Task<Result<core::StoredCredential>> find_stored_credential(core::WorkspaceId workspace, core::Name name) = 0;
    virtual Task<Result<Page<core::StoredCredential>>> list_stored_credentials(core::WorkspaceId workspace, PageRequest page) = 0;  ///< by name
    virtual Task<Result<core::Variable>> find_variable(core::WorkspaceId workspace, core::Name name) = 0;
    virtual Task<Result<Page<core::Variable>>> list_variables(core::WorkspaceId workspace, PageRequest page) = 0;  ///< by name
    virtual Task<Result<core::ExternalVault>> find_external_vault(core::WorkspaceId workspace, core::Name name) = 0;
    virtual Task<Result<Page<core::ExternalVault>>> list_external_vaults(core::WorkspaceId workspace, PageRequest page) = 0;  ///< by name
};

/// What UseOneTime will use up.
struct OneTime {
    core::WorkspaceId workspace;
    std::string data;
    core::Sealed secret;
    TimePoint expires_at;
    bool used = false;
};
struct FoundOneTime {
    Digest hash{};
    OneTime row;
};
struct IdempotentAnswer {
    Digest body_hash{};
    std::string answer;
    TimePoint expires_at;
};

class OneTimeStore {
public:
    virtual ~OneTimeStore() = default;
    /// The workspace is not known before the text is: the hash finds it.
    virtual Task<Result<OneTime>> find_one_time(std::string purpose, Digest hash) = 0;
    /// Of all workspaces: unused and unexpired, soonest end first, at most `limit`. For going on after a restart.
    virtual Task<Result<std::vector<FoundOneTime>>> live_one_times(std::string purpose, TimePoint now, std::uint32_t limit) = 0;
    virtual Task<Result<IdempotentAnswer>> find_idempotency(core::WorkspaceId workspace, std::string scope) = 0;
    /// Removes what expired before `now`: one-time rows, idempotent answers, finished operations,
    /// sessions; consent requests thirty days later. Returns how many.
    virtual Task<Result<std::uint64_t>> sweep(TimePoint now) = 0;
};

struct AuditQuery {
    std::string action;
    std::string target;
    std::string principal;
};

class AuditStore {
public:
    virtual ~AuditStore() = default;
    virtual Task<Result<Page<core::AuditRow>>> list_audit(core::WorkspaceId workspace, AuditQuery query, PageRequest page) = 0;  ///< newest first
};

struct DataKeyRow {
    core::WorkspaceId workspace;
    std::uint32_t version = 0;
    std::string wrapped;
};

class DataKeyStore {
public:
    virtual ~DataKeyStore() = default;
    virtual Task<Result<std::vector<DataKeyRow>>> all_data_keys() = 0;
};

/// All of them, as one embedded store offers them.
class Store : public Ledger,
              public WorkspaceStore,
              public SessionStore,
              public KeyStore,
              public ConnectionStore,
              public GrantStore,
              public FenceStore,
              public LeaseStore,
              public OperationStore,
              public ConsentStore,
              public AutomationStore,
              public ValueStore,
              public OneTimeStore,
              public AuditStore,
              public DataKeyStore {};

}  // namespace renkei::app
