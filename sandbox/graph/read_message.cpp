#include "sandbox/graph/read_message.hpp"

#include "base/encoding.hpp"
#include "sandbox/graph/property.hpp"
#include "sandbox/mime/compose.hpp"

#include <algorithm>

namespace renkei::sandbox::graph {
namespace {

constexpr std::size_t max_recipients = 500;

std::unexpected<GraphError> unreadable(std::string_view property, std::string_view wanted) {
    return refuse(400, "RequestBodyRead",
                  "Cannot convert the literal of property '" + std::string(property) + "' to the expected type '" + std::string(wanted) + "'.");
}

Outcome<std::string> text_of(const json::value& from, std::string_view property) {
    if (from.is_null()) return std::string();
    if (!from.is_string()) return unreadable(property, "Edm.String");
    return std::string(json::view(from.as_string()));
}

Outcome<void> take_text(const json::value& from, std::string_view property, std::string& into) {
    auto text = text_of(from, property);
    if (!text) return std::unexpected(text.error());
    into = std::move(*text);
    return {};
}

Outcome<void> take_bool(const json::value& from, std::string_view property, bool& into) {
    if (from.is_null()) return {};
    if (!from.is_bool()) return unreadable(property, "Edm.Boolean");
    into = from.as_bool();
    return {};
}

/// Members of enums are taken in any case and kept as the schema writes them.
Outcome<void> take_enum(const json::value& from, std::string_view property, std::initializer_list<std::string_view> members, std::string& into) {
    const auto text = text_of(from, property);
    if (!text) return std::unexpected(text.error());
    for (const auto member : members)
        if (equal_ignoring_case(member, *text)) {
            into = member;
            return {};
        }
    return refuse(400, "RequestBodyRead", "Requested value '" + text->substr(0, 60) + "' was not found for property '" + std::string(property) + "'.");
}

Outcome<mime::Address> read_address(const json::value& from, std::string_view property) {
    if (!from.is_object()) return unreadable(property, "microsoft.graph.recipient");
    const auto* inner = find_any_case(from.as_object(), "emailAddress");
    if (!inner || !inner->is_object()) return unreadable(property, "microsoft.graph.emailAddress");
    mime::Address out;
    for (const auto& [key, value] : inner->as_object()) {
        const std::string_view name(key.data(), key.size());
        if (name.starts_with("@odata.")) continue;
        if (name != "name" && name != "address")
            return refuse(400, "RequestBodyRead",
                          "The property '" + std::string(name.substr(0, 60)) + "' does not exist on type 'Microsoft.OutlookServices.EmailAddress'.");
        if (auto taken = take_text(value, name, name == "name" ? out.name : out.address); !taken) return std::unexpected(taken.error());
    }
    return out;
}

Outcome<void> take_people(const json::value& from, std::string_view property, std::vector<mime::Address>& into) {
    auto people = read_recipients(from, property);
    if (!people) return std::unexpected(people.error());
    into = std::move(*people);
    return {};
}

Outcome<void> take_person(const json::value& from, std::string_view property, std::optional<mime::Address>& into) {
    if (from.is_null()) return {};
    auto person = read_address(from, property);
    if (!person) return std::unexpected(person.error());
    into = std::move(*person);
    return {};
}

Outcome<void> take_body(const json::value& from, mime::Message& into) {
    if (!from.is_object()) return unreadable("body", "microsoft.graph.itemBody");
    std::string type = "text", content;
    for (const auto& [key, value] : from.as_object()) {
        const std::string_view name(key.data(), key.size());
        Outcome<void> taken;
        if (name == "contentType")
            taken = take_enum(value, name, {"text", "html"}, type);
        else if (name == "content")
            taken = take_text(value, name, content);
        else if (!name.starts_with("@odata."))
            return refuse(400, "RequestBodyRead",
                          "The property '" + std::string(name.substr(0, 60)) + "' does not exist on type 'Microsoft.OutlookServices.ItemBody'.");
        if (!taken) return taken;
    }
    into.html.reset();
    into.text.reset();
    (type == "html" ? into.html : into.text) = std::move(content);
    return {};
}

Outcome<void> take_categories(const json::value& from, std::vector<std::string>& into) {
    if (!from.is_array()) return unreadable("categories", "Collection(Edm.String)");
    std::vector<std::string> out;
    for (const auto& one : from.as_array()) {
        if (!one.is_string()) return unreadable("categories", "Collection(Edm.String)");
        out.emplace_back(json::view(one.as_string()));
    }
    into = std::move(out);
    return {};
}

Outcome<void> take_zoned(const json::value& from, std::string_view property, std::optional<ZonedTime>& into) {
    if (from.is_null()) {
        into.reset();
        return {};
    }
    if (!from.is_object()) return unreadable(property, "microsoft.graph.dateTimeTimeZone");
    ZonedTime out;
    for (const auto& [key, value] : from.as_object()) {
        const std::string_view name(key.data(), key.size());
        Outcome<void> taken;
        if (name == "dateTime")
            taken = take_text(value, name, out.date_time);
        else if (name == "timeZone")
            taken = take_text(value, name, out.time_zone);
        if (!taken) return taken;
    }
    if (out.time_zone.empty()) out.time_zone = "UTC";
    if (!parse_iso(out.date_time) && !parse_iso(out.date_time + "Z")) return unreadable(property, "microsoft.graph.dateTimeTimeZone");
    into = std::move(out);
    return {};
}

Outcome<void> take_flag(const json::value& from, Flag& into) {
    if (!from.is_object()) return unreadable("flag", "microsoft.graph.followupFlag");
    Flag out = into;
    for (const auto& [key, value] : from.as_object()) {
        const std::string_view name(key.data(), key.size());
        Outcome<void> taken;
        if (name == "flagStatus")
            taken = take_enum(value, name, {"notFlagged", "complete", "flagged"}, out.status);
        else if (name == "startDateTime")
            taken = take_zoned(value, name, out.start);
        else if (name == "dueDateTime")
            taken = take_zoned(value, name, out.due);
        else if (name == "completedDateTime")
            taken = take_zoned(value, name, out.completed);
        if (!taken) return taken;
    }
    if (out.status == "notFlagged") out = Flag{};
    into = std::move(out);
    return {};
}

Outcome<void> take_headers(const json::value& from, mime::Message& into) {
    if (!from.is_array()) return unreadable("internetMessageHeaders", "Collection(microsoft.graph.internetMessageHeader)");
    if (from.as_array().size() > 5)
        return refuse(400, "InvalidInternetMessageHeaderCollection", "Maximum number of headers in one message should be less than or equal to 5.");
    for (const auto& one : from.as_array()) {
        if (!one.is_object()) return unreadable("internetMessageHeaders", "microsoft.graph.internetMessageHeader");
        const auto name = json::text(one.as_object(), "name"), value = json::text(one.as_object(), "value");
        if (!name || !value) return unreadable("internetMessageHeaders", "microsoft.graph.internetMessageHeader");
        const bool custom =
            name->size() > 2 && ((*name)[0] == 'x' || (*name)[0] == 'X') && (*name)[1] == '-' && name->find_first_of(": \t\r\n") == std::string_view::npos;
        if (!custom)
            return refuse(400, "InvalidInternetMessageHeader",
                          "The internet message header name '" + std::string(name->substr(0, 60)) + "' should start with 'x-' or 'X-'.");
        into.headers.emplace_back(std::string(*name), std::string(*value));
    }
    return {};
}

Outcome<void> take_attachments(const json::value& from, mime::Message& into) {
    if (!from.is_array()) return unreadable("attachments", "Collection(microsoft.graph.attachment)");
    for (const auto& one : from.as_array()) {
        auto attachment = read_attachment(one);
        if (!attachment) return std::unexpected(attachment.error());
        into.attachments.push_back(std::move(*attachment));
    }
    return {};
}

Outcome<void> take_property(std::string_view name, const json::value& value, Writing writing, StoredMessage& message) {
    auto& content = message.content;
    const bool draft = writing != Writing::update_received;
    if (name == "isRead") return take_bool(value, name, message.is_read);
    if (name == "categories") return take_categories(value, message.categories);
    if (name == "flag") return take_flag(value, message.flag);
    if (name == "importance") return take_enum(value, name, {"low", "normal", "high"}, content.importance);
    if (name == "inferenceClassification") return take_enum(value, name, {"focused", "other"}, message.inference);
    if (name == "isReadReceiptRequested") return take_bool(value, name, content.wants_read_receipt);
    if (name == "isDeliveryReceiptRequested") return take_bool(value, name, content.wants_delivery_receipt);
    if (name == "from") return take_person(value, name, content.from);
    if (name == "sender") return take_person(value, name, content.sender);
    if (name == "toRecipients") return take_people(value, name, content.to);
    if (name == "ccRecipients") return take_people(value, name, content.cc);
    if (name == "bccRecipients") return take_people(value, name, content.bcc);
    if (name == "body" || name == "subject" || name == "internetMessageId" || name == "replyTo") {
        if (!draft)
            return refuse(400, "ErrorInvalidPropertySet",
                          "Property '" + std::string(name) + "' is read-only and cannot be set on a message that is not a draft.");
        if (name == "body") return take_body(value, content);
        if (name == "subject") return take_text(value, name, content.subject);
        if (name == "internetMessageId") return take_text(value, name, content.message_id);
        return take_people(value, name, content.reply_to);
    }
    if (name == "internetMessageHeaders" && writing == Writing::create) return take_headers(value, content);
    if (name == "attachments" && writing == Writing::create) return take_attachments(value, content);
    if (name == "attachments") return refuse(400, "ErrorInvalidPropertySet", "Attachments are added through the attachments collection.");
    static constexpr std::string_view ignored[] = {"singleValueExtendedProperties", "multiValueExtendedProperties", "meetingMessageType"};
    if (name.find("@odata.") != std::string_view::npos || is_message_property(name) || std::ranges::find(ignored, name) != std::end(ignored)) return {};
    return refuse(400, "RequestBodyRead",
                  "The property '" + std::string(name.substr(0, 60)) +
                      "' does not exist on type 'Microsoft.OutlookServices.Message'. Make sure to only use property names that are defined by the type.");
}

/// base64 with line breaks is common in hand-made requests.
std::optional<std::string> bytes_of(std::string_view text) {
    std::string compact;
    for (const char c : text)
        if (c != '\r' && c != '\n' && c != ' ') compact += c;
    return decode_base64(compact);
}

}  // namespace

Outcome<std::vector<mime::Address>> read_recipients(const json::value& from, std::string_view property) {
    if (from.is_null()) return std::vector<mime::Address>();
    if (!from.is_array()) return unreadable(property, "Collection(microsoft.graph.recipient)");
    if (from.as_array().size() > max_recipients) return refuse(400, "ErrorInvalidRecipients", "The number of recipients exceeds the limit of 500.");
    std::vector<mime::Address> out;
    for (const auto& one : from.as_array()) {
        auto person = read_address(one, property);
        if (!person) return std::unexpected(person.error());
        out.push_back(std::move(*person));
    }
    return out;
}

Outcome<mime::Attachment> read_attachment(const json::value& from) {
    if (!from.is_object()) return unreadable("attachments", "microsoft.graph.attachment");
    const auto& object = from.as_object();
    const auto type = json::text(object, "@odata.type");
    if (!type) return refuse(400, "RequestBodyRead", "The property '@odata.type' is required: an attachment of type 'microsoft.graph.attachment' is abstract.");
    std::string_view kind = *type;
    if (kind.starts_with('#')) kind.remove_prefix(1);
    mime::Attachment out;
    out.content_type = "application/octet-stream";
    if (kind == "microsoft.graph.itemAttachment") {
        const auto* item = json::find(object, "item");
        if (!item || !item->is_object()) return refuse(400, "ErrorItemSave", "An item attachment needs its item.");
        StoredMessage inner;
        if (auto read = read_message(item->as_object(), Writing::create, inner); !read) return std::unexpected(read.error());
        out.bytes = mime::compose_message(inner.content);
        out.is_message = true;
        out.content_type = "message/rfc822";
    } else if (kind != "microsoft.graph.fileAttachment") {
        return refuse(400, "RequestBodyRead", "The attachment type is not supported.");
    }
    for (const auto& [key, value] : object) {
        const std::string_view name(key.data(), key.size());
        Outcome<void> taken;
        if (name == "name")
            taken = take_text(value, name, out.name);
        else if (name == "contentType" && !value.is_null())
            taken = take_text(value, name, out.content_type);
        else if (name == "contentId")
            taken = take_text(value, name, out.content_id);
        else if (name == "contentLocation")
            taken = take_text(value, name, out.content_location);
        else if (name == "isInline")
            taken = take_bool(value, name, out.is_inline);
        else if (name == "contentBytes" && !out.is_message) {
            const auto text = text_of(value, name);
            auto bytes = text ? bytes_of(*text) : std::nullopt;
            if (!bytes) return unreadable(name, "Edm.Binary");
            out.bytes = std::move(*bytes);
        }
        if (!taken) return std::unexpected(taken.error());
    }
    if (!out.is_message && !object.contains("contentBytes")) return refuse(400, "ErrorRequiredPropertyMissing", "Required property 'contentBytes' is missing.");
    if (out.name.empty()) return refuse(400, "ErrorRequiredPropertyMissing", "Required property 'name' is missing.");
    return out;
}

Outcome<void> read_message(const json::object& from, Writing writing, StoredMessage& message) {
    for (const auto& [key, value] : from)
        if (auto taken = take_property(std::string_view(key.data(), key.size()), value, writing, message); !taken) return taken;
    return {};
}

}  // namespace renkei::sandbox::graph
