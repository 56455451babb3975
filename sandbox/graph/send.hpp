#pragma once

#include "sandbox/graph/call.hpp"

namespace renkei::sandbox::graph {

/// A message about to leave: what is sent, and, for MIME from a caller, its own bytes.
struct Outgoing {
    mime::Message content;
    std::string raw;  ///< empty: composed from `content`
};

/// base64 text of a MIME document, as text/plain bodies bring it.
Outcome<Outgoing> read_mime_body(const Call& call);
/// Checks sender and recipients, dates and names the message, and delivers it to every recipient with a mailbox in this sandbox. Answers
/// the bytes that belong into Sent Items, Bcc included.
Outcome<std::shared_ptr<const std::string>> send_message(Call& call, Outgoing outgoing);
/// Puts the bytes into the user's Sent Items.
StoredMessage& keep_sent(Call& call, std::shared_ptr<const std::string> raw);
/// The stored message with its attachments back in place.
mime::Message whole_content(const StoredMessage& message);
/// The message's bytes: as it came, or composed after a change.
std::shared_ptr<const std::string> raw_of(const Call& call, const StoredMessage& message);
/// Who the mailbox's owner is in a From field.
mime::Address address_of(const SandboxUser& user);

}  // namespace renkei::sandbox::graph
