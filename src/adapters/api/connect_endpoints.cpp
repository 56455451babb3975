#include "adapters/api/connect_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/connect_cookie.hpp"
#include "adapters/api/connect_page.hpp"
#include "adapters/api/pages.hpp"
#include "adapters/api/services.hpp"

namespace renkei::api {
namespace {

Task<Result<app::ServerResponse>> connect_page(Services& services, Call call) {
    auto request = co_await services.connect_flow.look_at_link(Secret(call.parameter("code")));
    if (!request) co_return propagate(request);
    co_return connect_request_page(call.language, *request);
}

Task<Result<app::ServerResponse>> connect_start(Services& services, Call call) {
    auto started = co_await services.connect_flow.start(Secret(call.parameter("code")), call.request_id());
    if (!started) co_return propagate(started);
    app::ServerResponse answer;
    // 303: the browser goes on with GET (RFC 9110 section 15.4.4), and nothing that was posted goes with it.
    answer.status = 303;
    answer.headers.set("Location", started->provider_url);
    answer.headers.add("Set-Cookie", ConnectCookie(services.public_url).set(started->browser_secret));
    answer.secret_body = true;
    co_return answer;
}

Task<Result<app::ServerResponse>> connect_callback(Services& services, Call call) {
    const ConnectCookie cookie(services.public_url);
    auto browser_secret = cookie.read(call.request.cookie);
    const auto language = call.language;
    const auto request_id = call.request_id();
    auto outcome = co_await services.connect_flow.finish(call.parameter("connector"), std::move(call.request.query), std::move(browser_secret), request_id);
    auto answer = outcome ? connect_done_page(language, *outcome) : error_page(outcome.error(), request_id, language);
    // An answer that belongs to no sign-in of this browser must not end the one that is under way: anybody can make a
    // browser open a callback address.
    if (outcome || outcome.error().code != Errc::callback_invalid) answer.headers.add("Set-Cookie", cookie.clear());
    co_return answer;
}

constexpr Route connect_table[] = {
    {Method::get, "/connect/{code}", Requires::nothing, connect_page, Takes::no_body, 0, Shows::page},
    {Method::post, "/connect/{code}", Requires::nothing, connect_start, Takes::form, 4 << 10, Shows::page},
    {Method::get, "/provisioning_/callback/{connector}", Requires::nothing, connect_callback, Takes::no_body, 0, Shows::page},
};

}  // namespace

Routes connect_routes() { return connect_table; }

}  // namespace renkei::api
