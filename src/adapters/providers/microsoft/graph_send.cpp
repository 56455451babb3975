// https://learn.microsoft.com/graph/api/user-sendmail
#include "adapters/providers/microsoft/graph_request.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"

namespace renkei::microsoft {
namespace {

json::object address_of(const core::MailAddress& address) {
    json::object inner{{"address", json::view(address.email)}};
    if (!address.name.empty()) inner.emplace("name", json::view(address.name));
    return {{"emailAddress", std::move(inner)}};
}

json::array addresses_of(const std::vector<core::MailAddress>& addresses) {
    json::array out;
    for (const auto& address : addresses) out.push_back(address_of(address));
    return out;
}

json::object attachment_json(const core::OutgoingAttachment& attachment) {
    json::object out{{"@odata.type", "#microsoft.graph.fileAttachment"},
                     {"name", json::view(attachment.name)},
                     {"contentType", json::view(attachment.type)},
                     {"isInline", attachment.is_inline},
                     {"contentBytes", json::view(base64(as_bytes(attachment.content)))}};
    if (!attachment.content_id.empty()) out.emplace("contentId", json::view(attachment.content_id));
    return out;
}

}  // namespace

std::string send_mail_body(const core::OutgoingEmail& email, std::string_view mailbox) {
    // Graph takes one body; Exchange makes the text alternative of an HTML one by itself.
    const bool html = !email.html_body.empty();
    json::object message{{"subject", json::view(email.subject)},
                         {"body", json::object{{"contentType", html ? "html" : "text"}, {"content", json::view(html ? email.html_body : email.text_body)}}},
                         {"importance", json::view(email.importance)}};
    const auto put = [&](std::string_view name, const std::vector<core::MailAddress>& addresses) {
        if (!addresses.empty()) message.emplace(json::view(name), addresses_of(addresses));
    };
    put("toRecipients", email.to);
    put("ccRecipients", email.cc);
    put("bccRecipients", email.bcc);
    put("replyTo", email.reply_to);
    if (email.from && (email.from->email != mailbox || !email.from->name.empty())) message.emplace("from", address_of(*email.from));
    if (!email.attachments.empty()) {
        json::array attachments;
        for (const auto& attachment : email.attachments) attachments.push_back(attachment_json(attachment));
        message.emplace("attachments", std::move(attachments));
    }
    return json::serialize(json::object{{"message", std::move(message)}, {"saveToSentItems", email.save_to_sent}});
}

Result<void> check_size(const core::OutgoingEmail& email) {
    std::uint64_t sum = 0;
    for (const auto& attachment : email.attachments) sum += attachment.content.size();
    if (sum > largest_attachments)
        return fail(Errc::payload_too_large, "the attachments have " + std::to_string(sum) + " bytes in sum; this provider takes " +
                                                 std::to_string(largest_attachments) + " (3 MiB) in one message");
    if (email.text_body.size() > largest_text || email.html_body.size() > largest_text)
        return fail(Errc::payload_too_large, "the text has more than " + std::to_string(largest_text) + " bytes (1 MiB)");
    return {};
}

}  // namespace renkei::microsoft
