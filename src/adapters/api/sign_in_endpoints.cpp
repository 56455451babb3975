#include "adapters/api/sign_in_endpoints.hpp"

#include "adapters/api/page_forms.hpp"
#include "adapters/api/person_pages.hpp"
#include "adapters/api/services.hpp"
#include "app/invitations.hpp"
#include "app/sign_in.hpp"
#include "base/encoding.hpp"

namespace renkei::api {
namespace {

std::string query_text(const Call& call, std::string_view name) {
    const auto* value = find_field(call.request.query, name);
    return value == nullptr ? std::string() : *value;
}

// A place that was asked for, or empty: the form carries it on only if it is one of ours.
std::string wanted_place(std::string_view text) { return !text.empty() && safe_next(text) == text ? std::string(text) : std::string(); }

app::ServerResponse with_session(app::ServerResponse answer, Services& services, const app::NewSession& made) {
    const auto life = std::chrono::duration_cast<std::chrono::seconds>(made.session.ends_at - services.clock.now());
    answer.headers.add("Set-Cookie", session_cookie(services.public_url).set(made.text, life));
    answer.secret_body = true;
    return answer;
}

// What a form can correct is shown in it; everything else ends it.
bool is_correctable(const Error& error) {
    return error.code == Errc::invalid_field || error.code == Errc::sign_in_failed || error.code == Errc::too_many_requests;
}

Task<Result<app::ServerResponse>> show_sign_in(Services&, Call call) {
    const auto next = wanted_place(query_text(call, "next"));
    co_return sign_in_page(call, {}, next, query_text(call, "done"), {});
}

Task<Result<app::ServerResponse>> sign_in(Services& services, Call call) {
    const auto email = text_field(call.form, "email").substr(0, 254);
    const auto next = wanted_place(text_field(call.form, "next"));
    auto password = take_field(call.form, "password");
    // Whatever session this browser had ends here, its own or one that somebody planted: a sign-in always begins anew.
    if (auto old = session_cookie(services.public_url).read(call.request.cookie))
        if (auto who = co_await services.sign_in.authenticate(std::move(old)); who)
            static_cast<void>(co_await services.sign_in.sign_out(std::move(*who), call.request_id()));
    auto made = co_await services.sign_in.sign_in(email, std::move(password), call.visitor());
    if (!made && is_correctable(made.error())) co_return sign_in_page(call, email, next, {}, std::move(made.error()));
    if (!made) co_return propagate(made);
    const auto place = made->session.workspace ? safe_next(next) : "/sign-in/workspace" + (next.empty() ? "" : "?next=" + percent_encode(next));
    auto answer = with_session(see_other(place), services, *made);
    answer.headers.add("Set-Cookie", form_cookie(services.public_url).clear());
    co_return answer;
}

Task<Result<app::ServerResponse>> show_workspaces(Services& services, Call call) {
    auto choices = co_await services.sign_in.choices(call.person->person.id);
    if (!choices) co_return propagate(choices);
    co_return choose_workspace_page(call, *choices, wanted_place(query_text(call, "next")));
}

Task<Result<app::ServerResponse>> choose_workspace(Services& services, Call call) {
    auto name = core::Name::parse(text_field(call.form, "workspace"));
    if (!name) co_return fail(Errc::not_found, "there is no such workspace for this person");
    const auto next = safe_next(text_field(call.form, "next"));
    const auto visitor = call.visitor();
    auto made = co_await services.sign_in.choose(std::move(*call.person), std::move(*name), visitor);
    if (!made) co_return propagate(made);
    co_return with_session(see_other(next), services, *made);
}

Task<Result<app::ServerResponse>> sign_out(Services& services, Call call) {
    const auto request_id = call.request_id();
    auto ended = co_await services.sign_in.sign_out(std::move(*call.person), request_id);
    if (!ended) co_return propagate(ended);
    auto answer = see_other("/sign-in?done=signed-out");
    answer.headers.add("Set-Cookie", session_cookie(services.public_url).clear());
    // Pages kept by the browser's back button go too (Clear Site Data, section 3.1).
    answer.headers.set("Clear-Site-Data", "\"cache\"");
    co_return answer;
}

Task<Result<app::ServerResponse>> show_invitation(Services& services, Call call) {
    auto look = co_await services.invitations.look_at(Secret(call.parameter("code")));
    if (!look) co_return propagate(look);
    co_return invitation_page(call, *look, look->membership.invited_name, {});
}

Task<Result<app::ServerResponse>> accept_invitation(Services& services, Call call) {
    Secret code(call.parameter("code"));
    auto look = co_await services.invitations.look_at(code.clone());
    if (!look) co_return propagate(look);
    app::AcceptInvitation wanted{text_field(call.form, "display_name"), take_field(call.form, "password")};
    const auto name = wanted.display_name;
    if (!look->has_password && !wanted.password.equals(take_field(call.form, "password_again")))
        co_return invitation_page(call, *look, name, Error{Errc::invalid_field, "the passwords differ", {{"field", "password_again"}}});
    auto accepted = co_await services.invitations.accept(std::move(code), std::move(wanted), call.visitor());
    if (!accepted && is_correctable(accepted.error())) co_return invitation_page(call, *look, name, std::move(accepted.error()));
    if (!accepted) co_return propagate(accepted);
    co_return see_other("/sign-in?done=invitation");
}

Task<Result<app::ServerResponse>> show_reset(Services& services, Call call) {
    auto person = co_await services.invitations.look_at_reset(Secret(call.parameter("code")));
    if (!person) co_return propagate(person);
    co_return reset_page(call, person->email, {});
}

Task<Result<app::ServerResponse>> reset_password(Services& services, Call call) {
    Secret code(call.parameter("code"));
    auto person = co_await services.invitations.look_at_reset(code.clone());
    if (!person) co_return propagate(person);
    auto password = take_field(call.form, "password");
    if (!password.equals(take_field(call.form, "password_again")))
        co_return reset_page(call, person->email, Error{Errc::invalid_field, "the passwords differ", {{"field", "password_again"}}});
    auto changed = co_await services.invitations.reset(std::move(code), std::move(password), call.visitor());
    if (!changed && is_correctable(changed.error())) co_return reset_page(call, person->email, std::move(changed.error()));
    if (!changed) co_return propagate(changed);
    co_return see_other("/sign-in?done=password");
}

constexpr std::uint64_t form_limit = 16 << 10;

constexpr Route sign_in_table[] = {
    {Method::get, "/sign-in", Requires::visitor, show_sign_in, Takes::no_body, 0, Shows::page},
    {Method::post, "/sign-in", Requires::visitor, sign_in, Takes::form, form_limit, Shows::page},
    {Method::get, "/sign-in/workspace", Requires::person, show_workspaces, Takes::no_body, 0, Shows::page},
    {Method::post, "/sign-in/workspace", Requires::person, choose_workspace, Takes::form, form_limit, Shows::page},
    {Method::post, "/sign-out", Requires::person, sign_out, Takes::form, form_limit, Shows::page},
    {Method::get, "/invitations/{code}", Requires::visitor, show_invitation, Takes::no_body, 0, Shows::page},
    {Method::post, "/invitations/{code}", Requires::visitor, accept_invitation, Takes::form, form_limit, Shows::page},
    {Method::get, "/password-reset/{code}", Requires::visitor, show_reset, Takes::no_body, 0, Shows::page},
    {Method::post, "/password-reset/{code}", Requires::visitor, reset_password, Takes::form, form_limit, Shows::page},
};

}  // namespace

Routes sign_in_routes() { return sign_in_table; }

}  // namespace renkei::api
