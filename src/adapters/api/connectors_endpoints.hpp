#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes connectors_routes();

}  // namespace renkei::api
