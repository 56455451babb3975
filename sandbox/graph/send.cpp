#include "sandbox/graph/send.hpp"

#include "base/encoding.hpp"
#include "sandbox/mime/compose.hpp"
#include "sandbox/mime/header.hpp"
#include "sandbox/mime/parse.hpp"

#include <algorithm>
#include <set>

namespace renkei::sandbox::graph {
namespace {

constexpr std::size_t max_recipients = 500;

bool is_address(std::string_view text) {
    const auto at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || at + 1 >= text.size() || text.size() > 320) return false;
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == ',' || c == ';' || c == 127; });
}

std::vector<mime::Address> everyone(const mime::Message& content) {
    std::vector<mime::Address> out = content.to;
    out.insert(out.end(), content.cc.begin(), content.cc.end());
    out.insert(out.end(), content.bcc.begin(), content.bcc.end());
    return out;
}

Outcome<void> check_recipients(const mime::Message& content) {
    const auto all = everyone(content);
    if (all.empty()) return refuse(400, "ErrorInvalidRecipients", "At least one recipient is required.");
    if (all.size() > max_recipients) return refuse(400, "ErrorInvalidRecipients", "The number of recipients exceeds the limit of 500.");
    for (const auto& one : all)
        if (!is_address(one.address))
            return refuse(400, "ErrorInvalidRecipients",
                          "At least one recipient is not valid., Recipient '" + (one.address.empty() ? one.name : one.address).substr(0, 320) +
                              "' is not resolved. All recipients must be resolved before a message can be submitted.");
    return {};
}

/// Another sender than the mailbox's owner needs the right to it (section 4.8).
Outcome<void> settle_sender(Call& call, mime::Message& content) {
    const auto own = address_of(*call.user);
    const auto* named = content.from ? call.world.find_user(content.from->address, call.user->tenant) : call.user;
    const auto denied = [] {
        return refuse(
            403, "ErrorSendAsDenied",
            "The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.");
    };
    if (!named) return denied();
    if (named == call.user) {
        if (!content.from) content.from = own;
        if (content.from->name.empty()) content.from->name = own.name;
        // Full access to a shared mailbox with Send As: both are the mailbox.
        content.sender = content.from;
        return {};
    }
    const bool delegate = std::ranges::find(named->delegates, call.token.user) != named->delegates.end();
    if (call.token.app_only() || !delegate || !call.token.allows("Mail.Send.Shared")) return denied();
    content.sender = own;
    return {};
}

/// Removes a field with its folded lines.
std::string without_field(std::string_view raw, std::string_view name) {
    std::string out;
    bool dropping = false;
    for (std::size_t at = 0; at < raw.size();) {
        auto end = raw.find('\n', at);
        end = end == std::string_view::npos ? raw.size() : end + 1;
        const auto line = raw.substr(at, end - at);
        if (trim(line).empty()) return out.append(raw.substr(at));
        const bool folded = line[0] == ' ' || line[0] == '\t';
        if (!folded) dropping = equal_ignoring_case(line.substr(0, name.size()), name) && line.substr(name.size(), 1) == ":";
        if (!dropping) out += line;
        at = end;
    }
    return out;
}

/// What a caller's own MIME lacks of the required fields is put in front (RFC 5322 section 3.6).
void complete_raw(Outgoing& outgoing, const mime::Message& completed) {
    mime::Message fields;
    std::string missing;
    if (!outgoing.content.date) missing += "Date: " + http_date(*completed.date).replace(http_date(*completed.date).size() - 3, 3, "+0000") + "\r\n";
    if (outgoing.content.message_id.empty()) missing += "Message-ID: " + completed.message_id + "\r\n";
    if (!outgoing.content.from) missing += "From: <" + completed.from->address + ">\r\n";
    outgoing.raw.insert(0, missing);
}

void deliver_copy(Call& call, SandboxUser& recipient, const std::string& raw) {
    auto& mailbox = call.store.of(recipient);
    const std::string trace =
        "Received: from sandbox by sandbox with HTTPS; " + http_date(call.now()).replace(http_date(call.now()).size() - 3, 3, "+0000") + "\r\n";
    auto bytes = std::make_shared<const std::string>(trace + raw);
    NewMessage incoming;
    incoming.content = mime::parse_message(*bytes);
    incoming.raw = bytes;
    incoming.folder = mailbox.find_folder("inbox")->id;
    incoming.now = call.now();
    incoming.received = call.now();
    mailbox.add(std::move(incoming));
}

}  // namespace

mime::Message whole_content(const StoredMessage& message) {
    auto content = message.content;
    for (const auto& one : message.attachments) content.attachments.push_back(one.content);
    return content;
}

std::shared_ptr<const std::string> raw_of(const Call& call, const StoredMessage& message) {
    if (message.raw) return message.raw;
    auto content = whole_content(message);
    if (!content.from) content.from = address_of(*call.user);
    if (!content.date) content.date = message.sent;
    return std::make_shared<const std::string>(mime::compose_message(content));
}

mime::Address address_of(const SandboxUser& user) { return {user.display_name, user.upn}; }

Outcome<Outgoing> read_mime_body(const Call& call) {
    std::string compact;
    for (const char c : call.request.body)
        if (c != '\r' && c != '\n' && c != ' ') compact += c;
    auto raw = decode_base64(compact);
    if (!raw || raw->empty()) return refuse(400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content.");
    Outgoing out;
    out.content = mime::parse_message(*raw);
    out.raw = std::move(*raw);
    return out;
}

Outcome<std::shared_ptr<const std::string>> send_message(Call& call, Outgoing outgoing) {
    if (auto fine = check_recipients(outgoing.content); !fine) return std::unexpected(fine.error());
    mime::Message completed = outgoing.content;
    if (auto fine = settle_sender(call, completed); !fine) return std::unexpected(fine.error());
    if (outgoing.raw.empty() || !completed.date) completed.date = call.now();
    if (completed.message_id.empty()) completed.message_id = "<" + call.world.new_guid() + "@" + call.user->upn.substr(call.user->upn.find('@') + 1) + ">";
    if (outgoing.raw.empty())
        outgoing.raw = mime::compose_message(completed);
    else
        complete_raw(outgoing, completed);
    const std::string visible = without_field(outgoing.raw, "Bcc");
    std::set<std::string> reached;
    for (const auto& one : everyone(completed)) {
        auto* recipient = call.world.find_user(one.address);
        if (recipient && recipient->mailbox && reached.insert(recipient->id).second) deliver_copy(call, *recipient, visible);
    }
    return std::make_shared<const std::string>(std::move(outgoing.raw));
}

StoredMessage& keep_sent(Call& call, std::shared_ptr<const std::string> raw) {
    auto& mailbox = call.mailbox();
    NewMessage sent;
    sent.content = mime::parse_message(*raw);
    sent.raw = std::move(raw);
    sent.folder = mailbox.find_folder("sentitems")->id;
    sent.now = call.now();
    sent.received = call.now();
    sent.is_read = true;
    return mailbox.add(std::move(sent));
}

}  // namespace renkei::sandbox::graph
