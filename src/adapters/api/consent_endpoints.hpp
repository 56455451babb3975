#pragma once

#include "adapters/api/call.hpp"
#include "adapters/api/page_forms.hpp"
#include "adapters/api/route.hpp"

namespace renkei::api {

/// The person's browser while it waits for an approval, and when it goes on.
PageCookie waiting_cookie(const Services& services);
Routes consent_routes();
Routes consent_page_routes();

/// The page of a refused sign-in: where an administrator's approval would repair it, the person is sent to wait for one.
Task<app::ServerResponse> refused_sign_in(Services& services, Call call, Error error);
/// The provider's answer to an administrator's approval.
Task<Result<app::ServerResponse>> consent_answer(Services& services, Call call);

}  // namespace renkei::api
