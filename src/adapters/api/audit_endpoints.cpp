#include "adapters/api/audit_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

Task<Result<app::ServerResponse>> list_audit(Services& services, Call call) {
    const auto workspace = call.caller.workspace;
    auto query = call.read_query();
    app::AuditQuery filter;
    filter.action = query.optional_text("action", 64).value_or("");
    filter.target = query.optional_text("target", 320).value_or("");
    filter.principal = query.optional_text("principal", 254).value_or("");
    const auto list = fmt::format("audit {}:{} {}:{} {}", filter.action.size(), filter.action, filter.target.size(), filter.target, filter.principal);
    auto page = read_page(query, services.vault, workspace, list);
    if (!page) co_return propagate(page);
    auto found = co_await services.store.list_audit(workspace, std::move(filter), std::move(*page));
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& row : found->items) items.push_back(shown_audit(row));
    co_return json_answer(page_body(std::move(items), found->next, services.vault, workspace, list));
}

constexpr Route audit_table[] = {
    {Method::get, "/v1/audit", Requires::right(core::Action::audit_read), list_audit},
};

}  // namespace

Routes audit_routes() { return audit_table; }

}  // namespace renkei::api
