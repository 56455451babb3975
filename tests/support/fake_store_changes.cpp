#include "tests/support/fake_store_tables.hpp"

#include <ranges>

namespace renkei::testing {
namespace {

using Tables = FakeStore::Tables;

std::unexpected<Error> taken() { return fail(Errc::conflict, "The name is taken, or it exists already."); }
std::unexpected<Error> missing() { return fail(Errc::not_found, "There is no such row."); }
std::unexpected<Error> moved() { return fail(Errc::conflict, "It was changed meanwhile."); }

/// Another row of the workspace with this name?
template <class TableType, class Row>
bool name_taken(const TableType& table, const Row& row) {
    return table.find_where([&](const auto& other) { return other.workspace == row.workspace && other.name == row.name && other.id != row.id; }) != nullptr;
}

template <class TableType, class Row>
Result<void> insert_named(Undo& undo, TableType& table, const Row& row) {
    if (table.find({row.workspace, row.id}) != nullptr || name_taken(table, row)) return taken();
    table.put(undo, {row.workspace, row.id}, row);
    return {};
}

template <class TableType, class Row>
Result<void> update_versioned(Undo& undo, TableType& table, const Row& row, std::uint64_t expected) {
    const auto* before = table.find({row.workspace, row.id});
    if (before == nullptr) return missing();
    if (before->version != expected) return moved();
    auto after = row;
    after.created_at = before->created_at;
    table.put(undo, {row.workspace, row.id}, std::move(after));
    return {};
}

class Applier {
public:
    Applier(Tables& tables, Undo& undo) : t_(tables), undo_(undo) {}

    Result<void> operator()(const app::PutWorkspace& change) {
        const auto& row = change.row;
        if (t_.workspaces.find_where([&](const auto& other) { return other.id == row.id || other.name == row.name; }) != nullptr) return taken();
        t_.workspaces.put(undo_, row.id, row);
        return {};
    }
    Result<void> operator()(const app::PutPerson& change) {
        const auto& row = change.row;
        if (t_.persons.find_where([&](const auto& other) { return other.id == row.id || other.email == row.email; }) != nullptr) return taken();
        t_.persons.put(undo_, row.id, row);
        return {};
    }
    Result<void> operator()(const app::PutMembership& change) {
        if (t_.persons.find(change.row.person) == nullptr) return missing();
        t_.memberships.put(undo_, {change.row.workspace, change.row.person}, change.row);
        return {};
    }
    template <class Change>
        requires requires(Tables& tables, Undo& undo, const Change& change) { tables.apply(undo, change); }
    Result<void> operator()(const Change& change) {
        return t_.apply(undo_, change);
    }
    Result<void> operator()(const app::PutFolder& change) { return insert_named(undo_, t_.folders, change.row); }
    Result<void> operator()(const app::PutFolderGrant& change) {
        const auto& row = change.row;
        if (t_.folders.find({row.workspace, row.folder}) == nullptr) return missing();
        t_.folder_grants.put(undo_, {row.workspace, row.folder, static_cast<int>(row.holder), row.holder_id}, row);
        return {};
    }
    Result<void> operator()(const app::DeleteFolderGrant& change) {
        const auto place = std::tuple(change.workspace, change.folder, static_cast<int>(change.holder), change.holder_id);
        if (t_.folder_grants.find(place) == nullptr) return missing();
        t_.folder_grants.remove(undo_, place);
        return {};
    }
    Result<void> operator()(const app::InsertKey& change) {
        if (t_.keys.find_where([&](const auto& other) { return other.hash == change.row.hash; }) != nullptr) return taken();
        return insert_named(undo_, t_.keys, change.row);
    }
    Result<void> operator()(const app::UpdateKey& change) {
        const auto& row = change.row;
        const auto* before = t_.keys.find({row.workspace, row.id});
        if (before == nullptr) return missing();
        if (before->version != change.expected_version) return moved();
        if (name_taken(t_.keys, row)) return taken();
        if (row.revoked_at) t_.end_sessions_of_key(undo_, row);
        return update_versioned(undo_, t_.keys, row, change.expected_version);
    }
    Result<void> operator()(const app::InsertRegistration& change) { return insert_named(undo_, t_.registrations, change.row); }
    Result<void> operator()(const app::UpdateRegistration& change) {
        const auto* before = t_.registrations.find({change.row.workspace, change.row.id});
        if (before != nullptr && before->version == change.expected_version && name_taken(t_.registrations, change.row)) return taken();
        return update_versioned(undo_, t_.registrations, change.row, change.expected_version);
    }
    Result<void> operator()(const app::DeleteRegistration& change) {
        const auto uses = [&](const auto& row) { return row.workspace == change.workspace && row.registration == change.id; };
        if (t_.connections.find_where(uses) != nullptr) return fail(Errc::conflict, "Connections still use the client registration.");
        if (t_.registrations.find({change.workspace, change.id}) == nullptr) return missing();
        t_.registrations.remove(undo_, {change.workspace, change.id});
        return {};
    }
    Result<void> operator()(const app::InsertConnection& change) {
        const auto& row = change.row;
        if (t_.connections.find({row.workspace, row.id}) != nullptr || name_taken(t_.connections, row)) return taken();
        const auto same = [&](const auto& other) { return other.workspace == row.workspace && other.managed_by == row.managed_by && other.owner == row.owner; };
        if (row.managed_by && t_.connections.find_where(same) != nullptr) return taken();
        if (t_.registrations.find({row.workspace, row.registration}) == nullptr) return missing();
        t_.connections.put(undo_, {row.workspace, row.id}, row);
        return {};
    }
    Result<void> operator()(const app::UpdateConnection& change) {
        const auto& row = change.row;
        const auto* before = t_.connections.find({row.workspace, row.id});
        if (before == nullptr) return missing();
        if (before->version != change.expected_version) return moved();
        if (name_taken(t_.connections, row)) return taken();
        if (t_.registrations.find({row.workspace, row.registration}) == nullptr) return missing();
        return update_versioned(undo_, t_.connections, row, change.expected_version);
    }
    Result<void> operator()(const app::DeleteConnection& change) {
        if (t_.connections.find({change.workspace, change.id}) == nullptr) return missing();
        t_.remove_connection(undo_, change.workspace, change.id);
        return {};
    }
    Result<void> operator()(const app::PutPermission& change) {
        const auto& row = change.row;
        if (t_.connections.find({row.workspace, row.connection}) == nullptr) return missing();
        t_.permissions.remove_where(undo_, [&](const auto& other) {
            return other.workspace == row.workspace && other.connection == row.connection && other.person == row.person && other.holder == row.holder &&
                   other.holder_id == row.holder_id;
        });
        t_.permissions.put(undo_, {row.workspace, row.id}, row);
        return {};
    }
    Result<void> operator()(const app::DeletePermission& change) {
        if (t_.permissions.find({change.workspace, change.id}) == nullptr) return missing();
        t_.permissions.remove(undo_, {change.workspace, change.id});
        return {};
    }
    Result<void> operator()(const app::InsertGrant& change) {
        const auto& row = change.row;
        const auto same = [&](const core::Grant& other) {
            return other.workspace == row.workspace &&
                   (other.id == row.id || (other.connection == row.connection && other.subject_kind == row.subject_kind && other.subject == row.subject));
        };
        if (t_.grants.find_where(same) != nullptr) return taken();
        if (t_.connections.find({row.workspace, row.connection}) == nullptr) return missing();
        t_.grants.put(undo_, {row.workspace, row.id}, row);
        return {};
    }
    Result<void> operator()(const app::UpdateGrant& change) {
        auto row = change.row;
        const auto* before = t_.grants.find({row.workspace, row.id});
        if (before == nullptr) return missing();
        if (before->generation != change.expected_generation) return moved();
        row.connection = before->connection;
        row.subject_kind = before->subject_kind;
        row.subject = before->subject;
        row.created_at = before->created_at;
        t_.grants.put(undo_, {row.workspace, row.id}, std::move(row));
        return {};
    }
    Result<void> operator()(const app::PutToken& change) {
        const auto& row = change.row;
        if (t_.grants.find({row.key.workspace, row.key.grant}) == nullptr) return missing();
        t_.tokens.put(undo_, row.key, row);
        return {};
    }
    Result<void> operator()(const app::DeleteTokens& change) {
        remove_tokens(change.workspace, change.grant);
        return {};
    }
    Result<void> operator()(const app::ClaimLease& change) {
        const auto* held = t_.leases.find({change.workspace, change.name});
        if (held != nullptr && (held->fence != change.fence || (!held->owner.empty() && held->owner != change.owner && held->until > change.now)))
            return fail(Errc::conflict, "Another owner holds the claim.");
        t_.leases.put(undo_, {change.workspace, change.name}, {change.owner, change.fence + 1, change.until});
        return {};
    }
    Result<void> operator()(const app::ExpectConnection& change) {
        const auto* row = t_.connections.find({change.workspace, change.id});
        if (row == nullptr) return missing();
        return row->version == change.version ? Result<void>{} : moved();
    }
    Result<void> operator()(const app::BeginRefresh& change) {
        const auto* grant = t_.grants.find({change.workspace, change.grant});
        if (grant == nullptr) return missing();
        if (grant->generation != change.generation) return moved();
        const auto* lease = t_.leases.find({change.workspace, app::refresh_lease_name(change.grant)});
        if (lease == nullptr || lease->owner.empty() || lease->fence != change.fence) return fail(Errc::conflict, "Another owner may refresh the grant now.");
        if (t_.intents.find({change.workspace, change.grant}) != nullptr) return taken();
        t_.intents.put(undo_, {change.workspace, change.grant}, {change.workspace, change.grant, change.generation, change.fence, change.at});
        return {};
    }
    Result<void> operator()(const app::EndRefresh& change) {
        if (t_.grants.find({change.workspace, change.grant}) == nullptr) return missing();
        const auto* intent = t_.intents.find({change.workspace, change.grant});
        if (intent == nullptr || intent->generation != change.generation || intent->fence != change.fence) return moved();
        t_.intents.remove(undo_, {change.workspace, change.grant});
        return {};
    }
    Result<void> operator()(const app::InsertOperation& change) {
        if (t_.operations.find({change.row.workspace, change.row.id}) != nullptr) return taken();
        t_.operations.put(undo_, {change.row.workspace, change.row.id}, change.row);
        return {};
    }
    Result<void> operator()(const app::UpdateOperation& change) {
        auto row = change.row;
        if (const auto* before = t_.operations.find({row.workspace, row.id}); before != nullptr) row.principal_name = before->principal_name;
        return update_versioned(undo_, t_.operations, row, change.expected_version);
    }
    Result<void> operator()(const app::PutOperationItem& change) {
        if (t_.operations.find({change.workspace, change.operation}) == nullptr) return missing();
        t_.items.put(undo_, {change.workspace, change.operation, change.item.index}, {change.workspace, change.operation, change.item});
        return {};
    }
    Result<void> operator()(const app::InsertConsent& change) {
        if (t_.connections.find({change.row.workspace, change.row.connection}) == nullptr) return missing();
        const auto same = [&](const auto& other) { return other.link == change.row.link; };
        if (t_.consents.find({change.row.workspace, change.row.id}) != nullptr || t_.consents.find_where(same) != nullptr) return taken();
        t_.consents.put(undo_, {change.row.workspace, change.row.id}, change.row);
        return {};
    }
    Result<void> operator()(const app::UpdateConsent& change) {
        const auto* found = t_.consents.find({change.row.workspace, change.row.id});
        if (found == nullptr) return missing();
        if (found->version != change.expected_version) return moved();
        t_.consents.put(undo_, {change.row.workspace, change.row.id}, change.row);
        return {};
    }
    Result<void> operator()(const app::InsertOneTime& change) {
        const auto same = [&](const auto& other) { return other.purpose == change.purpose && other.hash == change.hash; };
        if (t_.one_times.find_where(same) != nullptr) return taken();
        t_.one_times.put(undo_, {change.workspace, change.purpose, change.hash},
                         {change.purpose, change.hash, {change.workspace, change.data, change.secret, change.expires_at, false}});
        return {};
    }
    Result<void> operator()(const app::UseOneTime& change) {
        const auto* found = t_.one_times.find({change.workspace, change.purpose, change.hash});
        if (found == nullptr || found->row.used || found->row.expires_at <= change.now) return missing();
        auto used = *found;
        used.row.used = true;
        used.row.secret = {};
        t_.one_times.put(undo_, {change.workspace, change.purpose, change.hash}, std::move(used));
        return {};
    }
    Result<void> operator()(const app::PutIdempotency& change) {
        if (change.insert && t_.answers.find({change.workspace, change.scope}) != nullptr) return taken();
        t_.answers.put(undo_, {change.workspace, change.scope}, {change.body_hash, change.answer, change.expires_at});
        return {};
    }
    Result<void> operator()(const app::DeleteIdempotency& change) {
        t_.answers.remove(undo_, {change.workspace, change.scope});
        return {};
    }
    Result<void> operator()(const app::PutDataKey& change) {
        const bool there = t_.data_keys.find({change.workspace, change.version}) != nullptr;
        if (change.insert && there) return taken();
        if (!change.insert && !there) return missing();
        t_.data_keys.put(undo_, {change.workspace, change.version}, {change.workspace, change.version, change.wrapped});
        return {};
    }
    Result<void> operator()(const app::PutSetting& change) {
        t_.settings.put(undo_, {change.workspace, change.name}, change.value);
        return {};
    }
    Result<void> operator()(const app::AppendAudit& change) {
        auto& rows = t_.audits[change.row.workspace];
        auto row = change.row;
        row.sequence = rows.size() + 1;
        row.previous_hash = rows.empty() ? Digest{} : rows.back().hash;
        row.hash = core::hash_of(row);
        rows.push_back(std::move(row));
        undo_.push_back([&rows] { rows.pop_back(); });
        return {};
    }

private:
    void remove_tokens(core::WorkspaceId workspace, core::GrantId grant) {
        t_.tokens.remove_where(undo_, [&](const auto& row) { return row.key.workspace == workspace && row.key.grant == grant; });
    }

    Tables& t_;
    Undo& undo_;
};

}  // namespace

Result<void> FakeStore::Tables::apply_unit(const app::UnitOfWork& unit) {
    Undo undo;
    for (const auto& change : unit) {
        auto applied = std::visit(Applier(*this, undo), change);
        if (applied) continue;
        for (auto& step : std::views::reverse(undo)) step();
        return applied;
    }
    return {};
}

Result<app::Lease> FakeStore::Tables::claim(core::WorkspaceId workspace, const std::string& name, const std::string& owner, TimePoint now, TimePoint until) {
    Undo ignored;
    const auto* held = leases.find({workspace, name});
    if (held != nullptr && !held->owner.empty() && held->owner != owner && held->until > now) return fail(Errc::conflict, "Another owner holds the claim.");
    const auto fence = held == nullptr ? 1 : held->fence + 1;
    leases.put(ignored, {workspace, name}, {owner, fence, until});
    return app::Lease{name, owner, fence, until};
}

Result<void> FakeStore::Tables::release(core::WorkspaceId workspace, const app::Lease& lease) {
    Undo ignored;
    const auto* held = leases.find({workspace, lease.name});
    if (held == nullptr) return missing();
    if (held->owner != lease.owner || held->fence != lease.fence) return moved();
    leases.put(ignored, {workspace, lease.name}, {"", held->fence, from_millis(0)});
    return {};
}

std::uint64_t FakeStore::Tables::sweep(TimePoint now) {
    Undo ignored;
    auto gone = one_times.remove_where(ignored, [&](const auto& row) { return row.row.expires_at <= now; });
    gone += answers.remove_where(ignored, [&](const auto& row) { return row.expires_at <= now; });
    gone += sessions.remove_where(ignored, [&](const auto& row) { return row.idle_until <= now; });
    gone += consents.remove_where(ignored, [&](const auto& row) { return row.expires_at <= now - std::chrono::days(30); });
    for (const auto& run : runs.all_where([&](const core::Run& row) { return row.ended_at.value_or(row.ends_at) <= now - std::chrono::days(7); })) {
        automation_sessions.remove_where(ignored, [&](const auto& row) { return row.workspace == run.workspace && row.run == run.id; });
        runs.remove(ignored, {run.workspace, run.id});
        ++gone;
    }
    const auto finished = [&](const core::Operation& row) {
        return row.expires_at <= now && row.state != core::OperationState::queued && row.state != core::OperationState::running;
    };
    for (const auto& operation : operations.all_where(finished)) {
        items.remove_where(ignored, [&](const auto& row) { return row.workspace == operation.workspace && row.operation == operation.id; });
        operations.remove(ignored, {operation.workspace, operation.id});
        ++gone;
    }
    return gone;
}

}  // namespace renkei::testing
