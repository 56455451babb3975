#pragma once

#include "adapters/storage/sqlite/database.hpp"
#include "adapters/storage/sqlite/folder_lock.hpp"
#include "adapters/storage/sqlite/writer.hpp"
#include "app/ports/commit_observer.hpp"
#include "app/ports/reseal.hpp"
#include "app/ports/store.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace renkei::sqlite {

struct Settings {
    std::filesystem::path folder;  ///< made with mode 0700 if it is not there; holds renkei.db and renkei.lock
    unsigned readers = 2;          ///< threads, each with a connection of its own
    std::int64_t writer_cache_kib = 4096;
    std::int64_t reader_cache_kib = 1024;
    std::int64_t max_pages = 0;  ///< of 4 KiB; 0: as many as the disk holds
    std::string vfs;             ///< empty: the platform's
    WriterLimits writer;
};

inline std::filesystem::path database_file(const std::filesystem::path& folder) { return folder / "renkei.db"; }

/// The embedded store: SQLite in WAL mode, one writing thread, some reading ones, nothing on the event loops.
class SqliteStore final : public app::Store, public app::ResealStore {
public:
    /// Takes the folder's lock, opens, migrates. Blocks: called at start. The error says what to do.
    static Result<std::unique_ptr<SqliteStore>> open(Settings settings);
    ~SqliteStore() override;  ///< stores what was taken on; every loop with a waiting call must still run

    /// Before the first commit; it outlives the store's use. Several are told in the order in which they came.
    void observe(app::CommitObserver& observer) { observers_.push_back(&observer); }

    Task<Result<void>> commit(core::WorkspaceId workspace, app::UnitOfWork unit) override;

    Task<Result<core::Workspace>> find_workspace(core::WorkspaceId workspace) override;
    Task<Result<std::vector<core::Workspace>>> all_workspaces() override;
    Task<Result<core::Person>> find_person(core::PersonId person) override;
    Task<Result<core::Person>> find_person_by_email(std::string email) override;
    Task<Result<core::Membership>> find_membership(core::WorkspaceId workspace, core::PersonId person) override;
    Task<Result<app::Page<app::Member>>> list_members(core::WorkspaceId workspace, std::optional<core::GroupId> group, app::PageRequest page) override;
    Task<Result<std::vector<core::Membership>>> memberships_of(core::PersonId person) override;
    Task<Result<std::vector<core::Group>>> all_groups(core::WorkspaceId workspace) override;
    Task<Result<std::vector<core::Folder>>> all_folders(core::WorkspaceId workspace) override;
    Task<Result<std::vector<core::FolderGrant>>> all_folder_grants(core::WorkspaceId workspace) override;
    Task<Result<std::string>> find_setting(core::WorkspaceId workspace, std::string name) override;

    Task<Result<core::Session>> find_session_by_hash(Digest hash) override;
    Task<Result<core::Session>> find_session(core::WorkspaceId workspace, core::SessionId id) override;
    Task<Result<std::vector<core::Session>>> sessions_of(core::WorkspaceId workspace, core::PersonId person) override;

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

    /// A consistent copy while everything goes on. `target` must not exist; beside it comes `<target>.json`, the manifest.
    Task<Result<void>> backup(std::filesystem::path target, TimePoint now);
    WriterFigures writer_figures() const { return writer_->figures(); }

private:
    SqliteStore(Settings settings, FolderLock lock);
    Result<void> start();

    /// Runs `look` with a reading connection on a reading thread.
    template <class Look>
    Task<std::invoke_result_t<Look, Database&>> read(Look look);
    /// Queues `work` for the writer and waits until it is durable.
    Task<Result<void>> write(std::function<Result<void>(Database&)> work);

    const Settings settings_;
    FolderLock lock_;
    std::unique_ptr<Writer> writer_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Database>> idle_readers_;  ///< as many as threads in the pool: never empty for one of them
    asio::thread_pool pool_;
    std::vector<app::CommitObserver*> observers_;
    asio::thread_pool copying_{1};  ///< backups take long
};

}  // namespace renkei::sqlite
