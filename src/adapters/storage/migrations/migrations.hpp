#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace renkei::sqlite {

class Database;

/// One step forward; there is no way back. A step that has been released is never edited: its checksum is stored.
struct Migration {
    std::int64_t number;
    std::string_view name;
    std::string_view sql;
};

std::span<const Migration> all_migrations();
/// "RNKI" in the header of the file, so that another program's database is not mistaken for a store.
inline constexpr std::int64_t application_id = 0x524e4b49;

/// Brings the store to the newest version, each step in a transaction. Refuses one of a newer program, one whose steps
/// differ from ours, and files that are no store.
Result<void> migrate(Database& database, std::span<const Migration> migrations);
Result<std::int64_t> schema_version(Database& database);

}  // namespace renkei::sqlite
