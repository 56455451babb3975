#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

/// The provider's own API, for keys with the right `native`.
Routes native_routes();

}  // namespace renkei::api
