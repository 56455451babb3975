#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

/// /v1/runs, /v1/sessions and /v1/session: automations that hold a handle instead of a token.
Routes automation_routes();

}  // namespace renkei::api
