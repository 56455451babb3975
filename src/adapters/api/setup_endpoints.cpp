#include "adapters/api/setup_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/setup_page.hpp"
#include "adapters/api/show_secret.hpp"
#include "app/setup.hpp"

namespace renkei::api {
namespace {

Task<Result<app::ServerResponse>> set_up(Services& services, Call call) {
    auto body = call.read_body();
    app::SetupWish wish;
    wish.code = body.secret("code", 200);
    wish.email = body.text("email", {.max = 254});
    wish.display_name = body.text("display_name", {.max = 200});
    wish.password = body.secret("password", 1024);
    wish.locale = body.optional_text("locale", {.max = 8}).value_or("en");
    for (const auto& word : body.text_list("also", 8, {.max = 40})) {
        if (const auto action = core::parse_action(word))
            wish.also.push_back(*action);
        else
            body.refuse("also", "takes tokens:read and native");
    }
    if (auto done = body.done(); !done) co_return propagate(done);
    auto made = co_await services.setup.complete(std::move(wish), call.request_id());
    if (!made) co_return propagate(made);
    json::object shown{{"workspace", made->workspace.name.text()},
                       {"person", {{"id", made->person.id.text()}, {"email", made->person.email}, {"display_name", made->person.display_name}}},
                       {"key", shown_new_key(made->key, services.clock.now())}};
    co_return secret_answer(json_answer(std::move(shown), 201));
}

Task<Result<app::ServerResponse>> setup_page(Services& services, Call call) {
    if (auto fits = co_await services.setup.look_at(Secret(call.parameter("code"))); !fits) co_return propagate(fits);
    co_return setup_form_page(call.language, {}, {});
}

Secret take_field(Fields& form, std::string_view name) {
    for (auto& [field, value] : form)
        if (field == name) return Secret::take(std::move(value));
    return {};
}

std::string text_field(const Fields& form, std::string_view name) {
    const auto* value = find_field(form, name);
    return value == nullptr ? std::string() : *value;
}

Task<Result<app::ServerResponse>> setup_form(Services& services, Call call) {
    SetupForm form{text_field(call.form, "email"), text_field(call.form, "display_name"), find_field(call.form, "tokens_read") != nullptr,
                   find_field(call.form, "native") != nullptr};
    app::SetupWish wish;
    wish.code = Secret(call.parameter("code"));
    wish.email = form.email;
    wish.display_name = form.display_name;
    wish.locale = tag_of(call.language);
    wish.password = take_field(call.form, "password");
    if (form.tokens_read) wish.also.push_back(core::Action::tokens_read);
    if (form.native) wish.also.push_back(core::Action::native);
    if (auto fits = co_await services.setup.look_at(wish.code.clone()); !fits) co_return propagate(fits);
    if (!wish.password.equals(take_field(call.form, "password_again")))
        co_return setup_form_page(call.language, form, Error{Errc::invalid_field, "the passwords differ", {{"field", "password_again"}}});
    auto made = co_await services.setup.complete(std::move(wish), call.request_id());
    // A field to correct is shown in the form; everything else ends it.
    if (!made && made.error().code == Errc::invalid_field) co_return setup_form_page(call.language, form, std::move(made.error()));
    if (!made) co_return propagate(made);
    co_return setup_done_page(call.language, *made, services.public_url);
}

constexpr Route setup_table[] = {
    {Method::post, "/v1/setup", Requires::nothing, set_up, Takes::json, 16 << 10},
    {Method::get, "/setup/{code}", Requires::nothing, setup_page, Takes::no_body, 0, Shows::page},
    {Method::post, "/setup/{code}", Requires::nothing, setup_form, Takes::form, 16 << 10, Shows::page},
};

}  // namespace

Routes setup_routes() { return setup_table; }

}  // namespace renkei::api
