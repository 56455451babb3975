#pragma once

#include "tests/support/fake_store.hpp"

#include <map>
#include <tuple>

namespace renkei::testing {

/// Rows by their primary key. put() and remove() note how to undo themselves.
template <class Key, class Row>
class Table {
public:
    const Row* find(const Key& key) const {
        const auto found = rows_.find(key);
        return found == rows_.end() ? nullptr : &found->second;
    }
    template <class Where>
    const Row* find_where(Where where) const {
        for (const auto& [key, row] : rows_)
            if (where(row)) return &row;
        return nullptr;
    }
    template <class Where>
    std::vector<Row> all_where(Where where) const {
        std::vector<Row> found;
        for (const auto& [key, row] : rows_)
            if (where(row)) found.push_back(row);
        return found;
    }
    const std::map<Key, Row>& rows() const { return rows_; }

    using Undo = std::vector<std::function<void()>>;
    void put(Undo& undo, const Key& key, Row row) {
        remember(undo, key);
        rows_.insert_or_assign(key, std::move(row));
    }
    void remove(Undo& undo, const Key& key) {
        remember(undo, key);
        rows_.erase(key);
    }
    template <class Where>
    std::uint64_t remove_where(Undo& undo, Where where) {
        std::vector<Key> gone;
        for (const auto& [key, row] : rows_)
            if (where(row)) gone.push_back(key);
        for (const auto& key : gone) remove(undo, key);
        return gone.size();
    }

private:
    void remember(Undo& undo, const Key& key) {
        const auto* row = find(key);
        undo.push_back([this, key, before = row != nullptr ? std::optional<Row>(*row) : std::nullopt] {
            if (before) {
                rows_.insert_or_assign(key, *before);
            } else {
                rows_.erase(key);
            }
        });
    }
    std::map<Key, Row> rows_;
};

using Undo = std::vector<std::function<void()>>;

struct StoredLease {
    std::string owner;
    std::uint64_t fence = 0;
    TimePoint until;
};
struct StoredItem {
    core::WorkspaceId workspace;
    core::OperationId operation;
    core::OperationItem item;
};
struct StoredOneTime {
    std::string purpose;
    Digest hash{};
    app::OneTime row;
};

struct FakeStore::Tables {
    template <class IdType>
    using ByWorkspace = std::pair<core::WorkspaceId, IdType>;

    Table<core::WorkspaceId, core::Workspace> workspaces;
    Table<core::PersonId, core::Person> persons;
    Table<ByWorkspace<core::PersonId>, core::Membership> memberships;
    Table<ByWorkspace<core::GroupId>, core::Group> groups;
    Table<ByWorkspace<core::SessionId>, core::Session> sessions;
    Table<ByWorkspace<core::FolderId>, core::Folder> folders;
    Table<std::tuple<core::WorkspaceId, core::FolderId, int, IdBytes>, core::FolderGrant> folder_grants;
    Table<ByWorkspace<std::string>, std::string> settings;
    Table<ByWorkspace<core::KeyId>, core::ApiKey> keys;
    Table<ByWorkspace<core::RegistrationId>, core::ClientRegistration> registrations;
    Table<ByWorkspace<core::ConnectionId>, core::Connection> connections;
    Table<ByWorkspace<core::PermissionId>, core::Permission> permissions;
    Table<ByWorkspace<core::GrantId>, core::Grant> grants;
    Table<core::TokenKey, core::StoredToken> tokens;
    Table<std::tuple<core::WorkspaceId, core::ConnectionId, core::FenceEntry>, core::FenceRow> fence_rows;
    Table<ByWorkspace<core::ConnectionId>, app::FenceCheck> fence_checks;
    Table<ByWorkspace<core::GrantId>, app::RefreshIntent> intents;
    Table<ByWorkspace<std::string>, StoredLease> leases;
    Table<ByWorkspace<core::OperationId>, core::Operation> operations;
    Table<std::tuple<core::WorkspaceId, core::OperationId, std::uint64_t>, StoredItem> items;
    Table<ByWorkspace<core::ConsentId>, core::ConsentRequest> consents;
    Table<std::tuple<core::WorkspaceId, std::string, Digest>, StoredOneTime> one_times;
    Table<ByWorkspace<std::string>, app::IdempotentAnswer> answers;
    Table<ByWorkspace<std::uint32_t>, app::DataKeyRow> data_keys;
    Table<ByWorkspace<core::RunId>, core::Run> runs;
    Table<ByWorkspace<core::AutomationSessionId>, core::AutomationSession> automation_sessions;
    Table<ByWorkspace<core::StoredCredentialId>, core::StoredCredential> stored_credentials;
    Table<ByWorkspace<core::Name>, core::Variable> variables;
    Table<ByWorkspace<core::ExternalVaultId>, core::ExternalVault> external_vaults;
    std::map<core::WorkspaceId, std::vector<core::AuditRow>> audits;

    // Fences, in fake_store_fence.cpp.
    Result<void> apply(Undo& undo, const app::PutFenceEntry& change);
    Result<void> apply(Undo& undo, const app::DropFenceEntry& change);
    Result<void> apply(Undo& undo, const app::PutFenceCheck& change);
    Result<void> apply(Undo& undo, const app::DueFence& change);
    // People and groups, in fake_store_people.cpp.
    Result<void> apply(Undo& undo, const app::UpdatePerson& change);
    Result<void> apply(Undo& undo, const app::InsertMembership& change);
    Result<void> apply(Undo& undo, const app::UpdateMembership& change);
    Result<void> apply(Undo& undo, const app::DeleteMembership& change);
    Result<void> apply(Undo& undo, const app::KeepAdministrator& change);
    Result<void> apply(Undo& undo, const app::PutGroup& change);
    Result<void> apply(Undo& undo, const app::UpdateGroup& change);
    Result<void> apply(Undo& undo, const app::DeleteGroup& change);
    Result<void> apply(Undo& undo, const app::InsertSession& change);
    Result<void> apply(Undo& undo, const app::TouchSession& change);
    Result<void> apply(Undo& undo, const app::DeleteSession& change);
    Result<void> apply(Undo& undo, const app::DeleteSessionsOf& change);
    // Runs, sessions and values, in fake_store_automation.cpp.
    Result<void> apply(Undo& undo, const app::InsertRun& change);
    Result<void> apply(Undo& undo, const app::EndRun& change);
    Result<void> apply(Undo& undo, const app::InsertAutomationSession& change);
    Result<void> apply(Undo& undo, const app::EndAutomationSession& change);
    Result<void> apply(Undo& undo, const app::InsertStoredCredential& change);
    Result<void> apply(Undo& undo, const app::UpdateStoredCredential& change);
    Result<void> apply(Undo& undo, const app::DeleteStoredCredential& change);
    Result<void> apply(Undo& undo, const app::PutVariable& change);
    Result<void> apply(Undo& undo, const app::DeleteVariable& change);
    Result<void> apply(Undo& undo, const app::InsertExternalVault& change);
    Result<void> apply(Undo& undo, const app::UpdateExternalVault& change);
    Result<void> apply(Undo& undo, const app::DeleteExternalVault& change);
    void end_sessions_of_key(Undo& undo, const core::ApiKey& key);
    /// With all that belongs to it.
    void remove_connection(Undo& undo, core::WorkspaceId workspace, core::ConnectionId id);

    Result<void> apply_unit(const app::UnitOfWork& unit);
    Result<app::Lease> claim(core::WorkspaceId workspace, const std::string& name, const std::string& owner, TimePoint now, TimePoint until);
    Result<void> release(core::WorkspaceId workspace, const app::Lease& lease);
    std::uint64_t sweep(TimePoint now);
};

struct FakeStore::Switches {
    bool dead = false;
    int failing = 0;
    Errc failing_with = Errc::storage_failed;
    std::function<std::optional<Errc>(const app::UnitOfWork&)> fails_when;
    std::function<bool(const app::UnitOfWork&)> dies_before, dies_after;
    std::uint64_t commits = 0;
    std::vector<app::CommitObserver*> observers;
};

inline std::unexpected<Error> gone_process() { return fail(Errc::shutting_down, "The store died."); }

/// The coroutine sees the tables after one turn of the loop. Tests of the fake's own room only.
template <class Look>
Task<std::invoke_result_t<Look, FakeStore::Tables&>> FakeStore::look(Look see) {
    co_await asio::post(use_task);
    const std::lock_guard lock(mutex_);
    if (switches_->dead) co_return gone_process();
    co_return see(*tables_);
}

}  // namespace renkei::testing
