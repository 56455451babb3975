#include "adapters/api/answers.hpp"
#include "adapters/api/people_endpoints.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show_people.hpp"
#include "app/groups.hpp"

namespace renkei::api {
namespace {

using core::Action;

std::optional<core::Name> read_name(BodyReader& body, std::string_view member) {
    const auto text = body.optional_text(member, {.max = 63, .min = 0});
    if (!text) return std::nullopt;
    return body.accept(member, core::Name::parse(*text, member));
}

Task<Result<app::ServerResponse>> list_groups(Services& services, Call call) {
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);
    auto groups = co_await services.groups.list(asked_by(call));
    if (!groups) co_return propagate(groups);
    json::array items;
    for (const auto& group : *groups) items.push_back(shown_group(group));
    co_return json_answer({{"items", std::move(items)}, {"next_cursor", nullptr}});
}

Task<Result<app::ServerResponse>> create_group(Services& services, Call call) {
    auto body = call.read_body();
    app::CreateGroup wanted;
    if (auto name = body.accept("name", core::Name::parse(body.text("name", {.max = 63, .min = 0})))) wanted.name = std::move(*name);
    wanted.title = body.optional_text("title").value_or("");
    wanted.parent = read_name(body, "parent");
    if (auto done = body.done(); !done) co_return propagate(done);
    auto made = co_await services.groups.create(asked_by(call), std::move(wanted));
    if (!made) co_return propagate(made);
    co_return with_etag(created_answer(shown_group(*made), "/v1/groups/" + made->group.name.text()), made->group.version);
}

Task<Result<app::ServerResponse>> show_group(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto shown = co_await services.groups.show(asked_by(call), std::move(*name));
    if (!shown) co_return propagate(shown);
    co_return with_etag(json_answer(shown_group(*shown)), shown->group.version);
}

Task<Result<app::ServerResponse>> change_group(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto body = call.read_body();
    app::ChangeGroup wanted;
    wanted.name = read_name(body, "name");
    wanted.title = body.optional_text("title", {.max = 200, .min = 0});
    // An absent member and null are the same to a reader; the empty text is the way to the top.
    if (const auto parent = body.optional_text("parent", {.max = 63, .min = 0})) {
        wanted.move = true;
        if (!parent->empty()) wanted.parent = body.accept("parent", core::Name::parse(*parent, "parent"));
    }
    if (auto done = body.done(); !done) co_return propagate(done);
    auto shown = co_await services.groups.change(asked_by(call), std::move(*name), std::move(wanted), *expected);
    if (!shown) co_return propagate(shown);
    co_return with_etag(json_answer(shown_group(*shown)), shown->group.version);
}

Task<Result<app::ServerResponse>> remove_group(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto removed = co_await services.groups.remove(asked_by(call), std::move(*name), *expected);
    if (!removed) co_return propagate(removed);
    co_return no_content();
}

Task<Result<app::ServerResponse>> add_member(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto body = call.read_body();
    auto who = body.text("person", {.max = 254});
    if (auto done = body.done(); !done) co_return propagate(done);
    const auto workspace = call.caller.workspace;
    auto member = co_await services.groups.add_member(asked_by(call), std::move(*name), std::move(who));
    if (!member) co_return propagate(member);
    auto groups = co_await services.store.all_groups(workspace);
    if (!groups) co_return propagate(groups);
    auto shown = co_await shown_with_account(services, *std::move(member), *std::move(groups));
    if (!shown) co_return propagate(shown);
    co_return json_answer(*std::move(shown));
}

Task<Result<app::ServerResponse>> remove_member(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto query = call.read_query();
    auto who = query.text("person", 254);
    if (auto done = query.done(); !done) co_return propagate(done);
    auto removed = co_await services.groups.remove_member(asked_by(call), std::move(*name), std::move(who));
    if (!removed) co_return propagate(removed);
    co_return no_content();
}

constexpr Route groups_table[] = {
    {Method::get, "/v1/groups", Requires::right(Action::people_read), list_groups},
    {Method::post, "/v1/groups", Requires::right(Action::people_write), create_group, Takes::json},
    {Method::get, "/v1/groups/{name}", Requires::right(Action::people_read), show_group},
    {Method::patch, "/v1/groups/{name}", Requires::right(Action::people_write), change_group, Takes::json},
    {Method::delete_, "/v1/groups/{name}", Requires::right(Action::people_write), remove_group},
    {Method::put, "/v1/groups/{name}/members", Requires::right(Action::people_write), add_member, Takes::json},
    {Method::delete_, "/v1/groups/{name}/members", Requires::right(Action::people_write), remove_member},
};

}  // namespace

Routes groups_routes() { return groups_table; }

}  // namespace renkei::api
