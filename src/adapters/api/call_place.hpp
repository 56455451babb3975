#pragma once

#include "adapters/api/call.hpp"
#include "app/mail.hpp"

namespace renkei::api {

/// Which mailbox, through which connection, with whose account: Renkei-Connection, Renkei-Mailbox, Renkei-Act-As.
/// Error: invalid_field.
Result<app::MailPlace> place_of(const Call& call);

}  // namespace renkei::api
