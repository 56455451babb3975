// What a person does about a connection's fence by page: the same use cases as under /v1.
#include "adapters/api/answers.hpp"
#include "adapters/api/connection_page_endpoints.hpp"
#include "adapters/api/connection_pages.hpp"
#include "adapters/api/page_forms.hpp"
#include "adapters/api/services.hpp"
#include "app/connections.hpp"
#include "app/fences.hpp"

#include <algorithm>

namespace renkei::api {
namespace {

using core::Action;

// What the page itself would not send was put there by somebody else.
Result<void> expect_fields(const Call& call, std::initializer_list<std::string_view> names) {
    for (const auto& [name, value] : call.form) {
        const bool known = name == "form" || std::ranges::find(names, name) != names.end();
        const bool twice = std::ranges::count(call.form, name, &Fields::value_type::first) > 1;
        if (!known || twice) return fail(Errc::bad_request, "the form has a field that the page did not send");
    }
    return {};
}

Task<Result<app::ServerResponse>> confirm(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    if (auto ours = expect_fields(call, {"entry", "found_id"}); !ours) co_return propagate(ours);
    auto entry = core::parse_fence_entry(text_field(call.form, "entry"), "entry");
    if (!entry) co_return fail(Errc::bad_request, "the form names no entry of a list");
    auto shown = co_await services.fences.confirm(by_of(call), *name, *std::move(entry), text_field(call.form, "found_id"));
    if (!shown) co_return co_await connection_page_with(services, std::move(call), *name, std::move(shown.error()));
    co_return see_other("/connections/" + name->text() + "#fence");
}

Task<Result<app::ServerResponse>> look_again(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    if (auto ours = expect_fields(call, {}); !ours) co_return propagate(ours);
    auto shown = co_await services.fences.look_again(by_of(call), *name);
    if (!shown) co_return co_await connection_page_with(services, std::move(call), *name, std::move(shown.error()));
    co_return see_other("/connections/" + name->text() + "#fence");
}

Result<std::string> outside_of(const Call& call) {
    auto query = call.read_query();
    auto outside = query.optional_text("outside", 254).value_or("");
    if (auto done = query.done(); !done) return propagate(done);
    return outside;
}

Task<Result<app::ServerResponse>> script_page(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto outside = outside_of(call);
    if (!outside) co_return propagate(outside);
    FenceScriptView view;
    view.outside = *std::move(outside);
    auto row = co_await services.connections.show(by_of(call), *name);
    if (!row) co_return propagate(row);
    view.connection = std::move(row->connection);
    auto script = co_await services.fences.script(by_of(call), *name, view.outside);
    const bool wrong_test = !script && script.error().get("field") == "outside";
    if (!script && !wrong_test) co_return co_await connection_page_with(services, std::move(call), *name, std::move(script.error()));
    if (wrong_test)
        view.refused =
            pick(call.language, "Enter one e-mail address, for example ceo@contoso.com.", "メール アドレスを 1 件入力してください（例: ceo@contoso.com）。");
    else
        view.script = *std::move(script);
    co_return fence_script_page(call, view);
}

Task<Result<app::ServerResponse>> script_file(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto outside = outside_of(call);
    if (!outside) co_return propagate(outside);
    auto script = co_await services.fences.script(by_of(call), *name, *std::move(outside));
    if (!script) co_return propagate(script);
    co_return script_answer(*name, *std::move(script));
}

constexpr auto may_read = Requires::person_with(Action::connections_read);
constexpr auto may_write = Requires::person_with(Action::connections_write);
constexpr std::uint64_t form_limit = 16 << 10;

constexpr Route connection_fence_table[] = {
    {Method::post, "/connections/{name}/fence/confirm", may_write, confirm, Takes::form, form_limit, Shows::page},
    {Method::post, "/connections/{name}/fence/check", may_write, look_again, Takes::form, form_limit, Shows::page},
    {Method::get, "/connections/{name}/fence/script", may_read, script_page, Takes::no_body, 0, Shows::page},
    {Method::get, "/connections/{name}/fence/script.ps1", may_read, script_file, Takes::no_body, 0, Shows::page},
};

}  // namespace

Routes connection_fence_routes() { return connection_fence_table; }

}  // namespace renkei::api
