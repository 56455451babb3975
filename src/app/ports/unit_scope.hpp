#pragma once

#include "app/ports/unit_of_work.hpp"

#include <algorithm>
#include <type_traits>

namespace renkei::app {

/// Whether a unit committed for `workspace` may hold this change. A unit of the installation (all zero) may touch every
/// workspace; one of a workspace only its own rows, people, and settings of the installation.
inline bool belongs_to(const Change& change, core::WorkspaceId workspace) {
    if (!workspace) return true;
    return std::visit(
        [&](const auto& made) {
            using Made = std::remove_cvref_t<decltype(made)>;
            if constexpr (std::is_same_v<Made, PutPerson> || std::is_same_v<Made, UpdatePerson>)
                return true;
            else if constexpr (std::is_same_v<Made, PutSetting>)
                return !made.workspace || made.workspace == workspace;
            else if constexpr (std::is_same_v<Made, PutWorkspace>)
                return made.row.id == workspace;
            else if constexpr (std::is_same_v<Made, PutToken>)
                return made.row.key.workspace == workspace;
            else if constexpr (requires { made.row.workspace; })
                return made.row.workspace == workspace;
            else
                return made.workspace == workspace;
        },
        change);
}
inline bool belongs_to(const UnitOfWork& unit, core::WorkspaceId workspace) {
    return std::ranges::all_of(unit, [&](const Change& change) { return belongs_to(change, workspace); });
}

}  // namespace renkei::app
