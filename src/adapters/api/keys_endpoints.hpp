#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes keys_routes();

}  // namespace renkei::api
