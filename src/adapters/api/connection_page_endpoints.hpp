#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes connection_page_routes();

}  // namespace renkei::api
