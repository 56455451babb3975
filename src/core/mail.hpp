#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace renkei::core {

// Provider-neutral mail in the words of JMAP Mail (RFC 8621). It grows in a later step.

struct MailAddress {
    std::string name;
    std::string email;
    friend bool operator==(const MailAddress&, const MailAddress&) = default;
};

struct Mailbox {  ///< a mail folder (RFC 8621 section 2)
    std::string id;
    std::string name;
    std::optional<std::string> parent_id;
    std::string role;  ///< inbox, sent, drafts, trash, junk, archive, or empty
    std::uint64_t total_emails = 0;
    std::uint64_t unread_emails = 0;
    bool has_children = false;
};

struct EmailHeader {  ///< what a list shows (RFC 8621 section 4.1)
    std::string id;
    std::string thread_id;
    std::vector<std::string> mailbox_ids;
    std::vector<std::string> keywords;  ///< $seen, $flagged, $draft
    std::uint64_t size = 0;             ///< octets, 0 when the provider does not say
    TimePoint received_at;
    std::optional<TimePoint> sent_at;
    std::string message_id;  ///< without angle brackets
    std::string subject;
    std::vector<MailAddress> from;
    std::vector<MailAddress> to;
    std::vector<MailAddress> cc;
    std::vector<MailAddress> bcc;
    std::vector<MailAddress> reply_to;
    std::string preview;  ///< at most 256 characters of text
    bool has_attachment = false;
    std::string importance;  ///< low, normal, high
};

struct Attachment {
    std::string id;
    std::string name;
    std::string type;  ///< media type
    std::uint64_t size = 0;
    std::string content_id;
    bool is_inline = false;
    std::string kind;  ///< file, item, link
};

struct Email {
    EmailHeader header;
    std::string text_body;
    std::string html_body;
    std::vector<Attachment> attachments;
};

struct EmailPage {
    std::vector<EmailHeader> emails;
    std::string next_cursor;  ///< opaque, empty at the end
};

struct EmailFilter {
    std::string mailbox_id;  ///< folder id or role; empty: whole mailbox
    std::string from;
    std::string subject;
    std::optional<TimePoint> after;
    std::optional<TimePoint> before;
    std::optional<bool> unread;
    std::optional<bool> has_attachment;
    std::string text;  ///< full text search; not with the others
};

struct OutgoingAttachment {
    std::string name;
    std::string type;
    std::string content;  ///< bytes
    std::string content_id;
    bool is_inline = false;
};

struct OutgoingEmail {
    std::vector<MailAddress> to, cc, bcc, reply_to;
    std::optional<MailAddress> from;
    std::string subject;
    std::string text_body;
    std::string html_body;
    std::string importance = "normal";
    std::vector<OutgoingAttachment> attachments;
    bool save_to_sent = true;
};

}  // namespace renkei::core
