#pragma once

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/id.hpp"
#include "base/result.hpp"
#include "core/name.hpp"
#include "core/sealed.hpp"

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace renkei::sqlite {

/// How one connection to the database file is opened.
struct OpenOptions {
    std::filesystem::path file;
    enum class Access { read_only, read_write } access = Access::read_write;
    std::int64_t cache_kib = 2048;
    std::int64_t max_pages = 0;  ///< 0: as many as the disk holds
    std::string vfs;             ///< empty: the platform's; tests put a failing disk here
};

/// Bytes that are stored as BLOB.
struct Blob {
    std::string_view bytes;
};

/// A prepared statement in use: bound, stepped, and given back (reset) at the end of its life.
class Use {
public:
    Use(sqlite3* database, sqlite3_stmt* statement, std::optional<Error> broken = std::nullopt);
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use();

    template <class... Values>
    Use& with(const Values&... values) {
        int index = 0;
        (bind(++index, values), ...);
        return *this;
    }
    /// True: there is a row.
    Result<bool> step();

    std::int64_t number(int column) const;
    bool flag(int column) const { return number(column) != 0; }
    std::string text(int column) const;
    std::string_view view(int column) const;
    std::string blob(int column) const;
    bool is_null(int column) const;
    TimePoint time(int column) const { return from_millis(number(column)); }
    std::optional<TimePoint> maybe_time(int column) const;
    IdBytes bytes16(int column) const;
    Digest digest(int column) const;
    template <class IdType>
    IdType id(int column) const {
        return IdType(bytes16(column));
    }
    template <class IdType>
    std::optional<IdType> maybe_id(int column) const {
        if (is_null(column)) return std::nullopt;
        return IdType(bytes16(column));
    }

private:
    void bind(int index, std::nullptr_t);
    void bind(int index, std::string_view text);
    void bind(int index, Blob blob);
    void bind(int index, TimePoint at) { bind_number(index, to_millis(at)); }
    void bind(int index, const IdBytes& id) { bind(index, Blob{as_text(id)}); }
    void bind(int index, const Digest& digest) { bind(index, Blob{as_text(digest)}); }
    void bind(int index, const core::Sealed& sealed) { bind(index, Blob{sealed.bytes}); }
    void bind(int index, const core::Name& name) { bind(index, std::string_view(name.text())); }
    template <class Tag>
    void bind(int index, const Id<Tag>& id) {
        bind(index, id.bytes());
    }
    template <std::integral Number>
    void bind(int index, Number number) {
        bind_number(index, static_cast<std::int64_t>(number));
    }
    template <class T>
    void bind(int index, const std::optional<T>& value) {
        if (value) return bind(index, *value);
        bind(index, nullptr);
    }
    void bind_number(int index, std::int64_t number);

    sqlite3* database_;
    sqlite3_stmt* statement_;
    std::optional<Error> broken_;
};

/// One connection, used by one thread at a time, with its prepared statements.
class Database {
public:
    static Result<std::unique_ptr<Database>> open(const OpenOptions& options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// `sql` must live as long as the connection: a literal.
    Use use(std::string_view sql);
    /// Several statements without values, not cached.
    Result<void> run_script(const std::string& sql);
    /// Rows changed.
    template <class... Values>
    Result<std::int64_t> change(std::string_view sql, const Values&... values) {
        auto statement = use(sql);
        if (auto done = statement.with(values...).step(); !done) return propagate(done);
        return changes();
    }
    /// The one row, or not_found saying `what`.
    template <class Decode, class... Values>
    auto one(std::string_view what, std::string_view sql, Decode decode, const Values&... values) -> Result<std::invoke_result_t<Decode, Use&>> {
        auto statement = use(sql);
        auto row = statement.with(values...).step();
        if (!row) return propagate(row);
        if (!*row) return fail(Errc::not_found, "There is no such " + std::string(what) + ".");
        return decode(statement);
    }
    template <class Decode, class... Values>
    auto all(std::string_view sql, Decode decode, const Values&... values) -> Result<std::vector<std::invoke_result_t<Decode, Use&>>> {
        std::vector<std::invoke_result_t<Decode, Use&>> rows;
        auto statement = use(sql);
        statement.with(values...);
        for (;;) {
            auto row = statement.step();
            if (!row) return propagate(row);
            if (!*row) return rows;
            rows.push_back(decode(statement));
        }
    }
    Result<std::int64_t> number_of(const std::string& sql);

    std::int64_t changes() const;
    bool in_transaction() const;
    sqlite3* raw() { return database_; }

private:
    explicit Database(sqlite3* database) : database_(database) {}
    Result<void> configure(const OpenOptions& options);
    Result<void> set_and_read_back(std::string_view pragma, std::string_view value, std::string_view expected);

    sqlite3* database_;
    std::unordered_map<std::string_view, sqlite3_stmt*> statements_;
};

/// What SQLite said, in our words; `doing` begins the detail.
Error error_of(sqlite3* database, int code, std::string_view doing);

/// A read transaction: every statement until its end sees the same state.
class Snapshot {
public:
    explicit Snapshot(Database& database);
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

private:
    Database& database_;
};

}  // namespace renkei::sqlite
