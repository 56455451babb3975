#pragma once

#include "core/audit.hpp"

#include <optional>
#include <span>

namespace renkei::core {

/// Where a chain of audit rows (one workspace, oldest first) is broken.
struct ChainBreak {
    std::uint64_t sequence = 0;
    std::string why;
};

/// Nothing if the rows follow one another without a gap and each is what was hashed. `before`: the row in front of them,
/// or a row without sequence when they begin the chain. Rows cut off at the end are not seen: compare the last hash
/// with one that was noted elsewhere.
std::optional<ChainBreak> first_break(std::span<const AuditRow> rows, const AuditRow& before);

}  // namespace renkei::core
