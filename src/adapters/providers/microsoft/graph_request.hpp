#pragma once

#include "app/ports/catalog.hpp"
#include "base/http.hpp"
#include "base/result.hpp"
#include "core/mail.hpp"

#include <string>
#include <string_view>

namespace renkei::microsoft {

/// {api_base}/users/{mailbox}, or {api_base}/me for the signed-in person's own.
std::string mailbox_root(const app::CloudFacts& cloud, std::string_view mailbox);

/// A read with the bearer token. Fails (egress_refused) unless the address is one of the cloud's token hosts.
Result<HttpRequest> read_request(const app::CloudFacts& cloud, std::string url, const Secret& token);
/// A write of JSON, under the same condition.
Result<HttpRequest> write_request(const app::CloudFacts& cloud, std::string url, const Secret& token, std::string body);

/// The address of the next page out of a cursor. Only an https address below the cloud's API base comes out.
/// Error: bad_request.
Result<std::string> link_of_cursor(const app::CloudFacts& cloud, std::string_view cursor);
/// The opaque cursor of a nextLink. provider_bad_answer when it leads anywhere but below the cloud's API base.
Result<std::string> cursor_of_link(const app::CloudFacts& cloud, std::string_view link);
/// Whether an address from an answer may be followed with the token.
bool is_own_link(const app::CloudFacts& cloud, std::string_view link);

/// The body of sendMail. `mailbox`: whose mailbox sends; `from` is written only where it differs.
std::string send_mail_body(const core::OutgoingEmail& email, std::string_view mailbox);

/// Bytes that attachments may have in sum when they travel within the request
/// (https://learn.microsoft.com/graph/outlook-large-attachments: up to 3 MB).
inline constexpr std::uint64_t largest_attachments = 3u << 20;
/// The same for the text: Graph takes about 4 MB of JSON.
inline constexpr std::uint64_t largest_text = 1u << 20;
/// payload_too_large, naming the limit.
Result<void> check_size(const core::OutgoingEmail& email);

}  // namespace renkei::microsoft
