#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes folders_routes();

}  // namespace renkei::api
