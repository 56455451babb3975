#include "adapters/storage/sqlite/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>

namespace renkei::sqlite {
namespace {

constexpr int busy_milliseconds = 5000;

void prepare_library() {
    // Each connection stays on one thread at a time and nobody reads the counters: without them malloc takes no lock.
    static std::once_flag once;
    std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

bool no_room(sqlite3* database, int code) {
    if (code == SQLITE_FULL || (code & 0xff) == SQLITE_READONLY) return true;
    if ((code & 0xff) != SQLITE_IOERR && (code & 0xff) != SQLITE_CANTOPEN) return false;
    const int system = database != nullptr ? sqlite3_system_errno(database) : errno;
    return system == ENOSPC || system == EDQUOT || system == EROFS || system == EFBIG;
}

}  // namespace

Error error_of(sqlite3* database, int code, std::string_view doing) {
    const auto named = [&](Errc errc, std::string detail) { return Error{errc, std::move(detail), {{"sqlite", sqlite3_errstr(code)}}}; };
    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_ROWID)
        return named(Errc::conflict, "The name is taken, or it exists already.");
    if (code == SQLITE_CONSTRAINT_FOREIGNKEY) return named(Errc::not_found, "What it belongs to is not there.");
    if (no_room(database, code)) return named(Errc::storage_full, "The disk is full or read-only.");
    // Column names and our own SQL only: SQLite quotes no values.
    const char* message = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    return named(Errc::storage_failed, fmt::format("{}: {} ({})", doing, message, code));
}

Use::Use(sqlite3* database, sqlite3_stmt* statement, std::optional<Error> broken) : database_(database), statement_(statement), broken_(std::move(broken)) {}

Use::~Use() {
    if (statement_ == nullptr) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

Result<bool> Use::step() {
    if (broken_) return fail(*broken_);
    switch (const int code = sqlite3_step(statement_)) {
        case SQLITE_ROW: return true;
        case SQLITE_DONE: return false;
        default:
            return fail(error_of(database_, sqlite3_extended_errcode(database_) == SQLITE_OK ? code : sqlite3_extended_errcode(database_),
                                 "The store refused a statement"));
    }
}

// Bound values outlive the statement's use: no copies (SQLITE_STATIC).
void Use::bind(int index, std::nullptr_t) { sqlite3_bind_null(statement_, index); }
void Use::bind(int index, std::string_view text) {
    sqlite3_bind_text64(statement_, index, text.data() != nullptr ? text.data() : "", text.size(), SQLITE_STATIC, SQLITE_UTF8);
}
void Use::bind(int index, Blob blob) {
    if (blob.bytes.empty()) {
        sqlite3_bind_zeroblob(statement_, index, 0);
    } else {
        sqlite3_bind_blob64(statement_, index, blob.bytes.data(), blob.bytes.size(), SQLITE_STATIC);
    }
}
void Use::bind_number(int index, std::int64_t number) { sqlite3_bind_int64(statement_, index, number); }

std::int64_t Use::number(int column) const { return sqlite3_column_int64(statement_, column); }
bool Use::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::string_view Use::view(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return bytes == nullptr ? std::string_view{} : std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}
std::string Use::text(int column) const { return std::string(view(column)); }
std::string Use::blob(int column) const { return std::string(view(column)); }

std::optional<TimePoint> Use::maybe_time(int column) const {
    if (is_null(column)) return std::nullopt;
    return time(column);
}

IdBytes Use::bytes16(int column) const {
    IdBytes id{};
    const auto bytes = view(column);
    std::memcpy(id.data(), bytes.data(), std::min(bytes.size(), id.size()));
    return id;
}

Digest Use::digest(int column) const {
    Digest digest{};
    const auto bytes = view(column);
    std::memcpy(digest.data(), bytes.data(), std::min(bytes.size(), digest.size()));
    return digest;
}

Result<std::unique_ptr<Database>> Database::open(const OpenOptions& options) {
    prepare_library();
    const int access = options.access == OpenOptions::Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(options.file.c_str(), &raw, access | SQLITE_OPEN_NOMUTEX, options.vfs.empty() ? nullptr : options.vfs.c_str());
    std::unique_ptr<Database> database(new Database(raw));
    if (code != SQLITE_OK) return fail(error_of(raw, code, "The store could not be opened"));
    sqlite3_extended_result_codes(raw, 1);
    if (auto configured = database->configure(options); !configured) return propagate(configured);
    return database;
}

Database::~Database() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    sqlite3_close_v2(database_);
}

Result<void> Database::configure(const OpenOptions& options) {
    sqlite3_busy_timeout(database_, busy_milliseconds);
    const auto cache = std::to_string(-options.cache_kib);
    // An I/O error on a mapped page is a SIGBUS, and mapped pages count as our memory: plain reads instead.
    struct Setting {
        std::string_view name, value, expected;
    };
    std::vector<Setting> settings{
        {"mmap_size", "0", "0"}, {"cache_size", cache, cache}, {"temp_store", "MEMORY", "2"}, {"foreign_keys", "ON", "1"}, {"trusted_schema", "OFF", "0"}};
    if (options.access == OpenOptions::Access::read_write) {
        settings.insert(
            settings.end(),
            {{"recursive_triggers", "ON", "1"}, {"journal_mode", "WAL", "wal"}, {"synchronous", "FULL", "2"}, {"wal_autocheckpoint", "4000", "4000"}});
    } else {
        settings.push_back({"query_only", "ON", "1"});
    }
    for (const auto& setting : settings)
        if (auto set = set_and_read_back(setting.name, setting.value, setting.expected); !set) return set;
    if (options.max_pages > 0) {
        if (auto set = number_of(fmt::format("PRAGMA max_page_count={}", options.max_pages)); !set) return propagate(set);
    }
    return {};
}

// A misspelt or refused PRAGMA is silent in SQLite: durability that is only believed in is none. So each is read back.
Result<void> Database::set_and_read_back(std::string_view pragma, std::string_view value, std::string_view expected) {
    if (auto set = run_script(fmt::format("PRAGMA {}={}", pragma, value)); !set) return set;
    const auto sql = fmt::format("PRAGMA {}", pragma);
    sqlite3_stmt* statement = nullptr;
    if (const int code = sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr); code != SQLITE_OK)
        return fail(error_of(database_, code, "A setting of the store could not be read"));
    const bool row = sqlite3_step(statement) == SQLITE_ROW;
    const std::string got = row ? reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)) : "nothing";
    sqlite3_finalize(statement);
    // A build without memory-mapped files answers mmap_size with no row, which is what we want of it.
    if (got == expected || (pragma == "mmap_size" && !row)) return {};
    return fail(Errc::storage_failed,
                fmt::format("SQLite did not take {}={} (it says {}): the store cannot be trusted and is not opened.", pragma, value, got));
}

Use Database::use(std::string_view sql) {
    auto& statement = statements_[sql];
    if (statement == nullptr) {
        const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (code != SQLITE_OK) return Use(database_, nullptr, error_of(database_, code, "The store did not understand a statement"));
    }
    return Use(database_, statement);
}

Result<void> Database::run_script(const std::string& sql) {
    if (const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr); code != SQLITE_OK)
        return fail(error_of(database_, sqlite3_extended_errcode(database_), "The store refused a statement"));
    return {};
}

Result<std::int64_t> Database::number_of(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr);
    if (code != SQLITE_OK) return fail(error_of(database_, code, "The store did not understand a statement"));
    code = sqlite3_step(statement);
    const auto number = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE) return fail(error_of(database_, code, "The store refused a statement"));
    return number;
}

std::int64_t Database::changes() const { return sqlite3_changes64(database_); }
bool Database::in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

Snapshot::Snapshot(Database& database) : database_(database) { static_cast<void>(database_.change("BEGIN")); }
Snapshot::~Snapshot() { static_cast<void>(database_.change("COMMIT")); }

}  // namespace renkei::sqlite
