#pragma once

#include "sandbox/graph/call.hpp"

namespace renkei::sandbox::graph {

/// What a caller may set: everything on a new message; on a stored one what section 4.2 lists, more on drafts.
enum class Writing { create, update_draft, update_received };
/// Takes the JSON's properties over into `message`. Names and types are checked against the published schema; read-only ones are ignored.
/// Attachments of a new message come out in `message.content.attachments`.
Outcome<void> read_message(const json::object& from, Writing writing, StoredMessage& message);
/// An attachment in JSON, with its content.
Outcome<mime::Attachment> read_attachment(const json::value& from);
Outcome<std::vector<mime::Address>> read_recipients(const json::value& from, std::string_view property);

}  // namespace renkei::sandbox::graph
