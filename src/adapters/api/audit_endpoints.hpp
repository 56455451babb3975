#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes audit_routes();

}  // namespace renkei::api
