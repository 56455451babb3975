#pragma once

#include "base/result.hpp"
#include "core/mail.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace renkei::microsoft {

// What stands in Graph's addresses. Nothing that a caller wrote reaches them unescaped.

/// An id as a piece of a path. Refuses what no Graph id can be, "." and ".." among it.
Result<std::string> id_piece(std::string_view id, std::string_view field);
/// A folder as a piece of a path: an id, or a role (inbox, sent, drafts, trash, junk, archive) by its well-known name.
Result<std::string> folder_piece(std::string_view mailbox_id);
/// Graph's well-known name of a role, or empty.
std::string_view well_known_name(std::string_view role);

/// The query of a list or search. Errors: invalid_field.
Result<std::string> list_query(const core::EmailFilter& filter, std::uint32_t limit);

/// An OData string literal: quotes doubled (OData 4.01 URL conventions, section 5.1.1.6.1).
std::string odata_string(std::string_view text);
/// Words for $search, between its double quotes. What a person typed is only ever words and "phrases": operators,
/// property restrictions and wildcards of KQL lose their meaning. Error: invalid_field when no word is left.
Result<std::string> kql_words(std::string_view text);

}  // namespace renkei::microsoft
