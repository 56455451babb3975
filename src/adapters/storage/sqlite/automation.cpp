// Runs and the sessions of automations: written and read.
#include "adapters/storage/sqlite/apply.hpp"
#include "adapters/storage/sqlite/codec.hpp"
#include "adapters/storage/sqlite/read.hpp"
#include "adapters/storage/sqlite/rows.hpp"

namespace renkei::sqlite {
namespace {

std::string encode_path(const std::vector<core::RunId>& path) {
    std::string bytes;
    for (const auto& run : path) bytes += as_text(run.bytes());
    return bytes;
}

template <class Row>
std::string mark_of(const Row& row) {
    return std::to_string(to_millis(row.created_at)) + '.' + row.id.text();
}

struct Before {
    TimePoint at = TimePoint::max();
    IdBytes id{};
};
std::optional<Before> before_of(const std::string& after) {
    if (after.empty()) return Before{};
    const auto dot = after.find('.');
    const auto at = dot == std::string::npos ? std::nullopt : parse_mark(std::string_view(after).substr(0, dot));
    const auto id = dot == std::string::npos ? std::nullopt : parse_id(after.substr(dot + 1));
    if (!at || !id) return std::nullopt;
    return Before{from_millis(*at), *id};
}

}  // namespace

Result<void> apply(Database& db, const app::InsertRun& change) {
    const auto& row = change.row;
    if (row.path.empty() || row.path.back() != row.id) return fail(Errc::conflict, "A run's path ends with itself.");
    if (row.path.size() > 1) {
        auto parent = db.one(
            "run", "SELECT 1 FROM runs WHERE workspace=? AND run=? AND ended_at IS NULL AND ends_at>?", [](Use&) { return true; }, row.workspace,
            row.path[row.path.size() - 2], row.created_at);
        if (!parent && parent.error().code == Errc::not_found) return fail(Errc::conflict, "The parent run has ended.");
        if (!parent) return propagate(parent);
    }
    return done(db.change("INSERT INTO runs(root, " RENKEI_RUN_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?)", row.path.front(), row.workspace, row.id,
                          Blob{encode_path(row.path)}, row.name, row.key, row.hash, row.created_at, row.ends_at, row.ended_at));
}

Result<void> apply(Database& db, const app::EndRun& change) {
    auto root =
        db.one("run", "SELECT root FROM runs WHERE workspace=? AND run=?", [](Use& row) { return row.id<core::RunId>(0); }, change.workspace, change.run);
    if (!root) return propagate(root);
    auto sessions = db.change(
        "UPDATE automation_sessions SET ended_at=?, ended_because='run' WHERE workspace=? AND ended_at IS NULL"
        " AND run IN (SELECT run FROM runs WHERE workspace=? AND root=? AND instr(path, ?)>0)",
        change.at, change.workspace, change.workspace, *root, change.run);
    if (!sessions) return propagate(sessions);
    return done(db.change("UPDATE runs SET ended_at=? WHERE workspace=? AND root=? AND ended_at IS NULL AND instr(path, ?)>0", change.at, change.workspace,
                          *root, change.run));
}

Result<void> apply(Database& db, const app::InsertAutomationSession& change) {
    const auto& row = change.row;
    auto run = db.one(
        "run", "SELECT 1 FROM runs WHERE workspace=? AND run=? AND ended_at IS NULL AND ends_at>?", [](Use&) { return true; }, row.workspace, row.run,
        row.created_at);
    if (!run && run.error().code == Errc::not_found) return fail(Errc::conflict, "The run has ended.");
    if (!run) return propagate(run);
    // One whose time is over keeps no name.
    auto over =
        db.change("UPDATE automation_sessions SET ended_at=ends_at, ended_because='time' WHERE workspace=? AND run=? AND ended_at IS NULL AND ends_at<=?",
                  row.workspace, row.run, row.created_at);
    if (!over) return propagate(over);
    return done(db.change("INSERT INTO automation_sessions(" RENKEI_AUTOMATION_SESSION_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", row.workspace,
                          row.id, core::text_of(row.kind), row.name ? std::string_view(row.name->text()) : std::string_view(), row.run, row.key, row.connection,
                          row.connection_name, encode(row.actions), row.mailbox, row.act_as, row.hash, row.created_at, row.ends_at, row.ended_at,
                          row.ended_because));
}

Result<void> apply(Database& db, const app::EndAutomationSession& change) {
    auto found = db.one("session", "SELECT 1 FROM automation_sessions WHERE workspace=? AND session=?", [](Use&) { return true; }, change.workspace, change.id);
    if (!found) return propagate(found);
    return done(db.change("UPDATE automation_sessions SET ended_at=?, ended_because=? WHERE workspace=? AND session=? AND ended_at IS NULL", change.at,
                          change.because, change.workspace, change.id));
}

Task<Result<core::Run>> SqliteStore::find_run_by_hash(Digest hash) {
    return read([=](Database& db) { return db.one("run", "SELECT " RENKEI_RUN_COLUMNS " FROM runs WHERE hash=?", read_run, hash); });
}

Task<Result<core::Run>> SqliteStore::find_run(core::WorkspaceId workspace, core::RunId id) {
    return read([=](Database& db) { return db.one("run", "SELECT " RENKEI_RUN_COLUMNS " FROM runs WHERE workspace=? AND run=?", read_run, workspace, id); });
}

Task<Result<app::Page<core::Run>>> SqliteStore::list_runs(core::WorkspaceId workspace, app::PageRequest page) {
    return read([workspace, page = std::move(page)](Database& db) -> Result<app::Page<core::Run>> {
        const auto limit = rows_for(page);
        const auto before = before_of(page.after);
        if (!before) return bad_cursor();
        return page_of(
            db.all("SELECT " RENKEI_RUN_COLUMNS " FROM runs WHERE workspace=? AND (created_at, run)<(?, ?) ORDER BY created_at DESC, run DESC LIMIT ?",
                   read_run, workspace, before->at, before->id, limit + 1),
            limit, mark_of<core::Run>);
    });
}

Task<Result<core::AutomationSession>> SqliteStore::find_automation_session_by_hash(Digest hash) {
    return read([=](Database& db) {
        return db.one("session", "SELECT " RENKEI_AUTOMATION_SESSION_COLUMNS " FROM automation_sessions WHERE hash=?", read_automation_session, hash);
    });
}

Task<Result<core::AutomationSession>> SqliteStore::find_automation_session(core::WorkspaceId workspace, core::AutomationSessionId id) {
    return read([=](Database& db) {
        return db.one("session", "SELECT " RENKEI_AUTOMATION_SESSION_COLUMNS " FROM automation_sessions WHERE workspace=? AND session=?",
                      read_automation_session, workspace, id);
    });
}

Task<Result<app::Page<core::AutomationSession>>> SqliteStore::list_automation_sessions(core::WorkspaceId workspace, app::PageRequest page) {
    return read([workspace, page = std::move(page)](Database& db) -> Result<app::Page<core::AutomationSession>> {
        const auto limit = rows_for(page);
        const auto before = before_of(page.after);
        if (!before) return bad_cursor();
        return page_of(db.all("SELECT " RENKEI_AUTOMATION_SESSION_COLUMNS " FROM automation_sessions WHERE workspace=? AND (created_at, session)<(?, ?)"
                              " ORDER BY created_at DESC, session DESC LIMIT ?",
                              read_automation_session, workspace, before->at, before->id, limit + 1),
                       limit, mark_of<core::AutomationSession>);
    });
}

Task<Result<std::vector<core::AutomationSession>>> SqliteStore::global_sessions_named(core::WorkspaceId workspace, core::Name name,
                                                                                      std::vector<core::RunId> runs, TimePoint now) {
    return read([workspace, name = std::move(name), runs = std::move(runs), now](Database& db) -> Result<std::vector<core::AutomationSession>> {
        std::vector<core::AutomationSession> found;
        for (const auto& run : runs) {
            auto some =
                db.all("SELECT " RENKEI_AUTOMATION_SESSION_COLUMNS
                       " FROM automation_sessions WHERE workspace=? AND run=? AND name=? AND name<>'' AND kind='global' AND ended_at IS NULL AND ends_at>?",
                       read_automation_session, workspace, run, name, now);
            if (!some) return propagate(some);
            std::ranges::move(*some, std::back_inserter(found));
        }
        return found;
    });
}

}  // namespace renkei::sqlite
