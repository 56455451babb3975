#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes sign_in_routes();
Routes my_routes();

}  // namespace renkei::api
