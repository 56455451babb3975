#include "adapters/api/answers.hpp"
#include "adapters/api/connect_cookie.hpp"
#include "adapters/api/page_forms.hpp"
#include "adapters/api/person_pages.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/sign_in_endpoints.hpp"
#include "adapters/api/times.hpp"
#include "app/my_connections.hpp"
#include "app/sign_in.hpp"

namespace renkei::api {
namespace {

Task<Result<app::ServerResponse>> account(Services& services, Call call, bool changed, std::optional<Error> refused) {
    AccountView view;
    auto workspace = co_await services.store.find_workspace(call.caller.workspace);
    if (!workspace) co_return propagate(workspace);
    view.workspace = std::move(*workspace);
    auto choices = co_await services.sign_in.choices(call.person->person.id);
    if (!choices) co_return propagate(choices);
    view.several_workspaces = choices->size() > 1;
    auto sessions = co_await services.sign_in.sessions(*call.person);
    if (!sessions) co_return propagate(sessions);
    view.sessions = std::move(*sessions);
    view.password_changed = changed;
    view.refused = std::move(refused);
    co_return account_page(call, view);
}

Task<Result<app::ServerResponse>> show_account(Services& services, Call call) {
    const auto* done = find_field(call.request.query, "done");
    const bool changed = done != nullptr && *done == "password";
    return account(services, std::move(call), changed, {});
}

Task<Result<app::ServerResponse>> change_password(Services& services, Call call) {
    auto current = take_field(call.form, "current");
    auto wanted = take_field(call.form, "password");
    if (!wanted.equals(take_field(call.form, "password_again")))
        co_return co_await account(services, std::move(call), false, Error{Errc::invalid_field, "the passwords differ", {{"field", "password_again"}}});
    auto made = co_await services.sign_in.change_password(*call.person, std::move(current), std::move(wanted), call.visitor());
    if (!made && (made.error().code == Errc::invalid_field || made.error().code == Errc::too_many_requests))
        co_return co_await account(services, std::move(call), false, std::move(made.error()));
    if (!made) co_return propagate(made);
    auto answer = see_other("/my/account?done=password");
    const auto life = std::chrono::duration_cast<std::chrono::seconds>(made->session.ends_at - services.clock.now());
    answer.headers.add("Set-Cookie", session_cookie(services.public_url).set(made->text, life));
    answer.secret_body = true;
    co_return answer;
}

Task<Result<app::ServerResponse>> end_session(Services& services, Call call) {
    const auto id = core::SessionId::parse(call.parameter("id"));
    if (!id) co_return fail(Errc::not_found, "there is no such session of yours");
    auto ended = co_await services.sign_in.end_session(*call.person, *id, call.request_id());
    if (!ended) co_return propagate(ended);
    co_return see_other("/my/account");
}

Task<Result<app::ServerResponse>> end_other_sessions(Services& services, Call call) {
    auto ended = co_await services.sign_in.end_other_sessions(*call.person, call.request_id());
    if (!ended) co_return propagate(ended);
    co_return see_other("/my/account");
}

Task<Result<app::ServerResponse>> show_my_connections(Services& services, Call call) {
    auto mine = co_await services.my_connections.list({call.caller, call.request_id()});
    if (!mine) co_return propagate(mine);
    co_return my_connections_page(call, *mine, services.catalog);
}

Task<Result<app::ServerResponse>> disconnect(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto done = co_await services.my_connections.disconnect(asked_by(call), std::move(*name));
    if (!done) co_return propagate(done);
    co_return see_other("/my/connections");
}

Task<Result<app::ServerResponse>> one_connection(Services& services, Call call, core::Name name, LendForm form) {
    auto mine = co_await services.my_connections.look({call.caller, call.request_id()}, std::move(name));
    if (!mine) co_return propagate(mine);
    co_return my_connection_page(call, *mine, services.catalog, form);
}

Task<Result<app::ServerResponse>> show_my_connection(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    const auto* key = find_field(call.request.query, "key");
    LendForm form{key == nullptr ? std::string() : key->substr(0, core::Name::longest)};
    co_return co_await one_connection(services, std::move(call), std::move(*name), std::move(form));
}

Task<Result<app::ServerResponse>> connect_mine(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto started = co_await services.my_connections.connect(asked_by(call), std::move(*name));
    if (!started) co_return propagate(started);
    auto answer = see_other(std::move(started->provider_url));
    answer.headers.add("Set-Cookie", ConnectCookie(services.public_url).set(started->browser_secret));
    answer.secret_body = true;
    co_return answer;
}

// The whole day counts, as a person means it: until midnight UTC.
Result<std::optional<TimePoint>> read_until(std::string_view date) {
    if (date.empty()) return std::optional<TimePoint>();
    const auto midnight = date.size() == 10 ? parse_time(std::string(date) + "T00:00:00Z") : std::nullopt;
    if (!midnight) return bad_field("until", "a date like 2027-03-31, or nothing");
    return std::optional(*midnight + std::chrono::hours(24));
}

LendForm read_lend_form(const Fields& form) {
    LendForm read{text_field(form, "key").substr(0, core::Name::longest + 1), {}, text_field(form, "until").substr(0, 32)};
    for (const auto& [name, value] : form)
        if (const auto action = name == "action" ? core::parse_action(value) : std::nullopt) read.actions.push_back(*action);
    return read;
}

Task<Result<app::ServerResponse>> lend_mine(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto form = read_lend_form(call.form);
    auto until = read_until(form.until);
    Result<void> lent = until ? Result<void>() : propagate(until);
    if (lent)
        lent = co_await services.my_connections.lend({call.caller, call.request_id()}, *name, {core::Principal::Kind::key, form.key, form.actions, *until});
    if (lent) co_return see_other("/my/connections/" + name->text());
    if (lent.error().code != Errc::invalid_field) co_return propagate(lent);
    form.refused = std::move(lent.error());
    co_return co_await one_connection(services, std::move(call), std::move(*name), std::move(form));
}

Task<Result<app::ServerResponse>> withdraw_mine(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    const auto id = core::PermissionId::parse(call.parameter("id"));
    if (!id) co_return fail(Errc::not_found, "there is no such permission of yours");
    const auto place = "/my/connections/" + name->text();
    auto done = co_await services.my_connections.withdraw(asked_by(call), std::move(*name), *id);
    if (!done) co_return propagate(done);
    co_return see_other(place);
}

constexpr std::uint64_t form_limit = 16 << 10;

constexpr Route my_table[] = {
    {Method::get, "/my/account", Requires::person, show_account, Takes::no_body, 0, Shows::page},
    {Method::post, "/my/password", Requires::person, change_password, Takes::form, form_limit, Shows::page},
    {Method::post, "/my/sessions/{id}/end", Requires::person, end_session, Takes::form, form_limit, Shows::page},
    {Method::post, "/my/sessions/end-others", Requires::person, end_other_sessions, Takes::form, form_limit, Shows::page},
    {Method::get, "/my/connections", Requires::person, show_my_connections, Takes::no_body, 0, Shows::page},
    {Method::get, "/my/connections/{name}", Requires::person, show_my_connection, Takes::no_body, 0, Shows::page},
    {Method::post, "/my/connections/{name}/connect", Requires::person, connect_mine, Takes::form, form_limit, Shows::page},
    {Method::post, "/my/connections/{name}/lend", Requires::person, lend_mine, Takes::form, form_limit, Shows::page},
    {Method::post, "/my/connections/{name}/permissions/{id}/withdraw", Requires::person, withdraw_mine, Takes::form, form_limit, Shows::page},
    {Method::post, "/my/connections/{name}/disconnect", Requires::person, disconnect, Takes::form, form_limit, Shows::page},
};

}  // namespace

Routes my_routes() { return my_table; }

}  // namespace renkei::api
