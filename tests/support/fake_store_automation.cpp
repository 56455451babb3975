#include "tests/support/fake_store_tables.hpp"

#include <algorithm>
#include <charconv>

namespace renkei::testing {
namespace {

using Tables = FakeStore::Tables;

std::unexpected<Error> taken() { return fail(Errc::conflict, "The name is taken, or it exists already."); }
std::unexpected<Error> missing() { return fail(Errc::not_found, "There is no such row."); }

template <class Row>
Result<Row> copy_of(const Row* row) {
    if (row == nullptr) return missing();
    return *row;
}

template <class Row>
Result<app::Page<Row>> newest_first(std::vector<Row> rows, const app::PageRequest& page) {
    const auto order = [](const Row& row) { return std::pair(row.created_at, row.id); };
    const auto mark = [](const Row& row) { return std::to_string(to_millis(row.created_at)) + '.' + row.id.text(); };
    std::ranges::sort(rows, std::greater{}, order);
    if (!page.after.empty()) {
        const auto known = std::ranges::find(rows, page.after, mark);
        if (page.after.find('.') == std::string::npos) return fail(Errc::bad_request, "The cursor is not one that was handed out.");
        if (known != rows.end()) rows.erase(rows.begin(), known + 1);
    }
    app::Page<Row> out{std::move(rows), {}};
    const std::size_t limit = std::clamp(page.limit, 1u, 500u);
    if (out.items.size() > limit) {
        out.items.resize(limit);
        out.next = mark(out.items.back());
    }
    return out;
}

template <class Row, class TableType>
app::Page<Row> by_name(const TableType& table, core::WorkspaceId workspace, const app::PageRequest& page) {
    auto rows = table.all_where([&](const Row& row) { return row.workspace == workspace && row.name.text() > page.after; });
    std::ranges::sort(rows, std::less{}, [](const Row& row) { return row.name.text(); });
    app::Page<Row> out{std::move(rows), {}};
    const std::size_t limit = std::clamp(page.limit, 1u, 500u);
    if (out.items.size() > limit) {
        out.items.resize(limit);
        out.next = out.items.back().name.text();
    }
    return out;
}

template <class TableType, class Row>
Result<void> update_versioned(Undo& undo, TableType& table, Row row, std::uint64_t expected) {
    const auto* before = table.find({row.workspace, row.id});
    if (before == nullptr) return missing();
    if (before->version != expected) return fail(Errc::conflict, "It was changed meanwhile.");
    row.created_at = before->created_at;
    row.name = before->name;
    table.put(undo, {row.workspace, row.id}, std::move(row));
    return {};
}

template <class TableType, class Row>
Result<void> insert_named(Undo& undo, TableType& table, const Row& row) {
    const auto same = [&](const auto& other) { return other.workspace == row.workspace && (other.name == row.name || other.id == row.id); };
    if (table.find_where(same) != nullptr) return taken();
    table.put(undo, {row.workspace, row.id}, row);
    return {};
}

}  // namespace

Result<void> Tables::apply(Undo& undo, const app::InsertRun& change) {
    const auto& row = change.row;
    if (row.path.empty() || row.path.back() != row.id || keys.find({row.workspace, row.key}) == nullptr) return taken();
    if (row.path.size() > 1) {
        const auto* parent = runs.find({row.workspace, row.path[row.path.size() - 2]});
        if (parent == nullptr || !parent->is_live(row.created_at)) return taken();
    }
    if (runs.find({row.workspace, row.id}) != nullptr || runs.find_where([&](const auto& other) { return other.hash == row.hash; }) != nullptr) return taken();
    runs.put(undo, {row.workspace, row.id}, row);
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::EndRun& change) {
    if (runs.find({change.workspace, change.run}) == nullptr) return missing();
    for (auto run :
         runs.all_where([&](const auto& row) { return row.workspace == change.workspace && std::ranges::find(row.path, change.run) != row.path.end(); })) {
        for (auto session :
             automation_sessions.all_where([&](const auto& row) { return row.workspace == run.workspace && row.run == run.id && !row.ended_at; })) {
            session.ended_at = change.at;
            session.ended_because = "run";
            automation_sessions.put(undo, {session.workspace, session.id}, session);
        }
        if (run.ended_at) continue;
        run.ended_at = change.at;
        runs.put(undo, {run.workspace, run.id}, run);
    }
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::InsertAutomationSession& change) {
    const auto& row = change.row;
    const auto* run = runs.find({row.workspace, row.run});
    if (run == nullptr || !run->is_live(row.created_at)) return taken();
    if (connections.find({row.workspace, row.connection}) == nullptr) return missing();
    const auto same = [&](const auto& other) {
        return other.hash == row.hash ||
               (other.workspace == row.workspace &&
                (other.id == row.id || (row.name && other.run == row.run && other.name == row.name && other.is_live(row.created_at))));
    };
    if (automation_sessions.find_where(same) != nullptr) return taken();
    automation_sessions.put(undo, {row.workspace, row.id}, row);
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::EndAutomationSession& change) {
    const auto* found = automation_sessions.find({change.workspace, change.id});
    if (found == nullptr) return missing();
    if (found->ended_at) return {};
    auto row = *found;
    row.ended_at = change.at;
    row.ended_because = change.because;
    automation_sessions.put(undo, {row.workspace, row.id}, row);
    return {};
}

void Tables::end_sessions_of_key(Undo& undo, const core::ApiKey& key) {
    for (auto row : automation_sessions.all_where([&](const auto& one) { return one.workspace == key.workspace && one.key == key.id && !one.ended_at; })) {
        row.ended_at = key.revoked_at;
        row.ended_because = "key";
        automation_sessions.put(undo, {row.workspace, row.id}, row);
    }
    for (auto row : runs.all_where([&](const auto& one) { return one.workspace == key.workspace && one.key == key.id && !one.ended_at; })) {
        row.ended_at = key.revoked_at;
        runs.put(undo, {row.workspace, row.id}, row);
    }
}

Result<void> Tables::apply(Undo& undo, const app::InsertStoredCredential& change) { return insert_named(undo, stored_credentials, change.row); }
Result<void> Tables::apply(Undo& undo, const app::UpdateStoredCredential& change) {
    return update_versioned(undo, stored_credentials, change.row, change.expected_version);
}
Result<void> Tables::apply(Undo& undo, const app::DeleteStoredCredential& change) {
    if (stored_credentials.find({change.workspace, change.id}) == nullptr) return missing();
    stored_credentials.remove(undo, {change.workspace, change.id});
    return {};
}
Result<void> Tables::apply(Undo& undo, const app::PutVariable& change) {
    auto row = change.row;
    if (const auto* before = variables.find({row.workspace, row.name})) row.version = before->version + 1;
    variables.put(undo, {row.workspace, row.name}, row);
    return {};
}
Result<void> Tables::apply(Undo& undo, const app::DeleteVariable& change) {
    if (variables.find({change.workspace, change.name}) == nullptr) return missing();
    variables.remove(undo, {change.workspace, change.name});
    return {};
}
Result<void> Tables::apply(Undo& undo, const app::InsertExternalVault& change) { return insert_named(undo, external_vaults, change.row); }
Result<void> Tables::apply(Undo& undo, const app::UpdateExternalVault& change) {
    return update_versioned(undo, external_vaults, change.row, change.expected_version);
}
Result<void> Tables::apply(Undo& undo, const app::DeleteExternalVault& change) {
    if (external_vaults.find({change.workspace, change.id}) == nullptr) return missing();
    external_vaults.remove(undo, {change.workspace, change.id});
    return {};
}

Task<Result<core::Run>> FakeStore::find_run_by_hash(Digest hash) {
    return look([=](Tables& t) { return copy_of(t.runs.find_where([&](const auto& row) { return row.hash == hash; })); });
}
Task<Result<core::Run>> FakeStore::find_run(core::WorkspaceId workspace, core::RunId id) {
    return look([=](Tables& t) { return copy_of(t.runs.find({workspace, id})); });
}
Task<Result<app::Page<core::Run>>> FakeStore::list_runs(core::WorkspaceId workspace, app::PageRequest page) {
    return look([=](Tables& t) { return newest_first(t.runs.all_where([&](const auto& row) { return row.workspace == workspace; }), page); });
}
Task<Result<core::AutomationSession>> FakeStore::find_automation_session_by_hash(Digest hash) {
    return look([=](Tables& t) { return copy_of(t.automation_sessions.find_where([&](const auto& row) { return row.hash == hash; })); });
}
Task<Result<core::AutomationSession>> FakeStore::find_automation_session(core::WorkspaceId workspace, core::AutomationSessionId id) {
    return look([=](Tables& t) { return copy_of(t.automation_sessions.find({workspace, id})); });
}
Task<Result<app::Page<core::AutomationSession>>> FakeStore::list_automation_sessions(core::WorkspaceId workspace, app::PageRequest page) {
    return look([=](Tables& t) { return newest_first(t.automation_sessions.all_where([&](const auto& row) { return row.workspace == workspace; }), page); });
}
Task<Result<std::vector<core::AutomationSession>>> FakeStore::global_sessions_named(core::WorkspaceId workspace, core::Name name, std::vector<core::RunId> runs,
                                                                                    TimePoint now) {
    return look([=](Tables& t) {
        return Result<std::vector<core::AutomationSession>>(t.automation_sessions.all_where([&](const auto& row) {
            return row.workspace == workspace && row.kind == core::SessionKind::global && row.name == name && row.is_live(now) &&
                   std::ranges::find(runs, row.run) != runs.end();
        }));
    });
}
Task<Result<core::ApiKey>> FakeStore::find_key_by_id(core::WorkspaceId workspace, core::KeyId id) {
    return look([=](Tables& t) { return copy_of(t.keys.find({workspace, id})); });
}
Task<Result<core::StoredCredential>> FakeStore::find_stored_credential(core::WorkspaceId workspace, core::Name name) {
    return look(
        [=](Tables& t) { return copy_of(t.stored_credentials.find_where([&](const auto& row) { return row.workspace == workspace && row.name == name; })); });
}
Task<Result<app::Page<core::StoredCredential>>> FakeStore::list_stored_credentials(core::WorkspaceId workspace, app::PageRequest page) {
    return look([=](Tables& t) { return Result<app::Page<core::StoredCredential>>(by_name<core::StoredCredential>(t.stored_credentials, workspace, page)); });
}
Task<Result<core::Variable>> FakeStore::find_variable(core::WorkspaceId workspace, core::Name name) {
    return look([=](Tables& t) { return copy_of(t.variables.find({workspace, name})); });
}
Task<Result<app::Page<core::Variable>>> FakeStore::list_variables(core::WorkspaceId workspace, app::PageRequest page) {
    return look([=](Tables& t) { return Result<app::Page<core::Variable>>(by_name<core::Variable>(t.variables, workspace, page)); });
}
Task<Result<core::ExternalVault>> FakeStore::find_external_vault(core::WorkspaceId workspace, core::Name name) {
    return look(
        [=](Tables& t) { return copy_of(t.external_vaults.find_where([&](const auto& row) { return row.workspace == workspace && row.name == name; })); });
}
Task<Result<app::Page<core::ExternalVault>>> FakeStore::list_external_vaults(core::WorkspaceId workspace, app::PageRequest page) {
    return look([=](Tables& t) { return Result<app::Page<core::ExternalVault>>(by_name<core::ExternalVault>(t.external_vaults, workspace, page)); });
}

}  // namespace renkei::testing
