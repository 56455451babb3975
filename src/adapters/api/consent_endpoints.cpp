#include "adapters/api/consent_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/connect_cookie.hpp"
#include "adapters/api/consent_page.hpp"
#include "adapters/api/page_forms.hpp"
#include "adapters/api/pages.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "app/consent_requests.hpp"
#include "base/random.hpp"

namespace renkei::api {
namespace {

using core::Action;

// The administrator's browser on the way to the provider and back; another cookie than waiting_cookie, because both may be one
// browser.
PageCookie approval_cookie(const Services& services) { return {"renkei-approval", services.public_url}; }

json::object shown_consent(const app::ShownConsent& shown) {
    const auto& request = shown.request;
    return {{"id", request.id.text()},
            {"connection", shown.connection.name.text()},
            {"state", json::view(core::text_of(request.state))},
            {"scopes", shown_list(request.scopes)},
            {"asked_by", request.asked_by},
            {"link", shown.link.empty() ? json::value(nullptr) : json::value(shown.link)},
            {"granted_tenant", request.granted_tenant},
            {"reason", request.reason},
            {"created_at", shown_time(request.created_at)},
            {"expires_at", shown_time(request.expires_at)},
            {"decided_at", shown_time(request.decided_at)},
            {"version", request.version}};
}

Result<core::ConsentId> path_id(const Call& call) {
    const auto id = core::ConsentId::parse(call.parameter("id"));
    if (!id) return fail(Errc::not_found, "there is no such consent request");
    return *id;
}

Task<Result<app::ServerResponse>> list_consents(Services& services, Call call) {
    const auto workspace = call.caller.workspace;
    auto query = call.read_query();
    auto page = read_page(query, services.vault, workspace, "consent-requests");
    if (!page) co_return propagate(page);
    auto found = co_await services.consents.list(asked_by(call), std::move(*page));
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& one : found->items) items.push_back(shown_consent(one));
    co_return json_answer(page_body(std::move(items), found->next, services.vault, workspace, "consent-requests"));
}

Task<Result<app::ServerResponse>> ask_consent(Services& services, Call call) {
    auto body = call.read_body();
    core::Name connection;
    if (auto name = body.accept("connection", core::Name::parse(body.text("connection", {.max = 63, .min = 0})))) connection = std::move(*name);
    if (auto done = body.done(); !done) co_return propagate(done);
    auto made = co_await services.consents.ask(asked_by(call), std::move(connection));
    if (!made) co_return propagate(made);
    auto answer = json_answer(shown_consent(*made), 201);
    answer.headers.set("Location", "/v1/consent-requests/" + made->request.id.text());
    co_return answer;
}

Task<Result<app::ServerResponse>> show_consent(Services& services, Call call) {
    auto id = path_id(call);
    if (!id) co_return propagate(id);
    auto shown = co_await services.consents.show(asked_by(call), *id);
    if (!shown) co_return propagate(shown);
    co_return json_answer(shown_consent(*shown));
}

Task<Result<app::ServerResponse>> cancel_consent(Services& services, Call call) {
    auto id = path_id(call);
    if (!id) co_return propagate(id);
    auto shown = co_await services.consents.cancel(asked_by(call), *id);
    if (!shown) co_return propagate(shown);
    co_return json_answer(shown_consent(*shown));
}

Task<Result<app::ServerResponse>> consent_page(Services& services, Call call) {
    auto shown = co_await services.consents.look(Secret(call.parameter("code")));
    if (!shown) co_return propagate(shown);
    co_return consent_request_page(call.language, *shown);
}

Task<Result<app::ServerResponse>> consent_start(Services& services, Call call) {
    auto started = co_await services.consents.start(Secret(call.parameter("code")), call.request_id());
    if (!started) co_return propagate(started);
    auto answer = see_other(std::move(started->provider_url));
    answer.secret_body = true;
    answer.headers.add("Set-Cookie", approval_cookie(services).set(started->browser_secret, app::ConsentRequests::answer_lives));
    co_return answer;
}

Task<Result<app::ServerResponse>> waiting_page(Services& services, Call call) {
    auto shown = co_await services.consents.waiting(Secret(call.parameter("code")), waiting_cookie(services).read(call.request.cookie));
    if (!shown) co_return propagate(shown);
    co_return consent_waiting_page(call.language, *shown);
}

Task<Result<app::ServerResponse>> waiting_continue(Services& services, Call call) {
    auto browser = waiting_cookie(services).read(call.request.cookie);
    auto link = co_await services.consents.resume(Secret(call.parameter("code")), std::move(browser));
    if (!link) co_return propagate(link);
    auto answer = see_other(std::move(link->url));
    answer.secret_body = true;
    co_return answer;
}

// Who waits already goes on waiting with the same cookie: two refused sign-ins of one browser are two requests of it.
Secret waiting_secret(Services& services, const Call& call) {
    constexpr std::size_t cookie_bytes = 32;
    if (auto known = waiting_cookie(services).read(call.request.cookie)) return *std::move(known);
    return Secret::take(services.random.text(cookie_bytes));
}

app::ServerResponse go_and_wait(Services& services, const app::ShownConsent& shown, const Secret& browser) {
    auto answer = see_other(shown.link + "/wait");
    answer.secret_body = true;
    answer.headers.add("Set-Cookie", waiting_cookie(services).set(browser, app::ConsentRequests::request_lives));
    return answer;
}

Task<Result<app::ServerResponse>> take_offer(Services& services, Call call) {
    auto browser = waiting_secret(services, call);
    auto shown = co_await services.consents.take_offer(Secret(call.parameter("code")), browser.clone(), call.request_id());
    if (!shown) co_return propagate(shown);
    co_return go_and_wait(services, *shown, browser);
}

constexpr Route consent_table[] = {
    {Method::get, "/v1/consent-requests", Requires::right(Action::connections_read), list_consents},
    {Method::post, "/v1/consent-requests", Requires::right(Action::connections_write), ask_consent, Takes::json},
    {Method::get, "/v1/consent-requests/{id}", Requires::right(Action::connections_read), show_consent},
    {Method::post, "/v1/consent-requests/{id}/cancel", Requires::right(Action::connections_write), cancel_consent, Takes::optional_json},
    {Method::get, "/consent/{code}", Requires::nothing, consent_page, Takes::no_body, 0, Shows::page},
    {Method::post, "/consent/{code}", Requires::nothing, consent_start, Takes::form, 4 << 10, Shows::page},
    {Method::post, "/consent/{code}/ask", Requires::nothing, take_offer, Takes::form, 4 << 10, Shows::page},
    {Method::get, "/consent/{code}/wait", Requires::nothing, waiting_page, Takes::no_body, 0, Shows::page},
    {Method::post, "/consent/{code}/wait", Requires::nothing, waiting_continue, Takes::form, 4 << 10, Shows::page},
};

}  // namespace

PageCookie waiting_cookie(const Services& services) { return {"renkei-waiting", services.public_url}; }

Routes consent_routes() { return consent_table; }

Task<app::ServerResponse> refused_sign_in(Services& services, Call call, Error error) {
    auto refused = app::approvable(error);
    if (!refused) co_return error_page(error, call.request_id(), call.language);
    if (refused->first == app::Approval::perhaps) {
        auto offer = co_await services.consents.offer(std::move(refused->second));
        if (!offer) co_return error_page(error, call.request_id(), call.language);
        auto answer = error_page(error, call.request_id(), call.language, approval_offer(call.language, *offer));
        answer.secret_body = true;
        co_return answer;
    }
    auto browser = waiting_secret(services, call);
    auto shown = co_await services.consents.ask_for(std::move(refused->second), browser.clone(), call.request_id());
    // Where no request can be made, the refusal itself is still told in full.
    if (!shown || shown->link.empty()) co_return error_page(error, call.request_id(), call.language);
    co_return go_and_wait(services, *shown, browser);
}

Task<Result<app::ServerResponse>> consent_answer(Services& services, Call call) {
    const auto cookie = approval_cookie(services);
    auto browser = cookie.read(call.request.cookie);
    const auto request_id = call.request_id();
    auto outcome = co_await services.consents.finish(call.parameter("connector"), std::move(call.request.query), std::move(browser), request_id);
    auto answer = outcome ? consent_granted_page(call.language, *outcome) : error_page(outcome.error(), request_id, call.language);
    if (outcome || outcome.error().code != Errc::callback_invalid) answer.headers.add("Set-Cookie", cookie.clear());
    co_return answer;
}

}  // namespace renkei::api
