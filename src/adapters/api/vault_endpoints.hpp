#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes vault_routes();

}  // namespace renkei::api
