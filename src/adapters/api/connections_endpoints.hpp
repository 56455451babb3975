#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes connections_routes();

}  // namespace renkei::api
