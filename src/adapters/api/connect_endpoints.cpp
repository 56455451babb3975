#include "adapters/api/connect_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/connect_cookie.hpp"
#include "adapters/api/connect_page.hpp"
#include "adapters/api/consent_endpoints.hpp"
#include "adapters/api/pages.hpp"
#include "adapters/api/services.hpp"
#include "app/consent_requests.hpp"
#include "app/device_sign_in.hpp"

namespace renkei::api {
namespace {

// A link that was made for who waited for an approval opens in that browser only.
std::optional<Secret> waiting_browser(const Services& services, const Call& call) { return waiting_cookie(services).read(call.request.cookie); }

Task<Result<app::ServerResponse>> connect_page(Services& services, Call call) {
    auto request = co_await services.connect_flow.look_at_link(Secret(call.parameter("code")), waiting_browser(services, call));
    if (!request) co_return propagate(request);
    co_return connect_request_page(call.language, *request);
}

app::ServerResponse go_to(std::string address) {
    app::ServerResponse answer;
    // 303: the browser goes on with GET (RFC 9110 section 15.4.4), and nothing that was posted goes with it.
    answer.status = 303;
    answer.headers.set("Location", std::move(address));
    answer.secret_body = true;
    return answer;
}

Task<Result<app::ServerResponse>> connect_start(Services& services, Call call) {
    auto request = co_await services.connect_flow.look_at_link(Secret(call.parameter("code")), waiting_browser(services, call));
    if (!request) co_return propagate(request);
    if (request->connection.mode == core::ConnectionMode::device_code) {
        auto device = co_await services.devices.start_from_link(Secret(call.parameter("code")), call.request_id(), waiting_browser(services, call));
        if (!device) co_return propagate(device);
        co_return go_to(std::move(device->page_url));
    }
    auto started = co_await services.connect_flow.start(Secret(call.parameter("code")), call.request_id(), waiting_browser(services, call));
    if (!started) co_return propagate(started);
    auto answer = go_to(std::move(started->provider_url));
    answer.headers.add("Set-Cookie", ConnectCookie(services.public_url).set(started->browser_secret));
    co_return answer;
}

Task<Result<app::ServerResponse>> connect_callback(Services& services, Call call) {
    if (app::ConsentRequests::is_answer(call.request.query)) co_return co_await consent_answer(services, std::move(call));
    const ConnectCookie cookie(services.public_url);
    auto browser_secret = cookie.read(call.request.cookie);
    auto outcome = co_await services.connect_flow.finish(call.parameter("connector"), call.request.query, std::move(browser_secret), call.request_id());
    auto answer = outcome ? connect_done_page(call.language, *outcome) : co_await refused_sign_in(services, std::move(call), outcome.error());
    // An answer that belongs to no sign-in of this browser must not end the one that is under way: anybody can make a
    // browser open a callback address.
    if (outcome || outcome.error().code != Errc::callback_invalid) answer.headers.add("Set-Cookie", cookie.clear());
    co_return answer;
}

Task<Result<app::ServerResponse>> device_page(Services& services, Call call) {
    auto progress = co_await services.devices.look(Secret(call.parameter("ticket")));
    if (!progress) co_return propagate(progress);
    if (progress->problem) {
        auto problem = *std::move(progress->problem);
        co_return co_await refused_sign_in(services, std::move(call), std::move(problem));
    }
    co_return device_progress_page(call.language, *progress);
}

constexpr Route connect_table[] = {
    {Method::get, "/connect/{code}", Requires::nothing, connect_page, Takes::no_body, 0, Shows::page},
    {Method::post, "/connect/{code}", Requires::nothing, connect_start, Takes::form, 4 << 10, Shows::page},
    {Method::get, "/device/{ticket}", Requires::nothing, device_page, Takes::no_body, 0, Shows::page},
    {Method::get, "/provisioning_/callback/{connector}", Requires::nothing, connect_callback, Takes::no_body, 0, Shows::page},
};

}  // namespace

Routes connect_routes() { return connect_table; }

}  // namespace renkei::api
