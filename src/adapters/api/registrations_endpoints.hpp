#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes registrations_routes();

}  // namespace renkei::api
