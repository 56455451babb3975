#include "adapters/storage/sqlite/check.hpp"

#include "adapters/storage/migrations/migrations.hpp"
#include "adapters/storage/sqlite/rows.hpp"
#include "core/audit_chain.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace renkei::sqlite {
namespace {

Result<void> check_structure(Database& db, CheckReport& report) {
    auto verdicts = db.all("PRAGMA quick_check(20)", [](Use& row) { return row.text(0); });
    if (!verdicts) return propagate(verdicts);
    for (auto& verdict : *verdicts)
        if (verdict != "ok") report.problems.push_back("file: " + verdict);
    auto orphans = db.all("PRAGMA foreign_key_check",
                          [](Use& row) { return fmt::format("a row of {} belongs to a row of {} that is not there", row.text(0), row.text(2)); });
    if (!orphans) return propagate(orphans);
    std::ranges::move(*orphans, std::back_inserter(report.problems));
    return {};
}

Result<void> check_audit(Database& db, core::WorkspaceId workspace, CheckReport& report) {
    core::AuditRow last;
    last.workspace = workspace;
    for (;;) {
        auto rows = db.all("SELECT " RENKEI_AUDIT_COLUMNS " FROM audit WHERE workspace=? AND sequence>? ORDER BY sequence LIMIT 1000", read_audit, workspace,
                           last.sequence);
        if (!rows) return propagate(rows);
        if (rows->empty()) return {};
        report.audit_rows += rows->size();
        if (const auto broken = core::first_break(*rows, last)) {
            report.problems.push_back(fmt::format("audit of workspace {}: row {}: {}", workspace.text(), broken->sequence, broken->why));
            return {};
        }
        last = rows->back();
    }
}

}  // namespace

Result<CheckReport> check_database(const std::filesystem::path& file) {
    if (::access(file.c_str(), R_OK) != 0) return fail(Errc::not_found, fmt::format("There is no store {}.", file.string()));
    auto db = Database::open({file, OpenOptions::Access::read_write, 2048, 0, {}});
    if (!db) return propagate(db);
    CheckReport report;
    auto version = schema_version(**db);
    if (!version) return propagate(version);
    report.schema_version = *version;
    if (auto checked = check_structure(**db, report); !checked) return propagate(checked);
    // A damaged file may not even have the table: what is wrong has been said then.
    if (!report.problems.empty() || report.schema_version == 0) return report;
    auto workspaces = (*db)->all("SELECT DISTINCT workspace FROM audit", [](Use& row) { return row.id<core::WorkspaceId>(0); });
    if (!workspaces) return propagate(workspaces);
    for (const auto workspace : *workspaces)
        if (auto checked = check_audit(**db, workspace, report); !checked) return propagate(checked);
    return report;
}

}  // namespace renkei::sqlite
