#pragma once

#include "adapters/api/call.hpp"

namespace renkei::api {

/// Checks the media type and parses the body as the route wants it, into `call.body` or `call.form`.
Result<void> parse_body(Call& call);

}  // namespace renkei::api
