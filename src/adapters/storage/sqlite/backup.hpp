#pragma once

#include "adapters/storage/sqlite/database.hpp"

#include <filesystem>

namespace renkei::sqlite {

/// Copies a database that may be in use by another thread or process, as of one moment, to `target` (mode 0600, synced),
/// checks the copy, and writes `<target>.json`: schema and program version, time, size and SHA-256. The master key is in
/// neither. conflict if one of the two files is there already.
Result<void> copy_database(const std::filesystem::path& source, const std::filesystem::path& target, TimePoint now);

}  // namespace renkei::sqlite
