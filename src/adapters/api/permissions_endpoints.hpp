#pragma once

#include "adapters/api/route.hpp"

namespace renkei::api {

/// Who may act as whom: rules of the workspace, what people have lent, and who has connected an account.
Routes permissions_routes();

}  // namespace renkei::api
