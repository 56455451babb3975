#include "adapters/api/connections_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/connection_input.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "adapters/api/show_secret.hpp"
#include "app/connection_check.hpp"
#include "app/connections.hpp"
#include "app/token_release.hpp"

namespace renkei::api {
namespace {

using core::Action;

app::ServerResponse connection_answer(const app::ShownConnection& row) { return with_etag(json_answer(shown_connection(row)), row.connection.version); }

json::object shown_check(const app::CheckReport& report, Language language) {
    constexpr const char* results[] = {"ok", "failed", "skipped"};
    json::array stages;
    for (const auto& stage : report.stages)
        stages.push_back(json::object{{"stage", stage.stage},
                                      {"result", results[static_cast<std::size_t>(stage.result)]},
                                      {"detail", stage.detail},
                                      {"problem", shown_finding(stage.problem, language)}});
    return {{"connection", report.connection.text()}, {"ok", report.ok()}, {"stages", std::move(stages)}};
}

Task<Result<app::ServerResponse>> list_connections(Services& services, Call call) {
    const auto workspace = call.caller.workspace;
    auto query = call.read_query();
    auto page = read_page(query, services.vault, workspace, "connections");
    if (!page) co_return propagate(page);
    auto found = co_await services.connections.list(asked_by(call), std::move(*page));
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& row : found->items) items.push_back(shown_connection(row));
    co_return json_answer(page_body(std::move(items), found->next, services.vault, workspace, "connections"));
}

Task<Result<app::ServerResponse>> create_connection(Services& services, Call call) {
    auto wanted = read_connection(call);
    if (!wanted) co_return propagate(wanted);
    const auto language = call.language;
    auto made = co_await services.connections.create(asked_by(call), std::move(*wanted));
    if (!made) co_return propagate(made);
    auto body = shown_connection(*made);
    body["problem"] = shown_finding(made->problem, language);
    co_return with_etag(created_answer(std::move(body), "/v1/connections/" + made->connection.name.text()), made->connection.version);
}

Task<Result<app::ServerResponse>> show_one(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto row = co_await services.connections.show(asked_by(call), std::move(*name));
    if (!row) co_return propagate(row);
    co_return connection_answer(*row);
}

Task<Result<app::ServerResponse>> change_connection(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto wanted = read_connection_change(call);
    if (!wanted) co_return propagate(wanted);
    auto row = co_await services.connections.change(asked_by(call), std::move(*name), std::move(*wanted), *expected);
    if (!row) co_return propagate(row);
    co_return connection_answer(*row);
}

Task<Result<app::ServerResponse>> remove_connection(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto removed = co_await services.connections.remove(asked_by(call), std::move(*name), *expected);
    if (!removed) co_return propagate(removed);
    co_return no_content();
}

using Step = Task<Result<app::ShownConnection>> (app::Connections::*)(app::By, core::Name, std::optional<std::uint64_t>);

Task<Result<app::ServerResponse>> take_step(Services& services, Call call, Step step) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    if (auto empty = expect_empty(call); !empty) co_return propagate(empty);
    auto row = co_await (services.connections.*step)(asked_by(call), std::move(*name), *expected);
    if (!row) co_return propagate(row);
    co_return connection_answer(*row);
}

Task<Result<app::ServerResponse>> pause_connection(Services& services, Call call) { return take_step(services, std::move(call), &app::Connections::pause); }
Task<Result<app::ServerResponse>> resume_connection(Services& services, Call call) { return take_step(services, std::move(call), &app::Connections::resume); }

Task<Result<app::ServerResponse>> connect_connection(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    if (auto empty = expect_empty(call); !empty) co_return propagate(empty);
    auto row = co_await services.connections.connect(asked_by(call), std::move(*name));
    if (!row) co_return propagate(row);
    co_return connection_answer(*row);
}

Task<Result<app::ServerResponse>> make_link(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto body = call.read_body();
    const bool other_account = body.optional_boolean("other_account").value_or(false);
    if (auto done = body.done(); !done) co_return propagate(done);
    auto link = co_await services.connections.link(asked_by(call), std::move(*name), other_account);
    if (!link) co_return propagate(link);
    // Whoever has the link can use it, once: it is kept nowhere.
    co_return secret_answer(json_answer({{"url", link->url}, {"expires_at", iso_text(link->expires_at)}}, 201));
}

Task<Result<app::ServerResponse>> make_device_code(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    if (auto empty = expect_empty(call); !empty) co_return propagate(empty);
    auto device = co_await services.connections.device(asked_by(call), std::move(*name));
    if (!device) co_return propagate(device);
    json::object body{{"user_code", device->user_code},
                      {"verification_uri", device->verification_uri},
                      {"expires_at", iso_text(device->expires_at)},
                      {"page_url", device->page_url}};
    if (!device->verification_uri_complete.empty()) body["verification_uri_complete"] = device->verification_uri_complete;
    co_return secret_answer(json_answer(std::move(body), 201));
}

Task<Result<app::ServerResponse>> check_connection(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    if (auto empty = expect_empty(call); !empty) co_return propagate(empty);
    const auto language = call.language;
    auto report = co_await services.check.check(asked_by(call), std::move(*name));
    if (!report) co_return propagate(report);
    co_return json_answer(shown_check(*report, language));
}

Task<Result<app::ServerResponse>> read_token(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto query = call.read_query();
    const std::chrono::seconds min_validity(query.optional_integer("min_validity", 0, 3600).value_or(60));
    if (auto done = query.done(); !done) co_return propagate(done);
    auto mailbox = std::string(call.request.headers.get("Renkei-Mailbox"));
    auto act_as = read_act_as(call);
    if (!act_as) co_return propagate(act_as);
    const auto connection = name->text();
    const auto key_hash = call.key_hash;
    auto token = co_await services.releases.release(asked_by(call), key_hash, std::move(*name), std::move(mailbox), *std::move(act_as), min_validity);
    if (!token) co_return propagate(token);
    app::ServerResponse answer;
    answer.headers.set("Content-Type", "application/json");
    answer.body = token_text(connection, *token, services.clock.now());
    co_return secret_answer(std::move(answer));
}

constexpr Route connections_table[] = {
    {Method::get, "/v1/connections", Requires::right(Action::connections_read), list_connections},
    {Method::post, "/v1/connections", Requires::right(Action::connections_write), create_connection, Takes::json},
    {Method::get, "/v1/connections/{name}", Requires::right(Action::connections_read), show_one},
    {Method::patch, "/v1/connections/{name}", Requires::right(Action::connections_write), change_connection, Takes::json},
    {Method::delete_, "/v1/connections/{name}", Requires::right(Action::connections_write), remove_connection},
    {Method::post, "/v1/connections/{name}/pause", Requires::right(Action::connections_write), pause_connection, Takes::optional_json},
    {Method::post, "/v1/connections/{name}/resume", Requires::right(Action::connections_write), resume_connection, Takes::optional_json},
    {Method::post, "/v1/connections/{name}/connect", Requires::right(Action::connections_write), connect_connection, Takes::optional_json},
    {Method::post, "/v1/connections/{name}/link", Requires::right(Action::connections_write), make_link, Takes::optional_json},
    {Method::post, "/v1/connections/{name}/device", Requires::right(Action::connections_write), make_device_code, Takes::optional_json},
    {Method::post, "/v1/connections/{name}/check", Requires::right(Action::connections_read), check_connection, Takes::optional_json},
    {Method::get, "/v1/connections/{name}/token", Requires::right(Action::tokens_read), read_token},
};

}  // namespace

Routes connections_routes() { return connections_table; }

}  // namespace renkei::api
