#include "adapters/api/mail_show.hpp"

#include "adapters/api/show.hpp"
#include "base/encoding.hpp"

namespace renkei::api {
namespace {

json::array shown_addresses(const std::vector<core::MailAddress>& addresses) {
    json::array list;
    for (const auto& address : addresses) list.push_back(json::object{{"name", address.name}, {"email", address.email}});
    return list;
}

json::array shown_attachments(const std::vector<core::Attachment>& attachments) {
    json::array list;
    for (const auto& attachment : attachments)
        list.push_back(json::object{{"id", attachment.id},
                                    {"name", attachment.name},
                                    {"type", attachment.type},
                                    {"size", attachment.size},
                                    {"content_id", attachment.content_id},
                                    {"is_inline", attachment.is_inline},
                                    {"kind", attachment.kind}});
    return list;
}

bool is_separator(unsigned char c) { return c == '/' || c == '\\' || c == ':'; }

}  // namespace

json::object shown_mailbox(const core::Mailbox& mailbox) {
    return {{"id", mailbox.id},
            {"name", mailbox.name},
            {"parent_id", mailbox.parent_id ? json::value(json::view(*mailbox.parent_id)) : json::value(nullptr)},
            {"role", mailbox.role.empty() ? json::value(nullptr) : json::value(json::view(mailbox.role))},
            {"total_emails", mailbox.total_emails},
            {"unread_emails", mailbox.unread_emails},
            {"has_children", mailbox.has_children}};
}

json::object shown_email_header(const core::EmailHeader& email) {
    return {{"id", email.id},
            {"thread_id", email.thread_id},
            {"mailbox_ids", shown_list(email.mailbox_ids)},
            {"keywords", shown_list(email.keywords)},
            {"size", email.size},
            {"received_at", shown_time(email.received_at)},
            {"sent_at", shown_time(email.sent_at)},
            {"message_id", email.message_id},
            {"subject", email.subject},
            {"from", shown_addresses(email.from)},
            {"to", shown_addresses(email.to)},
            {"cc", shown_addresses(email.cc)},
            {"bcc", shown_addresses(email.bcc)},
            {"reply_to", shown_addresses(email.reply_to)},
            {"preview", email.preview},
            {"has_attachment", email.has_attachment},
            {"importance", email.importance == "low" || email.importance == "high" ? json::value(json::view(email.importance)) : json::value("normal")}};
}

json::object shown_email(const core::Email& email) {
    auto out = shown_email_header(email.header);
    out["text_body"] = email.text_body;
    out["html_body"] = email.html_body;
    out["attachments"] = shown_attachments(email.attachments);
    return out;
}

std::string content_disposition(std::string_view name) {
    std::string whole, ascii;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) continue;
        whole += is_separator(byte) ? '_' : c;
    }
    if (!is_utf8(whole) || whole.empty() || whole.size() > 255) whole = "attachment";
    for (const char c : whole) {
        const auto byte = static_cast<unsigned char>(c);
        // One underscore a character, not a byte; quotes, per cent and backslash are read differently by browsers.
        if (byte >= 0x80 && (byte & 0xc0) == 0x80) continue;
        ascii += byte >= 0x80 || c == '"' || c == '%' || c == ';' ? '_' : c;
    }
    return "attachment; filename=\"" + ascii + "\"; filename*=UTF-8''" + percent_encode(whole);
}

}  // namespace renkei::api
