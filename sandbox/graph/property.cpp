#include "sandbox/graph/property.hpp"

#include <algorithm>
#include <array>

namespace renkei::sandbox::graph {
namespace {

Value text_or_null(const std::string& text) { return text.empty() ? Value() : Value(text); }
Value address_of(const std::optional<mime::Address>& who) { return who ? text_or_null(who->address) : Value(); }
Value name_of(const std::optional<mime::Address>& who) { return who ? text_or_null(who->name.empty() ? who->address : who->name) : Value(); }
const std::optional<mime::Address>& sender_of(const StoredMessage& m) { return m.content.sender ? m.content.sender : m.content.from; }

constexpr Property properties[] = {
    {"id", Type::text, [](const StoredMessage& m) -> Value { return m.id; }},
    {"subject", Type::text, [](const StoredMessage& m) -> Value { return m.content.subject; }},
    {"receivedDateTime", Type::date, [](const StoredMessage& m) -> Value { return m.received; }},
    {"sentDateTime", Type::date, [](const StoredMessage& m) -> Value { return m.sent; }},
    {"createdDateTime", Type::date, [](const StoredMessage& m) -> Value { return m.created; }},
    {"lastModifiedDateTime", Type::date, [](const StoredMessage& m) -> Value { return m.modified; }},
    {"isRead", Type::boolean, [](const StoredMessage& m) -> Value { return m.is_read; }},
    {"isDraft", Type::boolean, [](const StoredMessage& m) -> Value { return m.is_draft; }},
    {"isReadReceiptRequested", Type::boolean, [](const StoredMessage& m) -> Value { return m.content.wants_read_receipt; }},
    {"isDeliveryReceiptRequested", Type::boolean, [](const StoredMessage& m) -> Value { return m.content.wants_delivery_receipt; }},
    {"hasAttachments", Type::boolean, [](const StoredMessage& m) -> Value { return m.has_attachments(); }},
    {"importance", Type::text, [](const StoredMessage& m) -> Value { return m.content.importance; }},
    {"inferenceClassification", Type::text, [](const StoredMessage& m) -> Value { return m.inference; }},
    {"flag/flagStatus", Type::text, [](const StoredMessage& m) -> Value { return m.flag.status; }},
    {"from/emailAddress/address", Type::text, [](const StoredMessage& m) { return address_of(m.content.from); }},
    {"from/emailAddress/name", Type::text, [](const StoredMessage& m) { return name_of(m.content.from); }},
    {"sender/emailAddress/address", Type::text, [](const StoredMessage& m) { return address_of(sender_of(m)); }},
    {"sender/emailAddress/name", Type::text, [](const StoredMessage& m) { return name_of(sender_of(m)); }},
    {"conversationId", Type::text, [](const StoredMessage& m) -> Value { return m.conversation; }},
    {"internetMessageId", Type::text, [](const StoredMessage& m) { return text_or_null(m.content.message_id); }},
    {"parentFolderId", Type::text, [](const StoredMessage& m) -> Value { return m.folder; }},
    {"bodyPreview", Type::text, [](const StoredMessage& m) -> Value { return m.plain_text().substr(0, 1024); }},
    {"body/content", Type::text, [](const StoredMessage& m) -> Value { return m.plain_text(); }},
};

constexpr std::array<std::string_view, 33> message_properties = {"id",
                                                                 "createdDateTime",
                                                                 "lastModifiedDateTime",
                                                                 "changeKey",
                                                                 "categories",
                                                                 "receivedDateTime",
                                                                 "sentDateTime",
                                                                 "hasAttachments",
                                                                 "internetMessageId",
                                                                 "internetMessageHeaders",
                                                                 "subject",
                                                                 "bodyPreview",
                                                                 "importance",
                                                                 "parentFolderId",
                                                                 "conversationId",
                                                                 "conversationIndex",
                                                                 "isDeliveryReceiptRequested",
                                                                 "isReadReceiptRequested",
                                                                 "isRead",
                                                                 "isDraft",
                                                                 "webLink",
                                                                 "inferenceClassification",
                                                                 "body",
                                                                 "uniqueBody",
                                                                 "sender",
                                                                 "from",
                                                                 "toRecipients",
                                                                 "ccRecipients",
                                                                 "bccRecipients",
                                                                 "replyTo",
                                                                 "flag",
                                                                 "attachments",
                                                                 "extensions"};

bool digits(std::string_view text, std::size_t at, std::size_t count, int& out) {
    if (at + count > text.size()) return false;
    out = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        out = out * 10 + (text[i] - '0');
    }
    return true;
}

}  // namespace

const Property* find_property(std::string_view path) {
    const auto found = std::ranges::find(properties, path, &Property::path);
    return found == std::end(properties) ? nullptr : &*found;
}

bool is_message_property(std::string_view name) { return std::ranges::find(message_properties, name) != message_properties.end(); }

std::optional<TimePoint> parse_iso(std::string_view text) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    if (!digits(text, 0, 4, year) || text.substr(4, 1) != "-" || !digits(text, 5, 2, month) || text.substr(7, 1) != "-" || !digits(text, 8, 2, day))
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return std::nullopt;
    std::chrono::milliseconds rest{0};
    if (text.size() > 10) {
        if ((text[10] != 'T' && text[10] != 't') || !digits(text, 11, 2, hour) || text.substr(13, 1) != ":" || !digits(text, 14, 2, minute))
            return std::nullopt;
        std::size_t at = 16;
        if (text.substr(at, 1) == ":") {
            if (!digits(text, 17, 2, second)) return std::nullopt;
            at = 19;
        }
        if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
        rest = std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
        if (text.substr(at, 1) == ".") {
            int unit = 100;
            const std::size_t from = ++at;
            for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) rest += std::chrono::milliseconds((text[at] - '0') * unit);
            if (at == from || at - from > 12) return std::nullopt;
        }
        const auto zone = text.substr(at);
        int zone_hours = 0, zone_minutes = 0;
        if (zone.size() == 6 && (zone[0] == '+' || zone[0] == '-' || zone[0] == ' ') && zone[3] == ':' && digits(zone, 1, 2, zone_hours) &&
            digits(zone, 4, 2, zone_minutes))
            // An unescaped plus sign arrives as a blank.
            rest -= (zone[0] == '-' ? -1 : 1) * (std::chrono::hours(zone_hours) + std::chrono::minutes(zone_minutes));
        else if (zone != "Z" && zone != "z")
            return std::nullopt;
    }
    return TimePoint(std::chrono::sys_days(date).time_since_epoch() + rest);
}

}  // namespace renkei::sandbox::graph
