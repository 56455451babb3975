#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes imports_routes();

}  // namespace renkei::api
