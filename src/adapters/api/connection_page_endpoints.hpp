#pragma once

#include "adapters/api/call.hpp"
#include "adapters/api/route.hpp"
#include "app/audit.hpp"

namespace renkei::api {

Routes connection_page_routes();
Routes connection_form_routes();
Routes connection_credential_routes();
Routes connection_fence_routes();

/// The caller and the request: a copy, because a page asks several times.
inline app::By by_of(const Call& call) { return {call.caller, call.request_id()}; }
/// What a step could not do is said on the connection's own page, unless the caller may not see that.
Task<Result<app::ServerResponse>> connection_page_with(Services& services, Call call, core::Name name, Error problem);

}  // namespace renkei::api
