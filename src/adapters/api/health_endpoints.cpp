#include "adapters/api/health_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/pages.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"

namespace renkei::api {
namespace {

Task<Result<app::ServerResponse>> healthz(Services&, Call) { co_return json_answer({{"status", "ok"}}); }

// Ready: the store answers and the vault seals. Orchestrators send no traffic to one that is not.
Task<Result<app::ServerResponse>> readyz(Services& services, Call) {
    auto workspaces = co_await services.store.all_workspaces();
    bool vault = true;
    if (workspaces && !workspaces->empty()) vault = services.vault.seal({workspaces->front().id, "readyz", {}, "probe", 0}, Secret("probe")).has_value();
    const bool ready = workspaces.has_value() && vault;
    co_return json_answer({{"status", ready ? "ok" : "unavailable"}, {"store", workspaces ? "ok" : "unavailable"}, {"vault", vault ? "ok" : "unavailable"}},
                          ready ? 200 : 503);
}

Task<Result<app::ServerResponse>> who_am_i(Services& services, Call call) {
    auto workspace = co_await services.store.find_workspace(call.caller.workspace);
    if (!workspace) co_return propagate(workspace);
    co_return json_answer(shown_principal(call.caller, *workspace));
}

Task<Result<app::ServerResponse>> get_style(Services&, Call call) {
    if (call.request.path != style_address()) co_return fail(Errc::not_found, "there is nothing at this path");
    app::ServerResponse answer;
    answer.headers.set("Content-Type", "text/css; charset=utf-8");
    answer.headers.set("Cache-Control", "public, max-age=31536000, immutable");
    answer.body = style_sheet();
    co_return answer;
}

constexpr Route health_table[] = {
    {Method::get, "/healthz", Requires::nothing, healthz},
    {Method::get, "/readyz", Requires::nothing, readyz},
    {Method::get, "/assets/{hash}/renkei.css", Requires::nothing, get_style},
    {Method::get, "/v1/me", Requires::signed_in, who_am_i},
};

}  // namespace

Routes health_routes() { return health_table; }

}  // namespace renkei::api
