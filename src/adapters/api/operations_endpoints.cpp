#include "adapters/api/operations_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/operation_events.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "app/check_connections.hpp"
#include "app/connections.hpp"
#include "app/operations.hpp"

#include <algorithm>
#include <charconv>

namespace renkei::api {
namespace {

using core::Action;

Result<core::OperationId> path_id(const Call& call) {
    auto id = core::OperationId::parse(call.parameter("id"));
    if (!id) return fail(Errc::not_found, "there is no such operation");
    return *id;
}

std::string operation_place(const core::Operation& operation) { return "/v1/operations/" + operation.id.text(); }

Task<Result<app::ServerResponse>> list_operations(Services& services, Call call) {
    const auto workspace = call.caller.workspace;
    auto query = call.read_query();
    auto page = read_page(query, services.vault, workspace, "operations");
    if (!page) co_return propagate(page);
    auto found = co_await services.operations.list(asked_by(call), std::move(*page));
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& operation : found->items) items.push_back(shown_operation(operation));
    co_return json_answer(page_body(std::move(items), found->next, services.vault, workspace, "operations"));
}

Task<Result<app::ServerResponse>> start_operation(Services& services, Call call) {
    auto body = call.read_body();
    auto kind = body.text("kind", {.max = 64});
    const bool named = body.has("connections");
    auto names = body.text_list("connections", 100'000, {.max = 63});
    // Other kinds have routes of their own, with their own rights.
    if (kind != app::CheckConnections::kind) body.refuse("kind", "is no kind of operation that can be started here; for example connections.check");
    if (auto done = body.done(); !done) co_return propagate(done);
    const auto by = asked_by(call);
    // Only what the caller may see is worked on; a name beyond that is refused as unknown.
    auto visible = co_await services.connections.visible_names(by);
    if (!visible) co_return propagate(visible);
    std::ranges::sort(*visible);
    for (const auto& name : names)
        if (!std::ranges::binary_search(*visible, name))
            co_return bad_field("connections", "there is no connection " + short_text(name) + " that this caller may see");
    auto operation = co_await services.operations.start(by, std::move(kind), named ? std::move(names) : std::move(*visible));
    if (!operation) co_return propagate(operation);
    co_return accepted_answer(shown_operation(*operation), operation_place(*operation));
}

Task<Result<app::ServerResponse>> show_operation(Services& services, Call call) {
    auto id = path_id(call);
    if (!id) co_return propagate(id);
    auto operation = co_await services.operations.show(asked_by(call), *id);
    if (!operation) co_return propagate(operation);
    co_return with_etag(json_answer(shown_operation(*operation)), operation->version);
}

Task<Result<app::ServerResponse>> list_items(Services& services, Call call) {
    auto id = path_id(call);
    if (!id) co_return propagate(id);
    const auto workspace = call.caller.workspace;
    const auto list = "items " + id->text();
    auto query = call.read_query();
    auto page = read_page(query, services.vault, workspace, list);
    if (!page) co_return propagate(page);
    auto found = co_await services.operations.items(asked_by(call), *id, std::move(*page));
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& item : found->items) items.push_back(shown_item(item));
    co_return json_answer(page_body(std::move(items), found->next, services.vault, workspace, list));
}

Task<Result<app::ServerResponse>> cancel_operation(Services& services, Call call) {
    auto id = path_id(call);
    if (!id) co_return propagate(id);
    if (auto empty = expect_empty(call); !empty) co_return propagate(empty);
    auto operation = co_await services.operations.cancel(asked_by(call), *id);
    if (!operation) co_return propagate(operation);
    co_return accepted_answer(shown_operation(*operation), operation_place(*operation));
}

Task<Result<app::ServerResponse>> follow_operation(Services& services, Call call) {
    auto id = path_id(call);
    if (!id) co_return propagate(id);
    auto by = asked_by(call);
    auto operation = co_await services.operations.show(by, *id);
    if (!operation) co_return propagate(operation);
    std::uint64_t seen = 0;
    const auto last = call.request.headers.get("Last-Event-ID");
    std::from_chars(last.data(), last.data() + last.size(), seen);
    app::ServerResponse answer;
    answer.headers.set("Content-Type", "text/event-stream");
    answer.stream = operation_events(services.operations, services.clock, std::move(by), *id, seen);
    co_return answer;
}

constexpr Route operations_table[] = {
    {Method::get, "/v1/operations", Requires::right(Action::operations_read), list_operations},
    {Method::post, "/v1/operations", Requires::right(Action::operations_write), start_operation, Takes::json, 8U << 20},
    {Method::get, "/v1/operations/{id}", Requires::right(Action::operations_read), show_operation},
    {Method::get, "/v1/operations/{id}/items", Requires::right(Action::operations_read), list_items},
    {Method::post, "/v1/operations/{id}/cancel", Requires::right(Action::operations_write), cancel_operation, Takes::optional_json},
    {Method::get, "/v1/operations/{id}/events", Requires::right(Action::operations_read), follow_operation},
};

}  // namespace

Routes operations_routes() { return operations_table; }

}  // namespace renkei::api
