#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes fence_routes();

}  // namespace renkei::api
