#pragma once

#include "core/identity.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace renkei::core {

/// Every role, in the order of the enum.
std::span<const Role> all_roles();
/// What a role may do, from the one table in roles.cpp. tokens:read and native belong to no role: they are given to
/// keys by name only.
bool role_may(Role role, Action action);
/// The rights of a member: one right over the whole workspace with everything that any of the roles may do.
std::vector<Right> rights_of(const std::vector<Role>& roles);
/// A signed-in person in one workspace. An invited member is nobody there yet: no rights.
Principal principal_of(const Person& person, const Membership& membership);
/// Whether the caller may give this role to somebody, take it away, or act on somebody who has it. Only who holds
/// everything that an administrator holds decides about administrators; the rest is for whoever may write people.
bool may_handle(const Principal& caller, Role role, TimePoint now);

}  // namespace renkei::core
