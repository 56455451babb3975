#include "adapters/api/connection_page_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/connect_cookie.hpp"
#include "adapters/api/connection_pages.hpp"
#include "adapters/api/page_forms.hpp"
#include "adapters/api/services.hpp"
#include "app/access.hpp"
#include "app/connection_check.hpp"
#include "app/connections.hpp"
#include "app/fences.hpp"
#include "core/policy.hpp"

#include <algorithm>

namespace renkei::api {
namespace {

using core::Action;

bool may(const Services& services, const Call& call, Action action) { return core::decide(call.caller, action, services.clock.now()).allowed; }

Task<Result<app::ServerResponse>> list_page(Services& services, Call call) {
    const auto workspace = call.caller.workspace;
    auto query = call.read_query();
    auto page = read_page(query, services.vault, workspace, "connections", 100);
    if (!page) co_return propagate(page);
    ConnectionListView view;
    view.first_page = page->after.empty();
    view.may_make = may(services, call, Action::connections_write);
    auto found = co_await services.connections.list(by_of(call), std::move(*page));
    if (!found) co_return propagate(found);
    view.rows = std::move(found->items);
    if (!found->next.empty()) view.next = make_cursor(services.vault, workspace, "connections", found->next);
    co_return connections_page(call, view, services.catalog);
}

bool is_administrator(const Call& call) {
    return call.person && std::ranges::find(call.person->membership.roles, core::Role::administrator) != call.person->membership.roles.end();
}

Task<Result<void>> look_at_approvals(Services& services, ConnectionView& view) {
    const auto& connection = view.row.connection;
    const auto* cloud = view.registration ? services.catalog.find_cloud(connection.connector, view.registration->cloud) : nullptr;
    view.may_ask_approval = view.may_change && connection.state != core::ConnectionState::revoked && cloud != nullptr && !cloud->admin_consent_endpoint.empty();
    auto known = co_await services.store.consents_of(connection.workspace, connection.id);
    if (!known) co_return propagate(known);
    const auto now = services.clock.now();
    view.waits_for_approval = std::ranges::any_of(*known, [&](const auto& one) { return one.state_at(now) == core::ConsentState::open; });
    co_return Result<void>{};
}

// All that the page of one connection shows. The caller was allowed to see it.
Task<Result<ConnectionView>> look_at(Services& services, Call& call, core::Name name) {
    ConnectionView view;
    auto row = co_await services.connections.show(by_of(call), name);
    if (!row) co_return propagate(row);
    view.row = std::move(*row);
    auto fence = co_await services.fences.show(by_of(call), std::move(name));
    if (!fence) co_return propagate(fence);
    view.has_directory = fence->has_directory;
    view.has_script = fence->has_script;
    if (fence->has_directory) view.fence = std::move(fence->rows);
    const auto& connection = view.row.connection;
    auto grants = co_await services.store.grants_of_connection(connection.workspace, connection.id);
    if (!grants) co_return propagate(grants);
    view.grants = std::move(*grants);
    view.may_see_registration = may(services, call, Action::registrations_read);
    if (auto registration = co_await services.store.find_registration(connection.workspace, connection.registration); registration)
        view.registration = std::move(*registration);
    view.may_change_credential =
        may(services, call, Action::registrations_write) && view.registration && view.registration->auth_method != core::ClientAuthMethod::none;
    if (connection.owner)
        if (auto owner = co_await services.store.find_person(*connection.owner); owner) view.owner = std::move(owner->email);
    if (connection.mode == core::ConnectionMode::authorization_code) view.redirect_uri = services.connect_flow.redirect_uri(connection.connector);
    view.may_change = (co_await services.access.authorize_loaded(call.caller, connection, Action::connections_write)).has_value();
    view.may_confirm = view.may_change && is_administrator(call);
    if (auto approvals = co_await look_at_approvals(services, view); !approvals) co_return propagate(approvals);
    view.now = services.clock.now();
    co_return view;
}

Task<Result<app::ServerResponse>> show_page(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto view = co_await look_at(services, call, std::move(*name));
    if (!view) co_return propagate(view);
    const auto* done = find_field(call.request.query, "done");
    view->just_made = done != nullptr && *done == "connected";
    co_return connection_page(call, *view, services.catalog);
}

using Step = Task<Result<app::ShownConnection>> (app::Connections::*)(app::By, core::Name, std::optional<std::uint64_t>);

Task<Result<app::ServerResponse>> take_step(Services& services, Call call, Step step) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto row = co_await (services.connections.*step)(by_of(call), *name, std::nullopt);
    if (!row) co_return co_await connection_page_with(services, std::move(call), *name, std::move(row.error()));
    co_return see_other("/connections/" + name->text());
}

Task<Result<app::ServerResponse>> pause(Services& services, Call call) { return take_step(services, std::move(call), &app::Connections::pause); }
Task<Result<app::ServerResponse>> resume(Services& services, Call call) { return take_step(services, std::move(call), &app::Connections::resume); }

Task<Result<app::ServerResponse>> connect(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto row = co_await services.connections.connect(by_of(call), *name);
    if (!row) co_return co_await connection_page_with(services, std::move(call), *name, std::move(row.error()));
    co_return see_other("/connections/" + name->text() + "?done=connected");
}

// The code of the link that the use case has just made, so that this browser can go on with it at once.
Secret code_of(const app::ConnectLink& link) { return Secret(std::string_view(link.url).substr(link.url.rfind('/') + 1)); }

Task<Result<app::ServerResponse>> sign_in_here(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto link = co_await services.connections.link(by_of(call), *name);
    if (!link) co_return co_await connection_page_with(services, std::move(call), *name, std::move(link.error()));
    auto started = co_await services.connect_flow.start(code_of(*link), call.request_id());
    if (!started) co_return co_await connection_page_with(services, std::move(call), *name, std::move(started.error()));
    auto answer = see_other(std::move(started->provider_url));
    answer.headers.add("Set-Cookie", ConnectCookie(services.public_url).set(started->browser_secret));
    answer.secret_body = true;
    co_return answer;
}

Task<Result<app::ServerResponse>> code_here(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto device = co_await services.connections.device(by_of(call), *name);
    if (!device) co_return co_await connection_page_with(services, std::move(call), *name, std::move(device.error()));
    co_return see_other(std::move(device->page_url));
}

Task<Result<app::ServerResponse>> make_link(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto row = co_await services.connections.show(by_of(call), *name);
    if (!row) co_return propagate(row);
    auto link = co_await services.connections.link(by_of(call), *name);
    if (!link) co_return co_await connection_page_with(services, std::move(call), *name, std::move(link.error()));
    co_return connect_link_page(call, row->connection, *link);
}

Task<Result<app::ServerResponse>> test(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto report = co_await services.check.check(by_of(call), *name);
    if (!report) co_return co_await connection_page_with(services, std::move(call), *name, std::move(report.error()));
    auto view = co_await look_at(services, call, std::move(*name));
    if (!view) co_return propagate(view);
    view->report = std::move(*report);
    co_return connection_page(call, *view, services.catalog);
}

Task<Result<app::ServerResponse>> ask_before_removing(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto row = co_await services.connections.show(by_of(call), std::move(*name));
    if (!row) co_return propagate(row);
    co_return remove_connection_page(call, *row);
}

Task<Result<app::ServerResponse>> remove(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto removed = co_await services.connections.remove(by_of(call), *name, std::nullopt);
    if (!removed) co_return co_await connection_page_with(services, std::move(call), *name, std::move(removed.error()));
    co_return see_other("/connections");
}

constexpr auto may_read = Requires::person_with(Action::connections_read);
constexpr auto may_write = Requires::person_with(Action::connections_write);
constexpr std::uint64_t form_limit = 16 << 10;

constexpr Route connection_page_table[] = {
    {Method::get, "/connections", may_read, list_page, Takes::no_body, 0, Shows::page},
    {Method::get, "/connections/{name}", may_read, show_page, Takes::no_body, 0, Shows::page},
    {Method::post, "/connections/{name}/pause", may_write, pause, Takes::form, form_limit, Shows::page},
    {Method::post, "/connections/{name}/resume", may_write, resume, Takes::form, form_limit, Shows::page},
    {Method::post, "/connections/{name}/connect", may_write, connect, Takes::form, form_limit, Shows::page},
    {Method::post, "/connections/{name}/sign-in", may_write, sign_in_here, Takes::form, form_limit, Shows::page},
    {Method::post, "/connections/{name}/device", may_write, code_here, Takes::form, form_limit, Shows::page},
    {Method::post, "/connections/{name}/link", may_write, make_link, Takes::form, form_limit, Shows::page},
    {Method::post, "/connections/{name}/check", may_read, test, Takes::form, form_limit, Shows::page},
    {Method::get, "/connections/{name}/remove", may_write, ask_before_removing, Takes::no_body, 0, Shows::page},
    {Method::post, "/connections/{name}/remove", may_write, remove, Takes::form, form_limit, Shows::page},
};

}  // namespace

Task<Result<app::ServerResponse>> connection_page_with(Services& services, Call call, core::Name name, Error problem) {
    if (problem.code == Errc::not_found || problem.code == Errc::denied || problem.code == Errc::unauthenticated) co_return fail(std::move(problem));
    auto view = co_await look_at(services, call, std::move(name));
    if (!view) co_return propagate(view);
    view->problem = std::move(problem);
    co_return connection_page(call, *view, services.catalog);
}

Routes connection_page_routes() { return connection_page_table; }

}  // namespace renkei::api
