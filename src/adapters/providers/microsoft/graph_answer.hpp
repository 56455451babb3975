#pragma once

#include "base/clock.hpp"
#include "base/http.hpp"
#include "base/json.hpp"
#include "core/mail.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::microsoft {

// Graph's answers in Renkei's model. Unknown members are passed over, missing ones and nulls become empty values, wrong
// types are provider_bad_answer.

/// The JSON object of a successful answer.
Result<json::object> object_of(const HttpResponse& response);

/// One page of a collection.
struct Collection {
    json::array items;
    std::string next_link;
};
Result<Collection> collection_of(const HttpResponse& response);

Result<core::EmailHeader> email_header_of(const json::value& from);
/// `body` becomes HTML and the text taken out of it, or the text alone.
Result<core::Email> email_of(const json::value& from);

struct FolderRow {
    core::Mailbox mailbox;
    std::uint64_t children = 0;
};
Result<FolderRow> folder_of(const json::value& from);
Result<core::Attachment> attachment_of(const json::value& from);

/// Graph's UTC timestamps, e.g. 2026-01-01T00:00:00Z, with or without fractions.
std::optional<TimePoint> parse_graph_time(std::string_view text);

}  // namespace renkei::microsoft
