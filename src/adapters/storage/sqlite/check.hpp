#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace renkei::sqlite {

/// What a look through the whole store found.
struct CheckReport {
    std::int64_t schema_version = 0;
    std::uint64_t audit_rows = 0;
    std::vector<std::string> problems;  ///< empty: all is well
};

/// Reads everything: the structure of the file, references between rows, and every workspace's audit chain.
Result<CheckReport> check_database(const std::filesystem::path& file);

}  // namespace renkei::sqlite
