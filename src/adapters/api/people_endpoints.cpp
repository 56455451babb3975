#include "adapters/api/people_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "adapters/api/show_people.hpp"
#include "adapters/api/show_secret.hpp"
#include "app/people.hpp"
#include "core/roles.hpp"

namespace renkei::api {
namespace {

using core::Action;

constexpr std::string_view role_words = "administrator, user_administrator, builder, user, auditor";

std::vector<core::Role> read_roles(BodyReader& body) {
    std::vector<core::Role> roles;
    for (const auto& word : body.text_list("roles", 5, {.max = 40})) {
        if (const auto role = core::parse_role(word))
            roles.push_back(*role);
        else
            body.refuse("roles", "takes " + std::string(role_words));
    }
    return roles;
}

std::vector<core::Name> read_groups(BodyReader& body) {
    std::vector<core::Name> groups;
    for (const auto& word : body.text_list("groups", 100, {.max = 63, .min = 0}))
        if (auto name = body.accept("groups", core::Name::parse(word, "groups"))) groups.push_back(std::move(*name));
    return groups;
}

Task<Result<json::object>> with_groups(Services& services, app::Member member) {
    auto groups = co_await services.store.all_groups(member.membership.workspace);
    if (!groups) co_return propagate(groups);
    co_return co_await shown_with_account(services, std::move(member), *std::move(groups));
}

Task<Result<app::ServerResponse>> one_member(Services& services, app::Member member) {
    const auto version = member.membership.version;
    auto shown = co_await with_groups(services, std::move(member));
    if (!shown) co_return propagate(shown);
    co_return with_etag(json_answer(std::move(*shown)), version);
}

Task<Result<app::ServerResponse>> invitation_answer(Services& services, app::Invited made, int status) {
    const auto id = made.member.person.id.text();
    const auto version = made.member.membership.version;
    auto shown = co_await with_groups(services, std::move(made.member));
    if (!shown) co_return propagate(shown);
    (*shown)["invitation"] = shown_link(made.link.url, made.link.expires_at);
    auto answer = json_answer(std::move(*shown), status);
    if (status == 201) answer.headers.set("Location", "/v1/people/" + id);
    co_return secret_answer(with_etag(std::move(answer), version));
}

Task<Result<app::ServerResponse>> list_people(Services& services, Call call) {
    const auto workspace = call.caller.workspace;
    auto query = call.read_query();
    std::optional<core::Name> group;
    if (const auto text = query.optional_text("group", 63)) {
        auto name = core::Name::parse(*text, "group");
        if (!name) co_return propagate(name);
        group = std::move(*name);
    }
    const auto list = group ? "people in " + group->text() : std::string("people");
    auto page = read_page(query, services.vault, workspace, list);
    if (!page) co_return propagate(page);
    auto found = co_await services.people.list(asked_by(call), group, std::move(*page));
    if (!found) co_return propagate(found);
    auto groups = co_await services.store.all_groups(workspace);
    if (!groups) co_return propagate(groups);
    json::array items;
    for (auto& member : found->items) {
        auto shown = co_await shown_with_account(services, std::move(member), *groups);
        if (!shown) co_return propagate(shown);
        items.push_back(*std::move(shown));
    }
    co_return json_answer(page_body(std::move(items), found->next, services.vault, workspace, list));
}

Task<Result<app::ServerResponse>> invite_person(Services& services, Call call) {
    auto body = call.read_body();
    app::InvitePerson wanted;
    wanted.email = body.text("email", {.max = 254});
    wanted.display_name = body.text("display_name", {.max = 200});
    wanted.locale = body.optional_text("locale", {.max = 8}).value_or("en");
    wanted.roles = read_roles(body);
    wanted.groups = read_groups(body);
    if (auto done = body.done(); !done) co_return propagate(done);
    auto made = co_await services.people.invite(asked_by(call), std::move(wanted));
    if (!made) co_return propagate(made);
    co_return co_await invitation_answer(services, std::move(*made), 201);
}

Task<Result<app::ServerResponse>> show_person(Services& services, Call call) {
    auto member = co_await services.people.show(asked_by(call), call.parameter("person"));
    if (!member) co_return propagate(member);
    co_return co_await one_member(services, std::move(*member));
}

Task<Result<app::ServerResponse>> change_person(Services& services, Call call) {
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto body = call.read_body();
    app::ChangeMember wanted;
    if (body.has("roles")) wanted.roles = read_roles(body);
    if (body.has("groups")) wanted.groups = read_groups(body);
    wanted.account_name = body.optional_text("account_name", {.max = 254, .min = 0});
    if (auto done = body.done(); !done) co_return propagate(done);
    auto member = co_await services.people.change(asked_by(call), call.parameter("person"), std::move(wanted), *expected);
    if (!member) co_return propagate(member);
    co_return co_await one_member(services, std::move(*member));
}

Task<Result<app::ServerResponse>> remove_person(Services& services, Call call) {
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto removed = co_await services.people.remove(asked_by(call), call.parameter("person"), *expected);
    if (!removed) co_return propagate(removed);
    co_return no_content();
}

Task<Result<app::ServerResponse>> invite_again(Services& services, Call call) {
    if (auto empty = expect_empty(call); !empty) co_return propagate(empty);
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto made = co_await services.people.invite_again(asked_by(call), call.parameter("person"), *expected);
    if (!made) co_return propagate(made);
    co_return co_await invitation_answer(services, std::move(*made), 200);
}

Task<Result<app::ServerResponse>> make_reset_link(Services& services, Call call) {
    if (auto empty = expect_empty(call); !empty) co_return propagate(empty);
    auto link = co_await services.people.reset_link(asked_by(call), call.parameter("person"));
    if (!link) co_return propagate(link);
    co_return secret_answer(json_answer(shown_link(link->url, link->expires_at)));
}

Task<Result<app::ServerResponse>> list_sessions(Services& services, Call call) {
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);
    auto sessions = co_await services.people.sessions(asked_by(call), call.parameter("person"));
    if (!sessions) co_return propagate(sessions);
    json::array items;
    for (const auto& session : *sessions) items.push_back(shown_session(session));
    co_return json_answer({{"items", std::move(items)}, {"next_cursor", nullptr}});
}

Task<Result<app::ServerResponse>> end_sessions(Services& services, Call call) {
    auto ended = co_await services.people.end_sessions(asked_by(call), call.parameter("person"));
    if (!ended) co_return propagate(ended);
    co_return no_content();
}

Task<Result<app::ServerResponse>> list_roles(Services&, Call call) {
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);
    json::array items;
    for (const auto role : core::all_roles()) {
        json::array actions;
        for (std::size_t i = 0; i < static_cast<std::size_t>(Action::count_); ++i)
            if (core::role_may(role, static_cast<Action>(i))) actions.emplace_back(json::view(core::text_of(static_cast<Action>(i))));
        items.push_back(json::object{{"role", json::view(core::text_of(role))}, {"actions", std::move(actions)}});
    }
    co_return json_answer({{"items", std::move(items)}, {"next_cursor", nullptr}});
}

constexpr Route people_table[] = {
    {Method::get, "/v1/people", Requires::right(Action::people_read), list_people},
    {Method::post, "/v1/people", Requires::right(Action::people_write), invite_person, Takes::json},
    {Method::get, "/v1/people/{person}", Requires::right(Action::people_read), show_person},
    {Method::patch, "/v1/people/{person}", Requires::right(Action::people_write), change_person, Takes::json},
    {Method::delete_, "/v1/people/{person}", Requires::right(Action::people_write), remove_person},
    {Method::post, "/v1/people/{person}/invitation", Requires::right(Action::people_write), invite_again, Takes::optional_json},
    {Method::post, "/v1/people/{person}/password-reset", Requires::right(Action::people_write), make_reset_link, Takes::optional_json},
    {Method::get, "/v1/people/{person}/sessions", Requires::right(Action::people_read), list_sessions},
    {Method::delete_, "/v1/people/{person}/sessions", Requires::right(Action::people_write), end_sessions},
    {Method::get, "/v1/roles", Requires::right(Action::people_read), list_roles},
};

}  // namespace

Task<Result<json::object>> shown_with_account(Services& services, app::Member member, std::vector<core::Group> groups) {
    auto account = co_await services.people.account_name(member.membership);
    if (!account) co_return propagate(account);
    auto shown = shown_member(member, groups);
    shown["account_name"] = account->empty() ? member.person.email : *account;
    co_return shown;
}

Routes people_routes() { return people_table; }

}  // namespace renkei::api
