#include "app/mail.hpp"
#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

constexpr std::size_t most_recipients = 500;  // Exchange's usual limit per message
constexpr std::size_t most_attachments = 100;

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Text that becomes a header: no line may be added by it (RFC 5322 section 2.2).
Result<void> check_header_text(std::string_view text, const std::string& field, std::size_t max) {
    if (!is_utf8(text) || has_control(text)) return bad_field(field, "`" + field + "` must be UTF-8 text without line breaks and control characters");
    if (text.size() > max) return bad_field(field, "`" + field + "` is longer than " + std::to_string(max) + " bytes");
    return {};
}

Result<void> check_body(std::string_view text, const std::string& field) {
    if (!is_utf8(text) || text.find('\0') != text.npos) return bad_field(field, "`" + field + "` must be UTF-8 text without null characters");
    return {};
}

Result<void> check_address(core::MailAddress& address, const std::string& field) {
    auto spelled = core::parse_mailbox(address.email, field + ".email");
    if (!spelled) return propagate(spelled);
    address.email = *std::move(spelled);
    return check_header_text(address.name, field + ".name", 256);
}

Result<void> check_addresses(std::vector<core::MailAddress>& addresses, std::string_view field) {
    for (std::size_t i = 0; i < addresses.size(); ++i)
        if (auto checked = check_address(addresses[i], std::string(field) + "[" + std::to_string(i) + "]"); !checked) return checked;
    return {};
}

// RFC 6838 section 4.2: type and subtype names.
bool is_media_type(std::string_view text) {
    const auto slash = text.find('/');
    const auto is_name = [](std::string_view name) {
        return !name.empty() && name.size() <= 127 && std::ranges::all_of(name, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
        });
    };
    return slash != text.npos && is_name(text.substr(0, slash)) && is_name(text.substr(slash + 1));
}

bool is_content_id(std::string_view text) {
    return text.size() <= 200 && std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f || c == '<' || c == '>' || c == '"' || c == '\\';
           });
}

Result<void> check_attachment(core::OutgoingAttachment& attachment, const std::string& field) {
    if (attachment.name.empty()) return bad_field(field + ".name", "`" + field + ".name` is missing");
    if (auto checked = check_header_text(attachment.name, field + ".name", 255); !checked) return checked;
    if (attachment.name.find_first_of("/\\") != std::string::npos)
        return bad_field(field + ".name", "`" + field + ".name` must be a file name without folders");
    if (attachment.type.empty()) attachment.type = "application/octet-stream";
    if (!is_media_type(attachment.type))
        return bad_field(field + ".type", "`" + field + ".type` must be a media type such as application/pdf, without parameters");
    if (!is_content_id(attachment.content_id))
        return bad_field(field + ".content_id", "`" + field + ".content_id` must be at most 200 characters of ASCII without blanks, quotes and angle brackets");
    return {};
}

}  // namespace

Result<core::OutgoingEmail> check_outgoing(core::OutgoingEmail email) {
    const auto recipients = email.to.size() + email.cc.size() + email.bcc.size();
    if (recipients == 0) return bad_field("to", "a message needs at least one recipient in `to`, `cc` or `bcc`");
    if (recipients > most_recipients) return bad_field("to", "a message takes at most " + std::to_string(most_recipients) + " recipients");
    const std::pair<std::vector<core::MailAddress>*, std::string_view> lists[] = {
        {&email.to, "to"}, {&email.cc, "cc"}, {&email.bcc, "bcc"}, {&email.reply_to, "reply_to"}};
    for (const auto& [addresses, field] : lists)
        if (auto checked = check_addresses(*addresses, field); !checked) return propagate(checked);
    if (email.from)
        if (auto checked = check_address(*email.from, "from"); !checked) return propagate(checked);
    if (auto checked = check_header_text(email.subject, "subject", 900); !checked) return propagate(checked);
    if (auto checked = check_body(email.text_body, "text_body"); !checked) return propagate(checked);
    if (auto checked = check_body(email.html_body, "html_body"); !checked) return propagate(checked);
    if (email.importance != "low" && email.importance != "normal" && email.importance != "high")
        return bad_field("importance", "`importance` must be low, normal or high");
    if (email.attachments.size() > most_attachments)
        return bad_field("attachments", "a message takes at most " + std::to_string(most_attachments) + " attachments");
    for (std::size_t i = 0; i < email.attachments.size(); ++i)
        if (auto checked = check_attachment(email.attachments[i], "attachments[" + std::to_string(i) + "]"); !checked) return propagate(checked);
    return email;
}

}  // namespace renkei::app
