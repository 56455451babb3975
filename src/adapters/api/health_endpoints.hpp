#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

/// /healthz, /readyz, /v1/me and the style sheet.
Routes health_routes();

}  // namespace renkei::api
