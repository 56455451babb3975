#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes metrics_routes();

}  // namespace renkei::api
