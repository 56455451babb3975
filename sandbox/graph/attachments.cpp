#include "base/encoding.hpp"
#include "sandbox/graph/handlers.hpp"
#include "sandbox/graph/read_message.hpp"
#include "sandbox/graph/render.hpp"

#include <algorithm>
#include <charconv>

namespace renkei::sandbox::graph {
namespace {

constexpr std::uint64_t small_limit = 3u << 20;
constexpr std::uint64_t large_limit = 150u << 20;

Outcome<StoredMessage*> owner_of(Call& call) { return message_of(call, call.args[call.args.size() - 2]); }

Outcome<Query> attachment_query(const Call& call) {
    auto query = parse_query(call.request.query, call.now(), QueryFor::other);
    if (!query) return query;
    static constexpr std::string_view known[] = {"id",           "name",
                                                 "contentType",  "size",
                                                 "isInline",     "lastModifiedDateTime",
                                                 "contentId",    "contentLocation",
                                                 "contentBytes", "microsoft.graph.fileAttachment"};
    for (const auto& name : query->select)
        if (std::ranges::find(known, name) == std::end(known))
            return bad_query("Could not find a property named '" + name + "' on type 'Microsoft.OutlookServices.Attachment'.");
    return query;
}

Answer answer_attachment(Call& call, int status, const StoredMessage& message, const StoredAttachment& attachment, const Query& query) {
    json::object out{{"@odata.context", context_of(call, "messages('" + percent_encode(call.id_of(message)) + "')/attachments", &query, true)}};
    for (auto& [key, value] : render_attachment(call, attachment, query)) out[key] = value;
    return answer_json(call, status, std::move(out));
}

struct ByteRange {
    std::uint64_t first = 0, last = 0, total = 0;
};

/// `bytes a-b/total` (RFC 9110 section 14.4).
std::optional<ByteRange> content_range(std::string_view text) {
    if (!text.starts_with("bytes ")) return std::nullopt;
    const char* at = text.data() + 6;
    const char* end = text.data() + text.size();
    ByteRange out;
    for (auto [into, separator] : {std::pair(&out.first, '-'), std::pair(&out.last, '/'), std::pair(&out.total, '\0')}) {
        const auto [stop, error] = std::from_chars(at, end, *into);
        if (error != std::errc() || (separator != '\0' ? stop == end || *stop != separator : stop != end)) return std::nullopt;
        at = stop + 1;
    }
    return out.first <= out.last && out.last < out.total ? std::optional(out) : std::nullopt;
}

ServerResponse upload_state(const UploadSession& session) {
    ServerResponse response = json_response(
        200, json::serialize(json::object{{"expirationDateTime", iso_text(session.expires)},
                                          {"nextExpectedRanges", json::array{json::value(std::to_string(session.attachment.bytes.size()) + "-")}}}));
    return response;
}

Answer finish_upload(World& world, MailStore& store, const ServerRequest& request, UploadSession session) {
    auto* user = world.find_user(session.owner);
    auto* message = user ? store.of(*user).find(session.message) : nullptr;
    if (!message) return no_item();
    auto& stored = store.of(*user).attach(*message, std::move(session.attachment), world.now());
    message->raw.reset();
    message->changed();
    auto response = answer_empty(201);
    response.headers.set("Location", base_address(request) + "/v1.0/Users('" + user->id + "')/Messages('" + percent_encode(message->id) + "')/Attachments('" +
                                         percent_encode(stored.id) + "')");
    return response;
}

Answer take_piece(World& world, MailStore& store, const ServerRequest& request, const std::string& secret) {
    auto& session = store.uploads.at(secret);
    const auto range = content_range(request.headers.get("Content-Range"));
    if (!range) return refuse(400, "ErrorInvalidRequest", "The Content-Range header is missing or malformed.");
    const bool fits = range->first == session.attachment.bytes.size() && range->total == session.size && range->last - range->first + 1 == request.body.size();
    if (!fits) return refuse(416, "ErrorInvalidRange", "The range does not follow what has been uploaded, or does not fit the body or the size.");
    session.attachment.bytes += request.body;
    if (session.attachment.bytes.size() < session.size) return upload_state(session);
    auto done = std::move(session);
    store.uploads.erase(secret);
    return finish_upload(world, store, request, std::move(done));
}

}  // namespace

Answer list_attachments(Call& call) {
    const auto query = attachment_query(call);
    if (!query) return std::unexpected(query.error());
    const auto message = message_of(call, call.args.back());
    if (!message) return std::unexpected(message.error());
    json::array value;
    const auto& all = (*message)->attachments;
    const bool paged = find_field(call.request.query, "$top") != nullptr;  // without it all come at once
    const std::size_t end = paged ? std::min(all.size(), query->skip + query->top) : all.size();
    for (std::size_t i = query->skip; i < end; ++i) value.push_back(render_attachment(call, all[i], *query));
    json::object out{{"@odata.context", context_of(call, "messages('" + percent_encode(call.args.back()) + "')/attachments", &*query)}};
    if (query->count) out["@odata.count"] = all.size();
    if (end < all.size()) out["@odata.nextLink"] = next_link(call.request, *query);
    out["value"] = std::move(value);
    return answer_json(call, 200, std::move(out));
}

Answer get_attachment(Call& call) {
    const auto query = attachment_query(call);
    if (!query) return std::unexpected(query.error());
    const auto message = owner_of(call);
    if (!message) return std::unexpected(message.error());
    const auto attachment = attachment_of(call, **message, call.args.back());
    if (!attachment) return std::unexpected(attachment.error());
    return answer_attachment(call, 200, **message, **attachment, *query);
}

Answer get_attachment_bytes(Call& call) {
    const auto message = owner_of(call);
    if (!message) return std::unexpected(message.error());
    const auto attachment = attachment_of(call, **message, call.args.back());
    if (!attachment) return std::unexpected(attachment.error());
    ServerResponse response;
    const auto& type = (*attachment)->content.content_type;
    const bool clean = std::ranges::all_of(type, [](char c) { return c > 31 && c < 127; });
    response.headers.set("Content-Type", clean && !type.empty() ? type : "application/octet-stream");
    response.body = (*attachment)->content.bytes;
    return response;
}

Answer add_attachment(Call& call) {
    const auto message = message_of(call, call.args.back());
    if (!message) return std::unexpected(message.error());
    const auto body = json_body(call);
    if (!body) return std::unexpected(body.error());
    auto attachment = read_attachment(*body);
    if (!attachment) return std::unexpected(attachment.error());
    if (attachment->bytes.size() >= small_limit) return refuse(413, "ErrorMessageSizeExceeded", "Attachments of 3 MB and more need an upload session.");
    (*message)->raw.reset();
    (*message)->changed();
    (*message)->modified = call.now();
    return answer_attachment(call, 201, **message, call.mailbox().attach(**message, std::move(*attachment), call.now()), Query());
}

Answer delete_attachment(Call& call) {
    const auto message = owner_of(call);
    if (!message) return std::unexpected(message.error());
    const auto attachment = attachment_of(call, **message, call.args.back());
    if (!attachment) return std::unexpected(attachment.error());
    std::erase_if((*message)->attachments, [&](const StoredAttachment& one) { return &one == *attachment; });
    (*message)->raw.reset();
    (*message)->changed();
    return answer_empty(204);
}

Answer create_upload_session(Call& call) {
    const auto message = message_of(call, call.args.back());
    if (!message) return std::unexpected(message.error());
    if (!call.token.app_only() && !call.own()) return access_denied();
    const auto body = json_body(call);
    if (!body) return std::unexpected(body.error());
    const auto* item = find_any_case(*body, "AttachmentItem");
    if (!item || !item->is_object()) return refuse(400, "ErrorInvalidRequest", "The parameter 'AttachmentItem' is missing.");
    const auto& object = item->as_object();
    const auto type = json::text(object, "attachmentType"), name = json::text(object, "name");
    const auto size = json::integer(object, "size");
    if (!type || !equal_ignoring_case(*type, "file") || !name || name->empty() || !size || *size <= 0)
        return refuse(400, "ErrorInvalidRequest", "attachmentType (file), name and size are needed.");
    if (static_cast<std::uint64_t>(*size) < small_limit)
        return refuse(400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize", "The attachment is smaller than the minimum size for an upload session.");
    if (static_cast<std::uint64_t>(*size) > large_limit) return refuse(413, "ErrorMessageSizeExceeded", "The attachment exceeds the maximum size.");
    if (call.store.uploads.size() > 100) return refuse(429, "TooManyRequests", "Too many upload sessions are open.");
    UploadSession session{call.user->id, (*message)->immutable_id, {}, static_cast<std::uint64_t>(*size), call.now() + std::chrono::hours(24)};
    session.attachment.name = *name;
    session.attachment.content_type = json::text(object, "contentType").value_or("application/octet-stream");
    session.attachment.content_id = json::text(object, "contentId").value_or("");
    session.attachment.is_inline = json::boolean(object, "isInline").value_or(false);
    const std::string secret = call.world.random().text(24);
    json::object out{{"@odata.context", base_address(call.request) + "/v1.0/$metadata#microsoft.graph.uploadSession"}};
    out["uploadUrl"] = base_address(call.request) + "/v1.0/attachmentSessions/" + secret;
    out["expirationDateTime"] = iso_text(session.expires);
    out["nextExpectedRanges"] = json::array{json::value("0-")};
    call.store.uploads.emplace(secret, std::move(session));
    return answer_json(call, 201, std::move(out));
}

Answer continue_upload(World& world, MailStore& store, const ServerRequest& request, const std::string& secret) {
    std::erase_if(store.uploads, [&](const auto& one) { return one.second.expires <= world.now(); });
    const auto found = store.uploads.find(secret);
    if (found == store.uploads.end()) return refuse(404, "ErrorItemNotFound", "The upload session is not found or has ended.");
    if (request.method == Method::get) return upload_state(found->second);
    if (request.method == Method::put) return take_piece(world, store, request, secret);
    if (request.method != Method::delete_) return refuse(405, "BadRequest", "Specified HTTP method is not allowed for the request target.");
    store.uploads.erase(found);
    return answer_empty(204);
}

}  // namespace renkei::sandbox::graph
