#pragma once

#include "app/groups.hpp"
#include "app/people.hpp"
#include "base/json.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::api {

/// A member with the names of their groups. Before they accept, the name is the inviter's word and not the person's own.
json::object shown_member(const app::Member& member, const std::vector<core::Group>& groups);
json::object shown_group(const app::ShownGroup& shown);
json::object shown_session(const core::Session& session);
json::array shown_roles(const std::vector<core::Role>& roles);
/// What a person is called to others in this workspace.
const std::string& name_of(const app::Member& member);

}  // namespace renkei::api
