#include "adapters/api/values_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "app/stored_values.hpp"

#include <charconv>

namespace renkei::api {
namespace {

using core::Action;

// 64 KiB as JSON text with escapes, and the words around it.
constexpr std::uint64_t value_body_limit = 400u << 10;

json::object shown_stored(const core::StoredCredential& row) {
    json::array versions;
    for (const auto& one : row.versions)
        versions.push_back(json::object{{"version", one.version}, {"created_at", shown_time(one.created_at)}, {"expires_at", shown_time(one.expires_at)}});
    return {{"name", row.name.text()},
            {"title", row.title},
            {"reference", "credential:" + row.name.text()},
            {"versions", std::move(versions)},
            {"created_at", shown_time(row.created_at)},
            {"version", row.version}};
}

json::object shown_variable(const core::Variable& row) {
    return {{"name", row.name.text()},
            {"type", core::text_of(row.type)},
            {"value", row.value},
            {"reference", "variable:" + row.name.text()},
            {"updated_at", shown_time(row.updated_at)},
            {"version", row.version}};
}

app::ServerResponse stored_answer_of(const core::StoredCredential& row, int status = 200) {
    return with_etag(json_answer(shown_stored(row), status), row.version);
}

Task<Result<app::ServerResponse>> list_stored(Services& services, Call call) {
    const auto workspace = call.caller.workspace;
    auto query = call.read_query();
    auto page = read_page(query, services.vault, workspace, "credentials");
    if (!page) co_return propagate(page);
    auto found = co_await services.stored_values.list(asked_by(call), *std::move(page));
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& row : found->items) items.push_back(shown_stored(row));
    co_return json_answer(page_body(std::move(items), found->next, services.vault, workspace, "credentials"));
}

Task<Result<app::ServerResponse>> create_stored(Services& services, Call call) {
    auto body = call.read_body();
    app::CreateStoredCredential wanted;
    if (auto name = body.accept("name", core::Name::parse(body.text("name", {.max = 63, .min = 0})))) wanted.name = *std::move(name);
    wanted.title = body.optional_text("title", {.max = 200, .min = 0}).value_or("");
    wanted.value = body.secret("value", app::StoredValues::longest_value);
    wanted.expires_at = body.optional_time("expires_at");
    if (auto done = body.done(); !done) co_return propagate(done);
    auto made = co_await services.stored_values.create(asked_by(call), std::move(wanted));
    if (!made) co_return propagate(made);
    auto answer = stored_answer_of(*made, 201);
    answer.headers.set("Location", "/v1/credentials/" + made->name.text());
    co_return answer;
}

Task<Result<app::ServerResponse>> show_stored(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto row = co_await services.stored_values.show(asked_by(call), *std::move(name));
    if (!row) co_return propagate(row);
    co_return stored_answer_of(*row);
}

Task<Result<app::ServerResponse>> add_version(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto body = call.read_body();
    auto value = body.secret("value", app::StoredValues::longest_value);
    const auto expires_at = body.optional_time("expires_at");
    if (auto done = body.done(); !done) co_return propagate(done);
    auto row = co_await services.stored_values.add_version(asked_by(call), *std::move(name), std::move(value), expires_at, *expected);
    if (!row) co_return propagate(row);
    co_return stored_answer_of(*row, 201);
}

Task<Result<app::ServerResponse>> remove_version(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    const auto& text = call.parameter("version");
    std::uint32_t version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc{} || end != text.data() + text.size()) co_return fail(Errc::not_found, "the stored credential has no such version");
    auto row = co_await services.stored_values.remove_version(asked_by(call), *std::move(name), version);
    if (!row) co_return propagate(row);
    co_return stored_answer_of(*row);
}

Task<Result<app::ServerResponse>> remove_stored(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto removed = co_await services.stored_values.remove(asked_by(call), *std::move(name), *expected);
    if (!removed) co_return propagate(removed);
    co_return no_content();
}

Task<Result<app::ServerResponse>> list_dependents(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    const auto by = asked_by(call);
    auto row = co_await services.stored_values.show(by, *name);
    if (!row) co_return propagate(row);
    auto found = co_await services.stored_values.dependents(by, core::SourceKind::credential, *name);
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& one : *found) items.push_back(json::object{{"kind", one.kind}, {"name", one.name.text()}, {"field", one.field}});
    co_return json_answer({{"items", std::move(items)}, {"next_cursor", nullptr}});
}

Task<Result<app::ServerResponse>> list_variables(Services& services, Call call) {
    const auto workspace = call.caller.workspace;
    auto query = call.read_query();
    auto page = read_page(query, services.vault, workspace, "variables");
    if (!page) co_return propagate(page);
    auto found = co_await services.stored_values.list_variables(asked_by(call), *std::move(page));
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& row : found->items) items.push_back(shown_variable(row));
    co_return json_answer(page_body(std::move(items), found->next, services.vault, workspace, "variables"));
}

Task<Result<app::ServerResponse>> put_variable(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto body = call.read_body();
    const auto type = body.optional_choice("type", core::parse_variable_type, "text, number, boolean").value_or(core::VariableType::text);
    auto value = body.text("value", {.max = 1024, .min = 0});
    if (auto done = body.done(); !done) co_return propagate(done);
    auto row = co_await services.stored_values.put_variable(asked_by(call), *std::move(name), type, std::move(value));
    if (!row) co_return propagate(row);
    co_return json_answer(shown_variable(*row));
}

Task<Result<app::ServerResponse>> show_variable(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto row = co_await services.stored_values.show_variable(asked_by(call), *std::move(name));
    if (!row) co_return propagate(row);
    co_return json_answer(shown_variable(*row));
}

Task<Result<app::ServerResponse>> remove_variable(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto removed = co_await services.stored_values.remove_variable(asked_by(call), *std::move(name));
    if (!removed) co_return propagate(removed);
    co_return no_content();
}

std::optional<bool> parse_rule(std::string_view word) {
    if (word == "forbidden") return true;
    if (word == "allowed") return false;
    return std::nullopt;
}

json::object shown_rules(bool forbidden) { return {{"literals", forbidden ? "forbidden" : "allowed"}}; }

Task<Result<app::ServerResponse>> show_rules(Services& services, Call call) {
    auto forbidden = co_await services.stored_values.literals_forbidden(asked_by(call));
    if (!forbidden) co_return propagate(forbidden);
    co_return json_answer(shown_rules(*forbidden));
}

Task<Result<app::ServerResponse>> put_rules(Services& services, Call call) {
    auto body = call.read_body();
    const auto forbidden = body.optional_choice("literals", parse_rule, "allowed, forbidden");
    if (!forbidden && !body.has("literals")) body.refuse("literals", "is required: allowed or forbidden");
    if (auto done = body.done(); !done) co_return propagate(done);
    if (auto put = co_await services.stored_values.forbid_literals(asked_by(call), *forbidden); !put) co_return propagate(put);
    co_return json_answer(shown_rules(*forbidden));
}

constexpr Route values_table[] = {
    {Method::get, "/v1/credentials", Requires::right(Action::values_read), list_stored},
    {Method::post, "/v1/credentials", Requires::right(Action::values_write), create_stored, Takes::json, value_body_limit},
    {Method::get, "/v1/credentials/{name}", Requires::right(Action::values_read), show_stored},
    {Method::delete_, "/v1/credentials/{name}", Requires::right(Action::values_write), remove_stored},
    {Method::post, "/v1/credentials/{name}/versions", Requires::right(Action::values_write), add_version, Takes::json, value_body_limit},
    {Method::delete_, "/v1/credentials/{name}/versions/{version}", Requires::right(Action::values_write), remove_version},
    {Method::get, "/v1/credentials/{name}/dependents", Requires::right(Action::values_read), list_dependents},
    {Method::get, "/v1/variables", Requires::right(Action::values_read), list_variables},
    {Method::get, "/v1/variables/{name}", Requires::right(Action::values_read), show_variable},
    {Method::put, "/v1/variables/{name}", Requires::right(Action::values_write), put_variable, Takes::json},
    {Method::delete_, "/v1/variables/{name}", Requires::right(Action::values_write), remove_variable},
    {Method::get, "/v1/values/rules", Requires::right(Action::values_read), show_rules},
    {Method::put, "/v1/values/rules", Requires::right(Action::people_write), put_rules, Takes::json},
};

}  // namespace

Routes values_routes() { return values_table; }

}  // namespace renkei::api
