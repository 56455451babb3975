#pragma once

#include "adapters/api/call.hpp"
#include "adapters/api/route.hpp"

namespace renkei::api {

Routes connection_page_routes();
Routes connection_form_routes();

/// What a step could not do is said on the connection's own page, unless the caller may not see that.
Task<Result<app::ServerResponse>> connection_page_with(Services& services, Call call, core::Name name, Error problem);

}  // namespace renkei::api
