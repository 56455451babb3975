#pragma once

#include "core/identity.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace renkei::core {

/// Lets an automation act with a person's grant. Given by that person, or by the workspace for everybody who has a
/// connection of their own below `connection`; without one, nobody may.
struct Permission {
    WorkspaceId workspace;
    PermissionId id;
    ConnectionId connection;         ///< the user-specific connection, or one that a person owns
    std::optional<PersonId> person;  ///< who lets; nothing: a rule of the workspace
    /// Who is let: an API key, or a person whose runs it is for.
    Principal::Kind holder = Principal::Kind::key;
    IdBytes holder_id{};
    std::vector<Action> actions;  ///< of may_be_lent, at least one
    std::optional<TimePoint> until;
    std::string given_by;  ///< name of the person or key, for people's eyes
    TimePoint created_at;
};

/// What can be lent: the actions that reach the provider.
bool may_be_lent(Action action);

/// The permission by which the caller may do `action` with what `person` lent, or nothing. The person's own come first.
const Permission* permission_for(std::span<const Permission> permissions, PersonId person, const Principal& caller, Action action, TimePoint now);

}  // namespace renkei::core
