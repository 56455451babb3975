#pragma once

#include "app/ports/mail_provider.hpp"
#include "base/json.hpp"
#include "core/mail.hpp"

#include <string>
#include <string_view>

namespace renkei::api {

// Mail as callers see it, in the words of JMAP Mail (RFC 8621): docs/api/openapi.yaml.

json::object shown_mailbox(const core::Mailbox& mailbox);
json::object shown_email_header(const core::EmailHeader& email);
json::object shown_email(const core::Email& email);

/// attachment; filename="…"; filename*=UTF-8''… (RFC 6266 section 4, RFC 8187). Nothing in the name can end the header
/// or name a folder.
std::string content_disposition(std::string_view name);

}  // namespace renkei::api
