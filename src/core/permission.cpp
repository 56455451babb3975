#include "core/permission.hpp"

#include <algorithm>

namespace renkei::core {

bool may_be_lent(Action action) {
    return action == Action::mail_read || action == Action::mail_send || action == Action::tokens_read || action == Action::native;
}

const Permission* permission_for(std::span<const Permission> permissions, PersonId person, const Principal& caller, Action action, TimePoint now) {
    const Permission* rule = nullptr;
    for (const auto& one : permissions) {
        if (one.workspace != caller.workspace || one.holder != caller.kind || one.holder_id != caller.id) continue;
        if (one.until && *one.until <= now) continue;
        if (std::ranges::find(one.actions, action) == one.actions.end()) continue;
        if (one.person == person) return &one;
        if (!one.person) rule = &one;
    }
    return rule;
}

}  // namespace renkei::core
