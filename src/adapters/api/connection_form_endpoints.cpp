#include "adapters/api/answers.hpp"
#include "adapters/api/connection_form.hpp"
#include "adapters/api/connection_page_endpoints.hpp"
#include "adapters/api/connection_pages.hpp"
#include "adapters/api/page_forms.hpp"
#include "adapters/api/services.hpp"
#include "app/folders.hpp"

#include <algorithm>

namespace renkei::api {
namespace {

using core::Action;

const app::Manifest* wanted_connector(const Services& services, const Call& call) {
    const auto* key = find_field(call.request.query, "connector");
    if (key != nullptr) return services.catalog.find(*key);
    // The first that has clouds to choose from is what most people come for.
    const auto all = services.catalog.all();
    const auto found = std::ranges::find_if(all, [](const app::Manifest* one) { return !one->clouds.empty(); });
    return found == all.end() ? (all.empty() ? nullptr : all.front()) : *found;
}

Task<Result<app::ServerResponse>> choose_page(Services& services, Call call) {
    const auto* connector = wanted_connector(services, call);
    if (connector == nullptr) co_return fail(Errc::not_found, "there is no connector of this name");
    co_return choose_kind_page(call, *connector, services.catalog);
}

Task<Result<std::vector<core::ClientRegistration>>> apps_for(Services& services, Call& call, const app::Manifest& connector, const KindRow& kind) {
    std::vector<core::ClientRegistration> apps;
    for (app::PageRequest page{{}, 500};;) {
        auto found = co_await services.registrations.list(by_of(call), page);
        if (!found) co_return propagate(found);
        for (auto& app : found->items)
            if (app.connector == connector.key && fits(kind, app)) apps.push_back(std::move(app));
        if (found->next.empty()) break;
        page.after = found->next;
    }
    co_return apps;
}

Task<Result<ConnectionForm>> blank_form(Services& services, Call& call) {
    ConnectionForm form;
    form.connector = wanted_connector(services, call);
    form.kind = find_kind(call.parameter("kind"));
    if (form.connector == nullptr || form.kind == nullptr || !offers(*form.connector, *form.kind))
        co_return fail(Errc::not_found, "this connector is not connected in this way");
    auto apps = co_await apps_for(services, call, *form.connector, *form.kind);
    if (!apps) co_return propagate(apps);
    auto folders = co_await services.folders.list(by_of(call));
    if (!folders) co_return propagate(folders);
    form.apps = std::move(*apps);
    form.folders = std::move(*folders);
    form.redirect_uri = services.connect_flow.redirect_uri(form.connector->key);
    form.may_open_everything = std::ranges::find(call.person->membership.roles, core::Role::administrator) != call.person->membership.roles.end();
    co_return form;
}

Task<Result<app::ServerResponse>> form_page(Services& services, Call call) {
    auto form = co_await blank_form(services, call);
    if (!form) co_return propagate(form);
    co_return connection_form_page(call, *form);
}

// What comes after the form: success or the reason, the way to the provider, or a code.
Task<Result<app::ServerResponse>> go_on(Services& services, Call call, app::ShownConnection made) {
    const auto name = made.connection.name;
    const auto address = "/connections/" + name.text();
    if (made.problem) co_return co_await connection_page_with(services, std::move(call), name, std::move(*made.problem));
    if (made.connection.mode == core::ConnectionMode::client_credentials) co_return see_other(address + "?done=connected");
    if (made.connection.mode != core::ConnectionMode::device_code) co_return see_other(address);
    auto device = co_await services.connections.device(by_of(call), name);
    if (!device) co_return co_await connection_page_with(services, std::move(call), name, std::move(device.error()));
    co_return see_other(std::move(device->page_url));
}

Task<Result<app::ServerResponse>> make(Services& services, Call call) {
    auto form = co_await blank_form(services, call);
    if (!form) co_return propagate(form);
    auto wanted = read_connection_form(call, *form);
    if (!wanted) co_return propagate(wanted);
    const app::NewConnectionPorts ports{services.store,   services.access,      services.catalog, services.registrations,
                                        services.imports, services.connections, services.tenants, services.clock};
    auto made = co_await app::make_connection(ports, by_of(call), *wanted);
    if (!made) co_return propagate(made);
    if (made->connection) co_return co_await go_on(services, std::move(call), std::move(*made->connection));
    form->refused = std::move(made->refused);
    form->import = std::move(made->import);
    show_what_the_file_said(*form, **wanted);
    co_return connection_form_page(call, *form);
}

// A PFX that is too large still gets its own words; what is larger than this is not read at all.
constexpr std::uint64_t form_limit = 512 << 10;

constexpr auto may_write = Requires::person_with(Action::connections_write);

constexpr Route connection_form_table[] = {
    {Method::get, "/connections/new", may_write, choose_page, Takes::no_body, 0, Shows::page},
    {Method::get, "/connections/new/{kind}", may_write, form_page, Takes::no_body, 0, Shows::page},
    {Method::post, "/connections/new/{kind}", may_write, make, Takes::upload, form_limit, Shows::page},
};

}  // namespace

Routes connection_form_routes() { return connection_form_table; }

}  // namespace renkei::api
