#include "core/audit_chain.hpp"

namespace renkei::core {

std::optional<ChainBreak> first_break(std::span<const AuditRow> rows, const AuditRow& before) {
    const auto* last = &before;
    for (const auto& row : rows) {
        if (row.sequence != last->sequence + 1) return ChainBreak{row.sequence, "rows are missing before it"};
        if (row.previous_hash != last->hash) return ChainBreak{row.sequence, "it does not follow the row before it"};
        if (row.hash != hash_of(row)) return ChainBreak{row.sequence, "it was changed"};
        last = &row;
    }
    return std::nullopt;
}

}  // namespace renkei::core
