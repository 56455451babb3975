#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

/// /v1/mail/…: the connection stands in the header Renkei-Connection, the mailbox in Renkei-Mailbox.
Routes mail_routes();

}  // namespace renkei::api
