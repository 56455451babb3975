#include "adapters/api/permissions_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "app/permissions.hpp"

namespace renkei::api {
namespace {

using core::Action;

json::value text_or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

json::object shown_permission(const app::ShownPermission& shown) {
    json::array actions;
    for (const auto action : shown.permission.actions) actions.emplace_back(json::view(core::text_of(action)));
    const bool for_key = shown.permission.holder == core::Principal::Kind::key;
    return {{"id", shown.permission.id.text()},
            {"kind", shown.permission.person ? "lent" : "rule"},
            {"person", text_or_null(shown.person)},
            {"key", for_key ? text_or_null(shown.holder) : json::value(nullptr)},
            {"runs_of", for_key ? json::value(nullptr) : text_or_null(shown.holder)},
            {"actions", std::move(actions)},
            {"until", shown_time(shown.permission.until)},
            {"given_by", shown.permission.given_by},
            {"created_at", shown_time(shown.permission.created_at)}};
}

json::object shown_person(const app::ConnectedPerson& one) {
    return {{"email", one.person.email},
            {"display_name", one.person.display_name},
            {"connection", one.connection.name.text()},
            {"signed_in_as", text_or_null(one.signed_in_as)},
            {"state", json::view(core::text_of(one.connection.state))},
            {"state_code", one.connection.state_slug},
            {"state_detail", one.connection.state_detail},
            {"last_used_at", shown_time(one.last_used_at)}};
}

Task<Result<app::ServerResponse>> list_permissions(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);
    auto found = co_await services.permissions.list(asked_by(call), std::move(*name));
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& one : *found) items.push_back(shown_permission(one));
    co_return json_answer({{"items", std::move(items)}, {"next_cursor", nullptr}});
}

Result<app::Lend> read_lend(Call& call) {
    auto body = call.read_body();
    app::Lend wanted;
    const auto key = body.optional_text("key", {.max = 63});
    const auto person = body.optional_text("runs_of", {.max = 254});
    if (key.has_value() == person.has_value()) body.refuse("key", "name either an API key (`key`) or the person whose runs it is for (`runs_of`)");
    wanted.kind = key ? core::Principal::Kind::key : core::Principal::Kind::person;
    wanted.holder = key.value_or(person.value_or(""));
    for (const auto& text : body.text_list("actions", 10, {.max = 32})) {
        const auto action = core::parse_action(text);
        if (action)
            wanted.actions.push_back(*action);
        else
            body.refuse("actions", "`" + short_text(text) + "` cannot be allowed; mail:read, mail:send, tokens:read and native can");
    }
    wanted.until = body.optional_time("until");
    if (auto done = body.done(); !done) return propagate(done);
    return wanted;
}

Task<Result<app::ServerResponse>> make_rule(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto wanted = read_lend(call);
    if (!wanted) co_return propagate(wanted);
    const auto place = "/v1/connections/" + name->text() + "/permissions/";
    auto made = co_await services.permissions.make_rule(asked_by(call), std::move(*name), std::move(*wanted));
    if (!made) co_return propagate(made);
    co_return created_answer(shown_permission(*made), place + made->permission.id.text());
}

Task<Result<app::ServerResponse>> remove_permission(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    const auto id = core::PermissionId::parse(call.parameter("id"));
    if (!id) co_return fail(Errc::not_found, "there is no such permission");
    auto removed = co_await services.permissions.remove(asked_by(call), std::move(*name), *id);
    if (!removed) co_return propagate(removed);
    co_return no_content();
}

Task<Result<app::ServerResponse>> list_people(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);
    auto found = co_await services.permissions.people(asked_by(call), std::move(*name));
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& one : *found) items.push_back(shown_person(one));
    co_return json_answer({{"items", std::move(items)}, {"next_cursor", nullptr}});
}

constexpr Route permissions_table[] = {
    {Method::get, "/v1/connections/{name}/permissions", Requires::right(Action::connections_read), list_permissions},
    {Method::post, "/v1/connections/{name}/permissions", Requires::right(Action::keys_write), make_rule, Takes::json},
    {Method::delete_, "/v1/connections/{name}/permissions/{id}", Requires::right(Action::keys_write), remove_permission},
    {Method::get, "/v1/connections/{name}/people", Requires::right(Action::connections_read), list_people},
};

}  // namespace

Routes permissions_routes() { return permissions_table; }

}  // namespace renkei::api
