#include "adapters/storage/sqlite/read.hpp"
#include "adapters/storage/sqlite/rows.hpp"

namespace renkei::sqlite {
namespace {

std::string mark_of(const core::Operation& operation) { return std::to_string(to_millis(operation.created_at)) + '.' + operation.id.text(); }

struct OperationMark {
    TimePoint created_at;
    core::OperationId id;
};

std::optional<OperationMark> parse_operation_mark(std::string_view text) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto at = parse_mark(text.substr(0, dot));
    const auto id = core::OperationId::parse(text.substr(dot + 1));
    if (!at || !id) return std::nullopt;
    return OperationMark{from_millis(*at), *id};
}

}  // namespace

Task<Result<core::Operation>> SqliteStore::find_operation(core::WorkspaceId workspace, core::OperationId id) {
    return read([=](Database& db) {
        return db.one("operation", "SELECT " RENKEI_OPERATION_COLUMNS " FROM operations WHERE workspace=? AND operation=?", read_operation, workspace, id);
    });
}

Task<Result<app::Page<core::Operation>>> SqliteStore::list_operations(core::WorkspaceId workspace, app::PageRequest page) {
    return read([workspace, page = std::move(page)](Database& db) -> Result<app::Page<core::Operation>> {
        const auto limit = rows_for(page);
        if (page.after.empty()) {
            return page_of(db.all("SELECT " RENKEI_OPERATION_COLUMNS " FROM operations WHERE workspace=? ORDER BY created_at DESC, operation DESC LIMIT ?",
                                  read_operation, workspace, limit + 1),
                           limit, mark_of);
        }
        const auto mark = parse_operation_mark(page.after);
        if (!mark) return bad_cursor();
        return page_of(db.all("SELECT " RENKEI_OPERATION_COLUMNS " FROM operations WHERE workspace=? AND (created_at, operation)<(?, ?)"
                              " ORDER BY created_at DESC, operation DESC LIMIT ?",
                              read_operation, workspace, mark->created_at, mark->id, limit + 1),
                       limit, mark_of);
    });
}

Task<Result<app::Page<core::OperationItem>>> SqliteStore::operation_items(core::WorkspaceId workspace, core::OperationId id, app::PageRequest page) {
    return read([workspace, id, page = std::move(page)](Database& db) -> Result<app::Page<core::OperationItem>> {
        const auto limit = rows_for(page);
        const auto after = page.after.empty() ? std::optional<std::int64_t>(-1) : parse_mark(page.after);
        if (!after) return bad_cursor();
        return page_of(db.all("SELECT " RENKEI_ITEM_COLUMNS " FROM operation_items WHERE workspace=? AND operation=? AND item>? ORDER BY item LIMIT ?",
                              read_item, workspace, id, *after, limit + 1),
                       limit, [](const core::OperationItem& item) { return std::to_string(item.index); });
    });
}

Task<Result<std::vector<core::Operation>>> SqliteStore::unfinished_operations() {
    return read([](Database& db) {
        return db.all("SELECT " RENKEI_OPERATION_COLUMNS " FROM operations WHERE state IN ('queued', 'running') ORDER BY created_at", read_operation);
    });
}

Task<Result<app::OneTime>> SqliteStore::find_one_time(std::string purpose, Digest hash) {
    return read([purpose = std::move(purpose), hash](Database& db) {
        return db.one(
            "one-time code", "SELECT workspace, data, secret, expires_at, used FROM one_time WHERE purpose=? AND hash=?",
            [](Use& row) { return app::OneTime{row.id<core::WorkspaceId>(0), row.text(1), {row.blob(2)}, row.time(3), row.flag(4)}; }, purpose, hash);
    });
}

Task<Result<std::vector<app::FoundOneTime>>> SqliteStore::live_one_times(std::string purpose, TimePoint now, std::uint32_t limit) {
    return read([purpose = std::move(purpose), now, limit](Database& db) {
        return db.all(
            "SELECT hash, workspace, data, secret, expires_at, used FROM one_time WHERE purpose=? AND used=0 AND expires_at>? ORDER BY expires_at LIMIT ?",
            [](Use& row) { return app::FoundOneTime{row.digest(0), {row.id<core::WorkspaceId>(1), row.text(2), {row.blob(3)}, row.time(4), row.flag(5)}}; },
            purpose, now, limit);
    });
}

Task<Result<app::IdempotentAnswer>> SqliteStore::find_idempotency(core::WorkspaceId workspace, std::string scope) {
    return read([workspace, scope = std::move(scope)](Database& db) {
        return db.one(
            "idempotent answer", "SELECT body_hash, answer, expires_at FROM idempotency WHERE workspace=? AND scope=?",
            [](Use& row) { return app::IdempotentAnswer{row.digest(0), row.text(1), row.time(2)}; }, workspace, scope);
    });
}

Task<Result<app::Page<core::AuditRow>>> SqliteStore::list_audit(core::WorkspaceId workspace, app::AuditQuery query, app::PageRequest page) {
    return read([workspace, query = std::move(query), page = std::move(page)](Database& db) -> Result<app::Page<core::AuditRow>> {
        const auto limit = rows_for(page);
        const auto before = page.after.empty() ? std::optional(INT64_MAX) : parse_mark(page.after);
        if (!before) return bad_cursor();
        const auto mark = [](const core::AuditRow& row) { return std::to_string(row.sequence); };
        if (!query.target.empty()) {
            return page_of(db.all("SELECT " RENKEI_AUDIT_COLUMNS " FROM audit WHERE workspace=?1 AND target=?2 AND sequence<?3 AND (?4='' OR action=?4)"
                                  " AND (?5='' OR principal_name=?5) ORDER BY sequence DESC LIMIT ?6",
                                  read_audit, workspace, query.target, *before, query.action, query.principal, limit + 1),
                           limit, mark);
        }
        return page_of(db.all("SELECT " RENKEI_AUDIT_COLUMNS " FROM audit WHERE workspace=?1 AND sequence<?2 AND (?3='' OR action=?3)"
                              " AND (?4='' OR principal_name=?4) ORDER BY sequence DESC LIMIT ?5",
                              read_audit, workspace, *before, query.action, query.principal, limit + 1),
                       limit, mark);
    });
}

}  // namespace renkei::sqlite
