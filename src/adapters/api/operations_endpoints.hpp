#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes operations_routes();

}  // namespace renkei::api
