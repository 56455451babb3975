#pragma once

#include "sandbox/graph/call.hpp"
#include "sandbox/graph/query.hpp"

namespace renkei::sandbox::graph {

std::string etag_of(const StoredMessage& message);
/// The message as the caller may and wants to see it: $select, $expand, preferred body type and id kind, permission.
json::object render_message(const Call& call, const StoredMessage& message, const Query& query);
json::object render_folder(const Call& call, const MailFolder& folder);
json::object render_attachment(const Call& call, const StoredAttachment& attachment, const Query& query);
json::object render_user(const SandboxUser& user, bool basic);
/// As proxyAddresses lists them: the first one is the main address. Empty for somebody without a mailbox.
std::vector<std::string> proxy_addresses(const SandboxUser& user);
/// Keeps what $select names, `id` and annotations.
void keep_selected(json::object& object, const Query& query);
/// `…/v1.0/$metadata#users('…')/` and this.
std::string context_of(const Call& call, const std::string& what, const Query* query = nullptr, bool entity = false);

}  // namespace renkei::sandbox::graph
