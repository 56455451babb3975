// Fences in the store in memory.
#include "tests/support/fake_store_tables.hpp"

#include <algorithm>

namespace renkei::testing {
namespace {

using Tables = FakeStore::Tables;

std::unexpected<Error> moved() { return fail(Errc::conflict, "It was changed meanwhile."); }

Result<void> expect_connection(const Tables& t, core::WorkspaceId workspace, core::ConnectionId connection) {
    if (t.connections.find({workspace, connection}) == nullptr) return fail(Errc::not_found, "There is no such connection.");
    return {};
}

core::FenceHit hit_of(const core::FenceRow& row, const core::FenceName& found) {
    core::FenceHit hit{row.entry, row.state, row.trouble, found.directory_id, {}, row.checked_at, row.resolved_at};
    for (const auto& name : row.names)
        if (name.directory_id == found.directory_id) hit.names.push_back(name.name);
    return hit;
}

bool works(const core::Connection& row) {
    using enum core::ConnectionState;
    return (row.state == active || row.state == expiring || row.state == degraded) && row.token_type == core::TokenType::shared && !row.fence.everything &&
           !row.fence.empty();
}

}  // namespace

Result<void> Tables::apply(Undo& undo, const app::PutFenceEntry& change) {
    auto row = change.row;
    if (auto there = expect_connection(*this, row.workspace, row.connection); !there) return there;
    const std::tuple key(row.workspace, row.connection, row.entry);
    const auto* before = fence_rows.find(key);
    if ((before == nullptr ? std::string() : before->directory_id) != change.expected_id) return moved();
    if (change.keep_names) row.names = before == nullptr ? std::vector<core::FenceName>{} : before->names;
    std::ranges::sort(row.names);
    const auto doubles = std::ranges::unique(row.names);
    row.names.erase(doubles.begin(), doubles.end());
    fence_rows.put(undo, key, std::move(row));
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::DropFenceEntry& change) {
    fence_rows.remove(undo, {change.workspace, change.connection, change.entry});
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::PutFenceCheck& change) {
    if (auto there = expect_connection(*this, change.workspace, change.connection); !there) return there;
    const auto* before = fence_checks.find({change.workspace, change.connection});
    if ((before == nullptr ? std::nullopt : before->checked_at) != change.checked_before) return moved();
    fence_checks.put(undo, {change.workspace, change.connection}, {change.checked_at, change.due_at});
    return {};
}

Result<void> Tables::apply(Undo& undo, const app::DueFence& change) {
    if (auto there = expect_connection(*this, change.workspace, change.connection); !there) return there;
    const auto* before = fence_checks.find({change.workspace, change.connection});
    fence_checks.put(undo, {change.workspace, change.connection}, {before == nullptr ? std::nullopt : before->checked_at, change.due_at});
    return {};
}

Task<Result<app::FenceLookup>> FakeStore::find_in_fence(core::WorkspaceId workspace, core::ConnectionId connection, std::string who) {
    return look([=](Tables& t) {
        app::FenceLookup found;
        for (const auto& row : t.fence_rows.all_where([&](const auto& one) { return one.workspace == workspace && one.connection == connection; }))
            for (const auto& name : row.names)
                if (name.name == who) found.hits.push_back(hit_of(row, name));
        // The kinds in the order of their words, as a database sorts them.
        std::ranges::sort(found.hits, {},
                          [](const core::FenceHit& hit) { return std::tuple(core::text_of(hit.entry.kind), hit.entry.written, hit.directory_id); });
        if (const auto* check = t.fence_checks.find({workspace, connection})) found.check = *check;
        return Result<app::FenceLookup>(std::move(found));
    });
}

Task<Result<std::vector<core::FenceRow>>> FakeStore::fence_rows(core::WorkspaceId workspace, core::ConnectionId connection) {
    return look([=](Tables& t) {
        auto rows = t.fence_rows.all_where([&](const auto& one) { return one.workspace == workspace && one.connection == connection; });
        std::ranges::sort(rows, {}, [](const core::FenceRow& row) { return std::pair(core::text_of(row.entry.kind), row.entry.written); });
        for (auto& row : rows)
            if (row.entry.kind == core::FenceKind::group) row.names.clear();
        return Result<std::vector<core::FenceRow>>(std::move(rows));
    });
}

Task<Result<std::optional<app::FenceCheck>>> FakeStore::fence_check(core::WorkspaceId workspace, core::ConnectionId connection) {
    return look([=](Tables& t) {
        const auto* check = t.fence_checks.find({workspace, connection});
        return Result<std::optional<app::FenceCheck>>(check == nullptr ? std::nullopt : std::optional(*check));
    });
}

Task<Result<std::vector<app::DueConnection>>> FakeStore::fences_due(TimePoint now, std::uint32_t limit) {
    return look([=](Tables& t) {
        std::vector<std::tuple<TimePoint, core::WorkspaceId, core::ConnectionId>> due;
        for (const auto& [key, row] : t.connections.rows()) {
            const auto* check = t.fence_checks.find(key);
            if (works(row) && (check == nullptr || check->due_at <= now))
                due.emplace_back(check == nullptr ? TimePoint{} : check->due_at, row.workspace, row.id);
        }
        std::ranges::sort(due);
        std::vector<app::DueConnection> out;
        for (const auto& [at, workspace, id] : due)
            if (out.size() < limit) out.push_back({workspace, id});
        return Result<std::vector<app::DueConnection>>(std::move(out));
    });
}

}  // namespace renkei::testing
