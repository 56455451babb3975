#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes connect_routes();

}  // namespace renkei::api
