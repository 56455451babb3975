#pragma once

#include "app/ports/commit_observer.hpp"
#include "app/ports/reseal.hpp"
#include "app/ports/store.hpp"

#include <functional>
#include <memory>
#include <mutex>

namespace renkei::testing {

/// The store in memory, with the same answers as the real one (tests/contract holds both to it). Each call yields once
/// to the loop, as a real one would. Thread-safe.
class FakeStore : public app::Store, public app::ResealStore {
public:
    FakeStore();
    ~FakeStore() override;

    // Switches. A commit that fails stores nothing. A store that died answers shutting_down to everything, as if the
    // process were gone, until it is revived with what it had stored.
    void fail_next_commits(int count, Errc code = Errc::storage_failed);
    /// Every commit for which it says a code fails with it.
    void fail_commits_when(std::function<std::optional<Errc>(const app::UnitOfWork&)> judge);
    void die_before_commit_when(std::function<bool(const app::UnitOfWork&)> judge);
    void die_after_commit_when(std::function<bool(const app::UnitOfWork&)> judge);
    void die_before_next_commit() {
        die_before_commit_when([](const app::UnitOfWork&) { return true; });
    }
    void die_after_next_commit() {
        die_after_commit_when([](const app::UnitOfWork&) { return true; });
    }
    bool is_dead() const;
    void revive();                                                         ///< ends fail_ and die_ switches too
    void observe(app::CommitObserver* observer);                           ///< told of every commit that succeeds, beside the ones before
    std::uint64_t commits() const;                                         ///< that succeeded
    std::vector<core::AuditRow> audit(core::WorkspaceId workspace) const;  ///< oldest first

    Task<Result<void>> commit(core::WorkspaceId workspace, app::UnitOfWork unit) override;

    Task<Result<core::Workspace>> find_workspace(core::WorkspaceId workspace) override;
    Task<Result<std::vector<core::Workspace>>> all_workspaces() override;
    Task<Result<core::Person>> find_person(core::PersonId person) override;
    Task<Result<core::Person>> find_person_by_email(std::string email) override;
    Task<Result<core::Membership>> find_membership(core::WorkspaceId workspace, core::PersonId person) override;
    Task<Result<app::Page<app::Member>>> list_members(core::WorkspaceId workspace, std::optional<core::GroupId> group, app::PageRequest page) override;
    Task<Result<std::vector<core::Membership>>> memberships_of(core::PersonId person) override;
    Task<Result<core::Session>> find_session_by_hash(Digest hash) override;
    Task<Result<core::Session>> find_session(core::WorkspaceId workspace, core::SessionId id) override;
    Task<Result<std::vector<core::Session>>> sessions_of(core::WorkspaceId workspace, core::PersonId person) override;
    Task<Result<std::vector<core::Group>>> all_groups(core::WorkspaceId workspace) override;
    Task<Result<std::vector<core::Folder>>> all_folders(core::WorkspaceId workspace) override;
    Task<Result<std::vector<core::FolderGrant>>> all_folder_grants(core::WorkspaceId workspace) override;
    Task<Result<std::string>> find_setting(core::WorkspaceId workspace, std::string name) override;
    Task<Result<core::ApiKey>> find_key_by_hash(Digest hash) override;
    Task<Result<core::ApiKey>> find_key(core::WorkspaceId workspace, core::Name name) override;
    Task<Result<core::ApiKey>> find_key_by_id(core::WorkspaceId workspace, core::KeyId id) override;
    Task<Result<app::Page<core::ApiKey>>> list_keys(core::WorkspaceId workspace, app::PageRequest page) override;
    Task<Result<core::Connection>> find_connection(core::WorkspaceId workspace, core::Name name) override;
    Task<Result<core::Connection>> find_connection_by_id(core::WorkspaceId workspace, core::ConnectionId id) override;
    Task<Result<app::Page<core::Connection>>> list_connections(core::WorkspaceId workspace, app::PageRequest page) override;
    Task<Result<core::ClientRegistration>> find_registration(core::WorkspaceId workspace, core::RegistrationId id) override;
    Task<Result<core::ClientRegistration>> find_registration_by_name(core::WorkspaceId workspace, core::Name name) override;
    Task<Result<app::Page<core::ClientRegistration>>> list_registrations(core::WorkspaceId workspace, app::PageRequest page) override;
    Task<Result<std::vector<core::Connection>>> connections_of_registration(core::WorkspaceId workspace, core::RegistrationId id) override;
    Task<Result<std::vector<core::Connection>>> connections_below(core::WorkspaceId workspace, core::ConnectionId above) override;
    Task<Result<core::Connection>> find_connection_of_person(core::WorkspaceId workspace, core::ConnectionId above, core::PersonId person) override;
    Task<Result<std::vector<core::Permission>>> permissions_of(core::WorkspaceId workspace, core::ConnectionId connection) override;
    Task<Result<core::Grant>> find_grant(core::WorkspaceId workspace, core::GrantId id) override;
    Task<Result<std::vector<core::Grant>>> grants_of_connection(core::WorkspaceId workspace, core::ConnectionId id) override;
    Task<Result<app::RefreshRows>> find_refresh(app::RefreshQuestion question) override;
    Task<Result<core::StoredToken>> find_token(core::TokenKey key) override;
    Task<Result<std::vector<app::RefreshIntent>>> all_intents() override;
    Task<Result<app::RefreshIntent>> find_intent(core::WorkspaceId workspace, core::GrantId grant) override;
    Task<Result<std::vector<core::StoredToken>>> tokens_expiring(TimePoint until, TimePoint used_since, std::uint32_t limit) override;
    Task<Result<app::FenceLookup>> find_in_fence(core::WorkspaceId workspace, core::ConnectionId connection, std::string who) override;
    Task<Result<std::vector<core::FenceRow>>> fence_rows(core::WorkspaceId workspace, core::ConnectionId connection) override;
    Task<Result<std::optional<app::FenceCheck>>> fence_check(core::WorkspaceId workspace, core::ConnectionId connection) override;
    Task<Result<std::vector<app::DueConnection>>> fences_due(TimePoint now, std::uint32_t limit) override;
    Task<Result<app::Lease>> claim(core::WorkspaceId workspace, std::string name, std::string owner, TimePoint now, std::chrono::milliseconds length) override;
    Task<Result<void>> release(core::WorkspaceId workspace, app::Lease lease) override;
    Task<Result<core::Operation>> find_operation(core::WorkspaceId workspace, core::OperationId id) override;
    Task<Result<app::Page<core::Operation>>> list_operations(core::WorkspaceId workspace, app::PageRequest page) override;
    Task<Result<app::Page<core::OperationItem>>> operation_items(core::WorkspaceId workspace, core::OperationId id, app::PageRequest page) override;
    Task<Result<std::vector<core::Operation>>> unfinished_operations() override;
    Task<Result<core::ConsentRequest>> find_consent(core::WorkspaceId workspace, core::ConsentId id) override;
    Task<Result<core::ConsentRequest>> find_consent_by_link(Digest link) override;
    Task<Result<std::vector<core::ConsentRequest>>> consents_of(core::WorkspaceId workspace, core::ConnectionId connection) override;
    Task<Result<app::Page<core::ConsentRequest>>> list_consents(core::WorkspaceId workspace, app::PageRequest page) override;
    Task<Result<core::Run>> find_run_by_hash(Digest hash) override;
    Task<Result<core::Run>> find_run(core::WorkspaceId workspace, core::RunId id) override;
    Task<Result<app::Page<core::Run>>> list_runs(core::WorkspaceId workspace, app::PageRequest page) override;
    Task<Result<core::AutomationSession>> find_automation_session_by_hash(Digest hash) override;
    Task<Result<core::AutomationSession>> find_automation_session(core::WorkspaceId workspace, core::AutomationSessionId id) override;
    Task<Result<app::Page<core::AutomationSession>>> list_automation_sessions(core::WorkspaceId workspace, app::PageRequest page) override;
    Task<Result<std::vector<core::AutomationSession>>> global_sessions_named(core::WorkspaceId workspace, core::Name name, std::vector<core::RunId> runs,
                                                                             TimePoint now) override;
    Task<Result<core::StoredCredential>> find_stored_credential(core::WorkspaceId workspace, core::Name name) override;
    Task<Result<app::Page<core::StoredCredential>>> list_stored_credentials(core::WorkspaceId workspace, app::PageRequest page) override;
    Task<Result<core::Variable>> find_variable(core::WorkspaceId workspace, core::Name name) override;
    Task<Result<app::Page<core::Variable>>> list_variables(core::WorkspaceId workspace, app::PageRequest page) override;
    Task<Result<core::ExternalVault>> find_external_vault(core::WorkspaceId workspace, core::Name name) override;
    Task<Result<app::Page<core::ExternalVault>>> list_external_vaults(core::WorkspaceId workspace, app::PageRequest page) override;
    Task<Result<app::OneTime>> find_one_time(std::string purpose, Digest hash) override;
    Task<Result<std::vector<app::FoundOneTime>>> live_one_times(std::string purpose, TimePoint now, std::uint32_t limit) override;
    Task<Result<app::IdempotentAnswer>> find_idempotency(core::WorkspaceId workspace, std::string scope) override;
    Task<Result<std::uint64_t>> sweep(TimePoint now) override;
    Task<Result<app::Page<core::AuditRow>>> list_audit(core::WorkspaceId workspace, app::AuditQuery query, app::PageRequest page) override;
    Task<Result<std::vector<app::DataKeyRow>>> all_data_keys() override;
    Task<Result<std::vector<app::SealedValue>>> values_sealed_before(core::WorkspaceId workspace, std::uint32_t key_version, std::uint32_t limit) override;
    Task<Result<std::uint64_t>> count_sealed_before(core::WorkspaceId workspace, std::uint32_t key_version) override;
    Task<Result<std::uint64_t>> replace_sealed(core::WorkspaceId workspace, std::vector<app::ResealedValue> values) override;

    struct Tables;

private:
    struct Switches;
    /// Yields, then looks at the tables under the lock; shutting_down when dead.
    template <class Look>
    Task<std::invoke_result_t<Look, Tables&>> look(Look see);

    mutable std::mutex mutex_;
    std::unique_ptr<Tables> tables_;
    std::unique_ptr<Switches> switches_;
};

}  // namespace renkei::testing
