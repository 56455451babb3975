#pragma once

#include "adapters/storage/sqlite/database.hpp"
#include "app/ports/store.hpp"
#include "app/ports/unit_of_work.hpp"

namespace renkei::sqlite {

// What each change does to the tables. Called by the writer inside a savepoint: an error undoes the whole unit.

Result<void> apply(Database& db, const app::PutWorkspace& change);
Result<void> apply(Database& db, const app::PutPerson& change);
Result<void> apply(Database& db, const app::UpdatePerson& change);
Result<void> apply(Database& db, const app::PutMembership& change);
Result<void> apply(Database& db, const app::InsertMembership& change);
Result<void> apply(Database& db, const app::UpdateMembership& change);
Result<void> apply(Database& db, const app::DeleteMembership& change);
Result<void> apply(Database& db, const app::KeepAdministrator& change);
Result<void> apply(Database& db, const app::PutGroup& change);
Result<void> apply(Database& db, const app::UpdateGroup& change);
Result<void> apply(Database& db, const app::DeleteGroup& change);
Result<void> apply(Database& db, const app::InsertSession& change);
Result<void> apply(Database& db, const app::TouchSession& change);
Result<void> apply(Database& db, const app::DeleteSession& change);
Result<void> apply(Database& db, const app::DeleteSessionsOf& change);
Result<void> apply(Database& db, const app::PutFolder& change);
Result<void> apply(Database& db, const app::PutFolderGrant& change);
Result<void> apply(Database& db, const app::DeleteFolderGrant& change);
Result<void> apply(Database& db, const app::InsertKey& change);
Result<void> apply(Database& db, const app::UpdateKey& change);
Result<void> apply(Database& db, const app::InsertRegistration& change);
Result<void> apply(Database& db, const app::UpdateRegistration& change);
Result<void> apply(Database& db, const app::DeleteRegistration& change);
Result<void> apply(Database& db, const app::InsertConnection& change);
Result<void> apply(Database& db, const app::UpdateConnection& change);
Result<void> apply(Database& db, const app::DeleteConnection& change);
Result<void> apply(Database& db, const app::PutPermission& change);
Result<void> apply(Database& db, const app::DeletePermission& change);
Result<void> apply(Database& db, const app::InsertGrant& change);
Result<void> apply(Database& db, const app::UpdateGrant& change);
Result<void> apply(Database& db, const app::PutToken& change);
Result<void> apply(Database& db, const app::DeleteTokens& change);
Result<void> apply(Database& db, const app::ClaimLease& change);
Result<void> apply(Database& db, const app::ExpectConnection& change);
Result<void> apply(Database& db, const app::BeginRefresh& change);
Result<void> apply(Database& db, const app::EndRefresh& change);
Result<void> apply(Database& db, const app::PutFenceEntry& change);
Result<void> apply(Database& db, const app::DropFenceEntry& change);
Result<void> apply(Database& db, const app::PutFenceCheck& change);
Result<void> apply(Database& db, const app::DueFence& change);
Result<void> apply(Database& db, const app::InsertOperation& change);
Result<void> apply(Database& db, const app::UpdateOperation& change);
Result<void> apply(Database& db, const app::PutOperationItem& change);
Result<void> apply(Database& db, const app::InsertConsent& change);
Result<void> apply(Database& db, const app::UpdateConsent& change);
Result<void> apply(Database& db, const app::InsertRun& change);
Result<void> apply(Database& db, const app::EndRun& change);
Result<void> apply(Database& db, const app::InsertAutomationSession& change);
Result<void> apply(Database& db, const app::EndAutomationSession& change);
Result<void> apply(Database& db, const app::InsertStoredCredential& change);
Result<void> apply(Database& db, const app::UpdateStoredCredential& change);
Result<void> apply(Database& db, const app::DeleteStoredCredential& change);
Result<void> apply(Database& db, const app::PutVariable& change);
Result<void> apply(Database& db, const app::DeleteVariable& change);
Result<void> apply(Database& db, const app::InsertExternalVault& change);
Result<void> apply(Database& db, const app::UpdateExternalVault& change);
Result<void> apply(Database& db, const app::DeleteExternalVault& change);
Result<void> apply(Database& db, const app::InsertOneTime& change);
Result<void> apply(Database& db, const app::UseOneTime& change);
Result<void> apply(Database& db, const app::PutIdempotency& change);
Result<void> apply(Database& db, const app::DeleteIdempotency& change);
Result<void> apply(Database& db, const app::PutDataKey& change);
Result<void> apply(Database& db, const app::PutSetting& change);
Result<void> apply(Database& db, const app::AppendAudit& change);

Result<void> apply_unit(Database& db, const app::UnitOfWork& unit);

/// Claims are written like units, but answer with a value.
Result<app::Lease> claim_lease(Database& db, core::WorkspaceId workspace, const std::string& name, const std::string& owner, TimePoint now, TimePoint until);
Result<void> release_lease(Database& db, core::WorkspaceId workspace, const app::Lease& lease);
/// At most `limit` rows of each kind; returns how many went.
Result<std::uint64_t> sweep_some(Database& db, TimePoint now, std::uint32_t limit);

/// Exactly one row must have changed; otherwise conflict if the row is there (its version moved), not_found if not.
template <class... Key>
Result<void> expect_one(Database& db, Result<std::int64_t> changed, std::string_view what, std::string_view exists_sql, const Key&... key) {
    if (!changed) return propagate(changed);
    if (*changed > 0) return {};
    auto found = db.one(what, exists_sql, [](Use&) { return true; }, key...);
    if (!found) return propagate(found);
    return fail(Errc::conflict, "The " + std::string(what) + " was changed meanwhile.");
}
inline Result<void> done(Result<std::int64_t> changed) {
    if (!changed) return propagate(changed);
    return {};
}

}  // namespace renkei::sqlite
