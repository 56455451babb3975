#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes setup_routes();

}  // namespace renkei::api
