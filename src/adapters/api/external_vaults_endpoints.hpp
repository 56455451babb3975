#pragma once

#include "adapters/api/router.hpp"

namespace renkei::api {

Routes external_vaults_routes();

}  // namespace renkei::api
