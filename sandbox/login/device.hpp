#pragma once

#include "sandbox/login/client_auth.hpp"

namespace renkei::sandbox {

/// POST /{tenant}/oauth2/v2.0/devicecode (RFC 8628 section 3.1).
ServerResponse answer_device_request(World& world, const ServerRequest& request, const TokenEndpoint& endpoint);

}  // namespace renkei::sandbox
