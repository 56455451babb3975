// Requests to an administrator as the members of a workspace follow them by page. consent_endpoints.cpp has the way of the link.
#include "adapters/api/answers.hpp"
#include "adapters/api/connection_page_endpoints.hpp"
#include "adapters/api/consent_endpoints.hpp"
#include "adapters/api/consent_page.hpp"
#include "adapters/api/page_forms.hpp"
#include "adapters/api/services.hpp"
#include "app/consent_requests.hpp"
#include "core/policy.hpp"

namespace renkei::api {
namespace {

using core::Action;

Task<Result<app::ServerResponse>> list_with(Services& services, Call call, std::optional<Error> refused) {
    ConsentListView view;
    auto open = co_await services.consents.open_ones(by_of(call));
    if (!open) co_return propagate(open);
    view.open = *std::move(open);
    view.refused = std::move(refused);
    view.may_withdraw = core::decide(call.caller, Action::connections_write, services.clock.now()).allowed;
    co_return consent_list_page(call, view);
}

Task<Result<app::ServerResponse>> list_page(Services& services, Call call) {
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);
    co_return co_await list_with(services, std::move(call), std::nullopt);
}

Task<Result<app::ServerResponse>> withdraw(Services& services, Call call) {
    const auto id = core::ConsentId::parse(call.parameter("id"));
    if (!id) co_return fail(Errc::not_found, "there is no such consent request");
    auto shown = co_await services.consents.cancel(by_of(call), *id);
    if (shown) co_return see_other("/consent-requests");
    if (shown.error().code != Errc::conflict) co_return propagate(shown);
    co_return co_await list_with(services, std::move(call), std::move(shown.error()));
}

Task<Result<app::ServerResponse>> ask(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto made = co_await services.consents.ask(by_of(call), *name);
    if (!made) co_return co_await connection_page_with(services, std::move(call), *name, std::move(made.error()));
    co_return see_other("/consent-requests");
}

constexpr auto may_read = Requires::person_with(Action::connections_read);
constexpr auto may_write = Requires::person_with(Action::connections_write);
constexpr std::uint64_t form_limit = 16 << 10;

constexpr Route consent_page_table[] = {
    {Method::get, "/consent-requests", may_read, list_page, Takes::no_body, 0, Shows::page},
    {Method::post, "/consent-requests/{id}/withdraw", may_write, withdraw, Takes::form, form_limit, Shows::page},
    {Method::post, "/connections/{name}/consent", may_write, ask, Takes::form, form_limit, Shows::page},
};

}  // namespace

Routes consent_page_routes() { return consent_page_table; }

}  // namespace renkei::api
