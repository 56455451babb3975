#include "adapters/providers/microsoft/graph_answer.hpp"

#include "adapters/providers/html_text.hpp"
#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::microsoft {
namespace {

std::unexpected<Error> bad_answer(std::string detail) { return fail(Errc::provider_bad_answer, std::move(detail)); }

// Reads members of one object and remembers the first one of a wrong type.
class Members {
public:
    Members(const json::value& from, std::string_view what) : object_(from.if_object()), what_(what) {
        if (object_ == nullptr) wrong_ = "itself";
    }
    std::string text(std::string_view name) {
        const auto* member = find(name);
        if (member == nullptr) return {};
        if (!member->is_string()) return note(name), std::string();
        return std::string(json::view(member->get_string()));
    }
    bool flag(std::string_view name) {
        const auto* member = find(name);
        if (member == nullptr) return false;
        if (!member->is_bool()) return note(name), false;
        return member->get_bool();
    }
    std::uint64_t count(std::string_view name) {
        const auto* member = find(name);
        if (member == nullptr) return 0;
        if (!member->is_int64() || member->get_int64() < 0) return note(name), 0;
        return static_cast<std::uint64_t>(member->get_int64());
    }
    std::optional<TimePoint> time(std::string_view name) {
        const auto words = text(name);
        if (words.empty()) return std::nullopt;
        auto at = parse_graph_time(words);
        if (!at) note(name);
        return at;
    }
    std::optional<core::MailAddress> address(std::string_view name) {
        const auto* member = find(name);
        return member == nullptr ? std::nullopt : recipient(name, *member);
    }
    std::vector<core::MailAddress> addresses(std::string_view name) {
        std::vector<core::MailAddress> out;
        const auto* member = find(name);
        if (member == nullptr) return out;
        if (!member->is_array()) return note(name), out;
        for (const auto& item : member->get_array())
            if (auto one = recipient(name, item)) out.push_back(*std::move(one));
        return out;
    }
    /// The member unless it is missing or null.
    const json::value* find(std::string_view name) const {
        if (object_ == nullptr) return nullptr;
        const auto* member = json::find(*object_, name);
        return member == nullptr || member->is_null() ? nullptr : member;
    }
    void note(std::string_view name) {
        if (wrong_.empty()) wrong_ = name;
    }
    Result<void> check(const std::string& id) const {
        if (!wrong_.empty()) return bad_answer("a " + std::string(what_) + " in the provider's answer has a wrong type at `" + wrong_ + "`");
        if (id.empty()) return bad_answer("a " + std::string(what_) + " in the provider's answer has no id");
        return {};
    }

private:
    // {"emailAddress":{"name":…,"address":…}}; drafts have halves of it.
    std::optional<core::MailAddress> recipient(std::string_view name, const json::value& from) {
        Members outer(from, "recipient");
        const auto* inner = outer.find("emailAddress");
        if (inner == nullptr) {
            if (!from.is_object()) note(name);
            return std::nullopt;
        }
        Members fields(*inner, "recipient");
        core::MailAddress address{fields.text("name"), fields.text("address")};
        if (!fields.wrong_.empty()) note(name);
        if (address.name.empty() && address.email.empty()) return std::nullopt;
        return address;
    }

    const json::object* object_;
    std::string_view what_;
    std::string wrong_;
};

std::string without_brackets(std::string text) {
    if (text.size() >= 2 && text.front() == '<' && text.back() == '>') return text.substr(1, text.size() - 2);
    return text;
}

void read_keywords(Members& from, core::EmailHeader& header) {
    if (from.flag("isRead")) header.keywords.emplace_back("$seen");
    if (const auto* flag = from.find("flag"); flag != nullptr && Members(*flag, "flag").text("flagStatus") == "flagged")
        header.keywords.emplace_back("$flagged");
    if (from.flag("isDraft")) header.keywords.emplace_back("$draft");
}

core::EmailHeader read_header(Members& from) {
    core::EmailHeader header;
    header.id = from.text("id");
    header.thread_id = from.text("conversationId");
    if (auto folder = from.text("parentFolderId"); !folder.empty()) header.mailbox_ids.push_back(std::move(folder));
    read_keywords(from, header);
    header.received_at = from.time("receivedDateTime").value_or(TimePoint{});
    header.sent_at = from.time("sentDateTime");
    header.message_id = without_brackets(from.text("internetMessageId"));
    header.subject = from.text("subject");
    if (auto sender = from.address("from")) header.from.push_back(*std::move(sender));
    header.to = from.addresses("toRecipients");
    header.cc = from.addresses("ccRecipients");
    header.bcc = from.addresses("bccRecipients");
    header.reply_to = from.addresses("replyTo");
    header.preview = from.text("bodyPreview");
    header.has_attachment = from.flag("hasAttachments");
    header.importance = from.text("importance");
    return header;
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (i >= text.size() || text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

bool is_json(const HttpResponse& response) {
    const auto type = lower_ascii(response.headers.get("Content-Type"));
    return type.starts_with("application/json") || type.starts_with("application/problem+json");
}

}  // namespace

std::optional<TimePoint> parse_graph_time(std::string_view text) {
    if (text.size() < 20 || text.size() > 40 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text.back() != 'Z')
        return std::nullopt;
    const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    const auto fraction = text.substr(19, text.size() - 20);
    if (!date.ok() ||
        (!fraction.empty() && (fraction.front() != '.' || fraction.size() < 2 || !digits(fraction, 1, std::min<std::size_t>(fraction.size() - 1, 9)))))
        return std::nullopt;
    int millis = 0;
    for (std::size_t i = 1; i < 4; ++i) millis = millis * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
    return TimePoint(std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                     std::chrono::seconds(*second) + std::chrono::milliseconds(millis));
}

Result<json::object> object_of(const HttpResponse& response) {
    if (!is_json(response)) return bad_answer("the provider answered with something other than JSON");
    auto value = json::parse(response.body);
    if (!value) return bad_answer("the provider's answer is cut off or is not JSON");
    if (!value->is_object()) return bad_answer("the provider's answer is not a JSON object");
    return std::move(value->get_object());
}

Result<Collection> collection_of(const HttpResponse& response) {
    auto object = object_of(response);
    if (!object) return propagate(object);
    Collection page;
    auto* items = object->if_contains("value");
    if (items == nullptr || !items->is_array()) return bad_answer("the provider's answer has no list in `value`");
    page.items = std::move(items->get_array());
    if (const auto* next = object->if_contains("@odata.nextLink"); next != nullptr && !next->is_null()) {
        if (!next->is_string()) return bad_answer("the provider's link to the next page is no text");
        page.next_link = json::view(next->get_string());
    }
    return page;
}

Result<core::EmailHeader> email_header_of(const json::value& from) {
    Members members(from, "message");
    auto header = read_header(members);
    if (auto checked = members.check(header.id); !checked) return propagate(checked);
    return header;
}

Result<core::Email> email_of(const json::value& from) {
    Members members(from, "message");
    core::Email email;
    email.header = read_header(members);
    if (const auto* body = members.find("body")) {
        Members content(*body, "message body");
        auto text = content.text("content");
        // https://learn.microsoft.com/graph/api/resources/itembody: text or html.
        if (equal_ignoring_case(content.text("contentType"), "html")) {
            email.text_body = providers::text_of_html(text);
            email.html_body = std::move(text);
        } else {
            email.text_body = std::move(text);
        }
        if (auto checked = content.check("body"); !checked) return propagate(checked);
    }
    if (auto checked = members.check(email.header.id); !checked) return propagate(checked);
    return email;
}

Result<FolderRow> folder_of(const json::value& from) {
    Members members(from, "folder");
    FolderRow row;
    row.mailbox.id = members.text("id");
    row.mailbox.name = members.text("displayName");
    if (auto parent = members.text("parentFolderId"); !parent.empty()) row.mailbox.parent_id = std::move(parent);
    row.mailbox.total_emails = members.count("totalItemCount");
    row.mailbox.unread_emails = members.count("unreadItemCount");
    row.children = members.count("childFolderCount");
    row.mailbox.has_children = row.children > 0;
    if (auto checked = members.check(row.mailbox.id); !checked) return propagate(checked);
    return row;
}

Result<core::Attachment> attachment_of(const json::value& from) {
    Members members(from, "attachment");
    core::Attachment attachment;
    attachment.id = members.text("id");
    attachment.name = members.text("name");
    attachment.type = members.text("contentType");
    attachment.size = members.count("size");
    attachment.content_id = without_brackets(members.text("contentId"));
    attachment.is_inline = members.flag("isInline");
    const auto kind = members.text("@odata.type");
    attachment.kind = kind.ends_with("itemAttachment") ? "item" : kind.ends_with("referenceAttachment") ? "link" : "file";
    if (attachment.type.empty()) attachment.type = attachment.kind == "item" ? "message/rfc822" : "application/octet-stream";
    if (auto checked = members.check(attachment.id); !checked) return propagate(checked);
    return attachment;
}

}  // namespace renkei::microsoft
