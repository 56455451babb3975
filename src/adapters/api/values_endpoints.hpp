#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

/// /v1/credentials, /v1/variables and /v1/values: what fields refer to instead of holding it.
Routes values_routes();

}  // namespace renkei::api
