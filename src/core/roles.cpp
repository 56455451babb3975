#include "core/roles.hpp"

#include "core/policy.hpp"

#include <algorithm>

namespace renkei::core {
namespace {

constexpr Role every_role[] = {Role::administrator, Role::user_administrator, Role::builder, Role::user, Role::auditor};

using Roles = unsigned;
constexpr Roles bit(Role role) { return 1u << static_cast<unsigned>(role); }
constexpr Roles administrator = bit(Role::administrator), user_administrator = bit(Role::user_administrator), builder = bit(Role::builder),
                user = bit(Role::user), auditor = bit(Role::auditor);

// The table: who may do it. A new action does not compile until it has its row.
constexpr Roles who_may(Action action) {
    switch (action) {
        case Action::mail_read:
        case Action::mail_send: return administrator | builder | user;
        case Action::connections_read: return administrator | builder | user | auditor;
        case Action::connections_write: return administrator | builder;
        case Action::registrations_read: return administrator | builder | auditor;
        case Action::registrations_write: return administrator | builder;
        case Action::keys_read: return administrator | auditor;
        case Action::keys_write: return administrator;
        case Action::operations_read: return administrator | user_administrator | builder | auditor;
        case Action::operations_write: return administrator | user_administrator | builder;
        case Action::audit_read: return administrator | auditor;
        case Action::people_read: return administrator | user_administrator | auditor;
        case Action::people_write: return administrator | user_administrator;
        case Action::vault_read: return administrator | auditor;
        case Action::vault_rotate: return administrator;
        case Action::values_read: return administrator | builder | auditor;
        case Action::values_write: return administrator | builder;
        case Action::sessions_read: return administrator | auditor;
        case Action::sessions_write: return administrator;
        case Action::tokens_read:
        case Action::native:
        case Action::count_: return 0;
    }
    return 0;
}

}  // namespace

std::span<const Role> all_roles() { return every_role; }

bool role_may(Role role, Action action) { return (who_may(action) & bit(role)) != 0; }

std::vector<Right> rights_of(const std::vector<Role>& roles) {
    Right right;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Action::count_); ++i) {
        const auto action = static_cast<Action>(i);
        if (std::ranges::any_of(roles, [&](Role role) { return role_may(role, action); })) right.actions.push_back(action);
    }
    // A right without actions would be noise in every answer that shows it.
    if (right.actions.empty()) return {};
    return {std::move(right)};
}

Principal principal_of(const Person& person, const Membership& membership) {
    Principal principal;
    principal.kind = Principal::Kind::person;
    principal.workspace = membership.workspace;
    principal.id = person.id.bytes();
    principal.name = person.email;
    if (membership.active) principal.rights = rights_of(membership.roles);
    return principal;
}

bool may_handle(const Principal& caller, Role role, TimePoint now) {
    if (!decide(caller, Action::people_write, now).allowed) return false;
    if (role != Role::administrator || caller.kind == Principal::Kind::system) return true;
    const auto unlimited = [](const Right& right) {
        return right.connectors.empty() && right.folders.empty() && right.groups.empty() && right.connections.empty() && right.mailboxes.empty();
    };
    for (std::size_t i = 0; i < static_cast<std::size_t>(Action::count_); ++i) {
        const auto action = static_cast<Action>(i);
        if (!role_may(Role::administrator, action)) continue;
        const bool held = std::ranges::any_of(
            caller.rights, [&](const Right& right) { return unlimited(right) && std::ranges::find(right.actions, action) != right.actions.end(); });
        if (!held) return false;
    }
    return true;
}

}  // namespace renkei::core
