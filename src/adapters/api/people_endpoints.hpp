#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

Routes people_routes();
Routes groups_routes();
Routes csv_routes();

}  // namespace renkei::api
