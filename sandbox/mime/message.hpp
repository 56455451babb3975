#pragma once

#include "base/clock.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace renkei::sandbox::mime {

struct Address {
    std::string name;
    std::string address;
    friend bool operator==(const Address&, const Address&) = default;
};

struct Attachment {
    std::string name;
    std::string content_type;
    std::string content_id;  ///< without angle brackets
    std::string content_location;
    bool is_inline = false;
    bool is_message = false;  ///< message/rfc822: `bytes` is a whole message
    std::string bytes;        ///< transfer encoding removed
};

/// A message as readers see it: every text is UTF-8, whatever came in.
struct Message {
    std::string subject;
    std::optional<Address> from;
    std::optional<Address> sender;
    std::vector<Address> to, cc, bcc, reply_to;
    std::string message_id;  ///< with angle brackets, or empty
    std::string in_reply_to;
    std::vector<std::string> references;
    std::optional<TimePoint> date;      ///< the Date field, when it can be read
    std::optional<TimePoint> received;  ///< the topmost Received field
    std::string importance = "normal";
    bool wants_read_receipt = false;
    bool wants_delivery_receipt = false;
    std::optional<std::string> text;  ///< lines end with CR LF
    std::optional<std::string> html;
    std::string calendar;         ///< the text/calendar part of a meeting message
    std::string calendar_method;  ///< REQUEST, CANCEL, REPLY, …
    bool is_report = false;       ///< multipart/report
    std::vector<Attachment> attachments;
    std::vector<std::pair<std::string, std::string>> headers;  ///< in order, unfolded and decoded
    std::vector<std::string> repairs;                          ///< what had to be guessed or left out, in words
};

}  // namespace renkei::sandbox::mime
