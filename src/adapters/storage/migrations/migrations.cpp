#include "adapters/storage/migrations/migrations.hpp"

#include "adapters/storage/sqlite/database.hpp"
#include "base/encoding.hpp"

#include <fmt/format.h>

namespace renkei::sqlite {

extern const Migration migration_0001;
extern const Migration migration_0002;
extern const Migration migration_0003;
extern const Migration migration_0004;
extern const Migration migration_0005;
extern const Migration migration_0006;
extern const Migration migration_0007;

namespace {

std::string checksum_of(const Migration& migration) { return to_hex(sha256(migration.sql)); }

Result<void> refuse_strangers(Database& database) {
    auto id = database.number_of("PRAGMA application_id");
    if (!id) return propagate(id);
    auto tables = database.number_of("SELECT count(*) FROM sqlite_schema");
    if (!tables) return propagate(tables);
    if (*id == application_id || *tables == 0) return {};
    return fail(Errc::storage_failed, "The file is a database of another program, not a store of Renkei.");
}

Result<void> compare_checksums(Database& database, std::span<const Migration> migrations) {
    const auto decode = [](Use& row) { return std::pair(row.number(0), row.text(1)); };
    auto applied = database.all("SELECT number, checksum FROM schema_migrations ORDER BY number", decode);
    if (!applied) return propagate(applied);
    for (const auto& [number, checksum] : *applied)
        for (const auto& migration : migrations)
            if (migration.number == number && checksum_of(migration) != checksum)
                return fail(
                    Errc::storage_failed,
                    fmt::format("Step {} of the store's schema is not the one this program knows: the store was made by a program that was changed.", number));
    return {};
}

Result<void> apply(Database& database, const Migration& migration) {
    if (auto begun = database.run_script("BEGIN IMMEDIATE"); !begun) return begun;
    const auto all = [&]() -> Result<void> {
        if (auto done = database.run_script(std::string(migration.sql)); !done) return done;
        const auto checksum = checksum_of(migration);
        auto noted = database.change("INSERT INTO schema_migrations(number, name, checksum) VALUES(?, ?, ?)", migration.number, migration.name,
                                     std::string_view(checksum));
        if (!noted) return propagate(noted);
        if (auto set = database.run_script(fmt::format("PRAGMA user_version={}; PRAGMA application_id={}", migration.number, application_id)); !set) return set;
        return database.run_script("COMMIT");
    }();
    if (!all) static_cast<void>(database.run_script("ROLLBACK"));
    return all;
}

}  // namespace

std::span<const Migration> all_migrations() {
    static const Migration all[] = {migration_0001, migration_0002, migration_0003, migration_0004, migration_0005, migration_0006, migration_0007};
    return all;
}

Result<std::int64_t> schema_version(Database& database) { return database.number_of("PRAGMA user_version"); }

Result<void> migrate(Database& database, std::span<const Migration> migrations) {
    if (auto ours = refuse_strangers(database); !ours) return ours;
    auto version = schema_version(database);
    if (!version) return propagate(version);
    const auto newest = migrations.empty() ? 0 : migrations.back().number;
    if (*version > newest)
        return fail(
            Errc::storage_failed,
            fmt::format("The store was written by a newer Renkei (schema {}; this program knows {}). Start that version, or restore a backup made by this one.",
                        *version, newest));
    if (*version > 0) {
        if (auto same = compare_checksums(database, migrations); !same) return same;
    }
    for (const auto& migration : migrations) {
        if (migration.number <= *version) continue;
        if (auto applied = apply(database, migration); !applied) return applied;
    }
    return {};
}

}  // namespace renkei::sqlite
