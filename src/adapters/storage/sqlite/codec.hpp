#pragma once

#include "core/connection.hpp"
#include "core/identity.hpp"
#include "core/operation.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::sqlite {

// Lists of a row as JSON text, and the words of enums. What cannot be read back (a damaged file) becomes the emptiest
// value: no right, no mailbox, no scope.

std::string encode(const std::vector<std::string>& texts);
std::string encode(const core::Fence& fence);  ///< its entries; `everything` has a column of its own
std::string encode(const std::vector<core::Role>& roles);
std::string encode(const std::vector<core::Action>& actions);
std::string encode(const std::vector<core::GroupId>& ids);
std::string encode(const std::vector<core::Right>& rights);
std::string encode(const std::vector<core::AddressRange>& ranges);
std::string encode(const std::vector<core::FieldSource>& sources);

std::vector<std::string> decode_texts(std::string_view json);
core::Fence decode_fence(std::string_view json, bool everything);
std::vector<core::Role> decode_roles(std::string_view json);
std::vector<core::Action> decode_actions(std::string_view json);
std::vector<core::GroupId> decode_groups(std::string_view json);
/// Nothing when damaged: an empty list inside a right would mean "unlimited", so a damaged key has no rights at all.
std::vector<core::Right> decode_rights(std::string_view json);
/// Nothing when damaged: no ranges would mean "from anywhere".
std::optional<std::vector<core::AddressRange>> decode_ranges(std::string_view json);

std::vector<core::FieldSource> decode_sources(std::string_view json);
core::GrantState grant_state_of(std::string_view word);
core::OperationState operation_state_of(std::string_view word);

}  // namespace renkei::sqlite
