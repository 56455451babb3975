#include "sandbox/graph/render.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "sandbox/mime/html.hpp"
#include "sandbox/mime/parse.hpp"

#include <algorithm>

namespace renkei::sandbox::graph {
namespace {

std::string change_key(const StoredMessage& message) {
    std::string bytes("\x09\x00\x00\x00\x16\x00\x00\x00", 8);
    const std::string digest(as_text(sha256(message.immutable_id)));
    bytes += digest.substr(0, 16);
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(message.change >> shift & 0xff);
    return base64(as_bytes(bytes));
}

json::value render_address(const mime::Address& who) {
    json::object address{{"name", who.name.empty() ? who.address : who.name}};
    address["address"] = who.address.empty() ? json::value(nullptr) : json::value(who.address);
    return json::object{{"emailAddress", std::move(address)}};
}

json::array render_addresses(const std::vector<mime::Address>& people) {
    json::array out;
    for (const auto& one : people) out.push_back(render_address(one));
    return out;
}

json::object render_flag(const Flag& flag) {
    json::object out{{"flagStatus", flag.status}};
    const auto add = [&](std::string_view name, const std::optional<ZonedTime>& at) {
        if (at) out[json::view(name)] = json::object{{"dateTime", at->date_time}, {"timeZone", at->time_zone}};
    };
    add("startDateTime", flag.start);
    add("dueDateTime", flag.due);
    add("completedDateTime", flag.completed);
    return out;
}

json::object render_body(const Call& call, const mime::Message& content) {
    const bool as_text = call.prefer.text_body || (!content.html && !call.prefer.html_body);
    if (as_text) return {{"contentType", "text"}, {"content", content.html ? mime::text_of_html(*content.html) : content.text.value_or("")}};
    const std::string html = content.html ? *content.html : mime::html_of_text(content.text.value_or(""));
    return {{"contentType", "html"}, {"content", call.prefer.unsafe_html ? html : mime::sanitised(html)}};
}

/// What stands before the quoted original, as far as the usual separators show it.
json::object unique_body(const Call& call, const mime::Message& content) {
    auto body = render_body(call, content);
    auto text = std::string(json::view(body["content"].as_string()));
    for (const std::string_view mark : {"<hr", "<blockquote", "-----Original Message-----", "\r\n________________________________", "\r\n> "})
        if (const auto at = text.find(mark); at != std::string::npos && at > 0) text.resize(at);
    body["content"] = text;
    return body;
}

std::string conversation_index(const StoredMessage& message) {
    std::string bytes(1, '\x01');
    // MS-OXOMSG section 2.2.1.3: the upper five bytes of a FILETIME, then a GUID.
    const auto filetime = static_cast<std::uint64_t>(to_millis(message.sent) + 11'644'473'600'000) * 10'000;
    for (int shift = 56; shift >= 24; shift -= 8) bytes += static_cast<char>(filetime >> shift & 0xff);
    bytes += std::string(as_text(sha256(message.conversation))).substr(0, 16);
    return base64(as_bytes(bytes));
}

const char* meeting_type(const mime::Message& content) {
    if (content.calendar_method == "request") return "meetingRequest";
    if (content.calendar_method == "cancel") return "meetingCancelled";
    if (content.calendar_method != "reply") return "none";
    if (content.calendar.find("PARTSTAT=ACCEPTED") != std::string::npos) return "meetingAccepted";
    if (content.calendar.find("PARTSTAT=TENTATIVE") != std::string::npos) return "meetingTenativelyAccepted";
    return "meetingDeclined";
}

json::array render_headers(const mime::Message& content) {
    json::array out;
    for (const auto& [name, value] : content.headers) out.push_back(json::object{{"name", name}, {"value", value}});
    return out;
}

/// The embedded message of an item attachment.
json::object render_item(const Call& call, const mime::Attachment& attachment) {
    const auto inner = mime::parse_message(attachment.bytes);
    json::object item{{"@odata.type", "#microsoft.graph.message"}, {"id", ""}, {"subject", inner.subject}, {"hasAttachments", !inner.attachments.empty()}};
    item["internetMessageId"] = inner.message_id;
    item["importance"] = inner.importance;
    if (inner.date) item["sentDateTime"] = iso_text(*inner.date);
    item["body"] = render_body(call, inner);
    if (inner.from) item["from"] = render_address(*inner.from);
    item["toRecipients"] = render_addresses(inner.to);
    item["ccRecipients"] = render_addresses(inner.cc);
    return item;
}

bool wanted(const Query& query, std::string_view name) { return query.select.empty() || std::ranges::find(query.select, name) != query.select.end(); }
bool named(const Query& query, std::string_view name) { return !query.select.empty() && wanted(query, name); }

void render_texts(const Call& call, const StoredMessage& message, const Query& query, json::object& out) {
    if (call.basic_only) return;
    if (wanted(query, "bodyPreview")) out["bodyPreview"] = mime::preview_of(message.plain_text());
    if (wanted(query, "body")) out["body"] = render_body(call, message.content);
    if (named(query, "uniqueBody")) out["uniqueBody"] = unique_body(call, message.content);
    if (named(query, "internetMessageHeaders")) out["internetMessageHeaders"] = render_headers(message.content);
    if (!query.expand_attachments) return;
    json::array attachments;
    for (const auto& one : message.attachments) attachments.push_back(render_attachment(call, one, Query()));
    out["attachments"] = std::move(attachments);
}

void render_people(const mime::Message& content, json::object& out) {
    if (content.sender || content.from) out["sender"] = render_address(content.sender ? *content.sender : *content.from);
    if (content.from) out["from"] = render_address(*content.from);
    out["toRecipients"] = render_addresses(content.to);
    out["ccRecipients"] = render_addresses(content.cc);
    out["bccRecipients"] = render_addresses(content.bcc);
    out["replyTo"] = render_addresses(content.reply_to);
}

}  // namespace

std::string etag_of(const StoredMessage& message) { return "W/\"" + change_key(message) + "\""; }

json::object render_message(const Call& call, const StoredMessage& message, const Query& query) {
    const auto& content = message.content;
    json::object out;
    const bool meeting = !content.calendar_method.empty();
    if (meeting) out["@odata.type"] = content.calendar_method == "request" ? "#microsoft.graph.eventMessageRequest" : "#microsoft.graph.eventMessage";
    out["@odata.etag"] = etag_of(message);
    out["id"] = call.id_of(message);
    out["createdDateTime"] = iso_text(message.created);
    out["lastModifiedDateTime"] = iso_text(message.modified);
    out["changeKey"] = change_key(message);
    json::array categories;
    for (const auto& one : message.categories) categories.emplace_back(one);
    out["categories"] = std::move(categories);
    out["receivedDateTime"] = iso_text(message.received);
    out["sentDateTime"] = iso_text(message.sent);
    out["hasAttachments"] = message.has_attachments();
    out["internetMessageId"] = content.message_id;
    out["subject"] = content.subject;
    out["importance"] = content.importance;
    out["parentFolderId"] = message.folder;
    out["conversationId"] = message.conversation;
    out["conversationIndex"] = conversation_index(message);
    out["isDeliveryReceiptRequested"] = content.wants_delivery_receipt;
    out["isReadReceiptRequested"] = content.wants_read_receipt;
    out["isRead"] = message.is_read;
    out["isDraft"] = message.is_draft;
    out["webLink"] = base_address(call.request) + "/owa/?ItemID=" + percent_encode(message.id) + "&exvsurl=1&viewmodel=ReadMessageItem";
    out["inferenceClassification"] = message.inference;
    if (meeting) out["meetingMessageType"] = meeting_type(content);
    render_people(content, out);
    out["flag"] = render_flag(message.flag);
    render_texts(call, message, query, out);
    keep_selected(out, query);
    return out;
}

json::object render_folder(const Call& call, const MailFolder& folder) {
    auto& mailbox = call.mailbox();
    const auto children = std::ranges::count_if(mailbox.folders(), [&](const MailFolder& one) { return one.parent == folder.id && !one.hidden; });
    std::int64_t total = 0, unread = 0;
    for (const auto& message : mailbox.messages())
        if (message->folder == folder.id) ++total, unread += message->is_read ? 0 : 1;
    json::object out{{"id", folder.id}, {"displayName", folder.name}};
    out["parentFolderId"] = folder.parent.empty() ? folder.id : folder.parent;
    out["childFolderCount"] = children;
    out["unreadItemCount"] = unread;
    out["totalItemCount"] = total;
    out["isHidden"] = folder.hidden;
    return out;
}

json::object render_attachment(const Call& call, const StoredAttachment& attachment, const Query& query) {
    const auto& content = attachment.content;
    json::object out;
    out["@odata.type"] = content.is_message ? "#microsoft.graph.itemAttachment" : "#microsoft.graph.fileAttachment";
    if (!content.is_message) out["@odata.mediaContentType"] = content.content_type;
    out["id"] = call.id_of(attachment);
    out["lastModifiedDateTime"] = iso_text(attachment.modified);
    out["name"] = content.name;
    out["contentType"] = content.content_type;
    out["size"] = content.bytes.size();
    out["isInline"] = content.is_inline;
    if (!content.is_message) {
        out["contentId"] = content.content_id.empty() ? json::value(nullptr) : json::value(content.content_id);
        out["contentLocation"] = content.content_location.empty() ? json::value(nullptr) : json::value(content.content_location);
        if (wanted(query, "contentBytes") || named(query, "microsoft.graph.fileAttachment")) out["contentBytes"] = base64(as_bytes(content.bytes));
    } else if (query.expand_item) {
        out["item"] = render_item(call, content);
    }
    const bool by_type = named(query, "microsoft.graph.fileAttachment");
    json::value bytes = by_type && out.contains("contentBytes") ? out["contentBytes"] : json::value(nullptr);
    json::value item = out.contains("item") ? out["item"] : json::value(nullptr);
    keep_selected(out, query);
    if (!bytes.is_null()) out["contentBytes"] = std::move(bytes);
    if (!item.is_null()) out["item"] = std::move(item);
    return out;
}

json::object render_user(const SandboxUser& user, bool basic) {
    const auto text = [](const std::string& value) { return value.empty() ? json::value(nullptr) : json::value(value); };
    json::object out{{"businessPhones", json::array()}, {"displayName", user.display_name}};
    out["givenName"] = text(user.given_name);
    out["jobTitle"] = basic ? json::value(nullptr) : text(user.job_title);
    out["mail"] = user.mailbox ? text(user.upn) : json::value(nullptr);
    out["mobilePhone"] = nullptr;
    out["officeLocation"] = nullptr;
    out["preferredLanguage"] = basic ? json::value(nullptr) : text(user.language);
    out["surname"] = text(user.surname);
    out["userPrincipalName"] = user.upn;
    out["id"] = user.id;
    return out;
}

void keep_selected(json::object& object, const Query& query) {
    if (query.select.empty()) return;
    json::object kept;
    for (const auto& [key, value] : object) {
        const std::string_view name(key.data(), key.size());
        if (name == "id" || name.starts_with("@odata.") || wanted(query, name) || (name == "attachments" && query.expand_attachments)) kept[key] = value;
    }
    object = std::move(kept);
}

std::string context_of(const Call& call, const std::string& what, const Query* query, bool entity) {
    std::string context = base_address(call.request) + "/v1.0/$metadata#users('" + percent_encode(call.user->id) + "')/" + what;
    if (query && !query->select.empty()) {
        std::string list;
        for (const auto& one : query->select) list += (list.empty() ? "" : ",") + one;
        context += "(" + list + ")";
    }
    return context + (entity ? "/$entity" : "");
}

}  // namespace renkei::sandbox::graph
