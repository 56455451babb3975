// A new secret or certificate for the app behind a connection: what `needs_secret` asks for.
#include "adapters/api/answers.hpp"
#include "adapters/api/connection_form.hpp"
#include "adapters/api/connection_page_endpoints.hpp"
#include "adapters/api/connection_words.hpp"
#include "adapters/api/page_forms.hpp"
#include "adapters/api/pages.hpp"
#include "adapters/api/person_parts.hpp"
#include "adapters/api/services.hpp"
#include "app/connections.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

using core::Action;

struct CredentialView {
    app::ShownConnection row;
    core::ClientRegistration app;
    std::size_t users = 0;  ///< connections of the registration
    std::string expires{};
    std::vector<Error> refused{};
};

std::string refused_in(const std::vector<FormRefusal>& refusals, std::string_view field) {
    for (const auto& refusal : refusals)
        if (refusal.field == field) return refusal.text;
    return {};
}

app::ServerResponse credential_page(const Call& call, const CredentialView& view) {
    const auto language = call.language;
    const auto say = [&](std::string_view en, std::string_view ja) { return pick(language, en, ja); };
    const auto refusals = refusals_of(view.refused, language);
    Html html;
    write_summary(html, refusals, language);
    html.element(
        "p", fmt::format(fmt::runtime(
                             say("It becomes the newest credential of the client registration {}, which {} connections use. Nobody has to sign in again.",
                                 "アプリの登録「{}」の最新の資格情報になります。この登録を使用するコネクションは {} 件です。利用者の再サインインは不要です。")),
                         view.app.name.text(), view.users));
    html.open("form", {{"method", "post"}, {"enctype", "multipart/form-data"}, {"accept-charset", "utf-8"}, {"novalidate", ""}});
    write_form_token(html, call);
    write_field(html,
                {"client_secret",
                 say("New client secret", "新しいクライアント シークレット"),
                 {},
                 say("The value, not the ID, from Certificates & secrets.", "「証明書とシークレット」の値です（ID ではありません）。"),
                 refused_in(refusals, "client_secret"),
                 "password",
                 true},
                language);
    write_field(html, {"expires", say("The secret ends on", "シークレットの有効期限"), view.expires, {}, refused_in(refusals, "expires"), "date", true},
                language);
    html.element("a", "", {{"id", "content"}});
    write_field(html,
                {"file",
                 say("Or a file: PFX, PEM, or the JSON of the app", "または、ファイル: PFX、PEM、アプリの JSON"),
                 {},
                 say("At most 100 KiB. It is recognised by its content.", "100 KiB まで。内容から自動的に認識されます。"),
                 refused_in(refusals, "content"),
                 "file",
                 true},
                language);
    write_field(html, {"password", say("Password of the file", "ファイルのパスワード"), {}, {}, refused_in(refusals, "password"), "password", true}, language);
    close_form(html, say("Store it", "保存"));
    html.open("p").element("a", say("Back to the connection", "コネクションに戻る"), {{"href", "/connections/" + view.row.connection.name.text()}}).close("p");
    return page_answer(language, say("A new secret or certificate", "新しいシークレットまたは証明書"), refusals.empty() ? Tone::plain : Tone::bad, html,
                       refusals.empty() ? 200 : 400, navigation(call, Place::all_connections));
}

Task<Result<CredentialView>> look_at(Services& services, const Call& call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto row = co_await services.connections.show(by_of(call), std::move(*name));
    if (!row) co_return propagate(row);
    const auto& connection = row->connection;
    auto app = co_await services.store.find_registration(connection.workspace, connection.registration);
    if (!app) co_return propagate(app);
    if (app->auth_method == core::ClientAuthMethod::none) co_return fail(Errc::not_found, "a public client has no credential");
    auto users = co_await services.store.connections_of_registration(connection.workspace, connection.registration);
    if (!users) co_return propagate(users);
    CredentialView view{std::move(*row), std::move(*app), users->size()};
    co_return view;
}

Task<Result<app::ServerResponse>> show(Services& services, Call call) {
    auto view = co_await look_at(services, call);
    if (!view) co_return propagate(view);
    co_return credential_page(call, *view);
}

Task<Result<core::ClientRegistration>> put_file(Services& services, app::By by, core::ClientRegistration app, GivenCredential given) {
    auto import = co_await services.imports.recognise(by, std::move(given.content), std::move(given.password));
    if (!import) co_return propagate(import);
    // The file of another app is a mistake that no provider would name so clearly.
    if (!import->client_id.empty() && import->client_id != app.client_id)
        co_return fail(Error{Errc::conflict, "the file belongs to another client id", {{"field", "content"}}});
    co_return co_await services.imports.put(by, app::RegisterImport{.handle = import->handle, .registration = app.name});
}

Task<Result<app::ServerResponse>> store(Services& services, Call call) {
    auto view = co_await look_at(services, call);
    if (!view) co_return propagate(view);
    auto given = read_credential_form(call, view->refused, view->expires);
    if (!given) co_return propagate(given);
    if (given->content.empty() && !given->credential.client_secret && view->refused.empty())
        view->refused.push_back({Errc::invalid_field, "a credential is required", {{"field", "client_secret"}}});
    if (!view->refused.empty()) co_return credential_page(call, *view);
    auto stored = given->content.empty() ? co_await services.registrations.add_credential(by_of(call), view->app.name, std::move(given->credential), {})
                                         : co_await put_file(services, by_of(call), view->app, std::move(*given));
    if (!stored && !stored.error().get("field").empty()) {
        view->refused.push_back(std::move(stored.error()));
        co_return credential_page(call, *view);
    }
    if (!stored) co_return propagate(stored);
    const auto& connection = view->row.connection;
    if (connection.mode != core::ConnectionMode::client_credentials || connection.state == core::ConnectionState::paused)
        co_return see_other("/connections/" + connection.name.text());
    auto connected = co_await services.connections.connect(by_of(call), connection.name);
    if (!connected) co_return co_await connection_page_with(services, std::move(call), connection.name, std::move(connected.error()));
    co_return see_other("/connections/" + connection.name.text() + "?done=connected");
}

constexpr auto may_write_apps = Requires::person_with(Action::registrations_write);
constexpr std::uint64_t form_limit = 512 << 10;

constexpr Route credential_table[] = {
    {Method::get, "/connections/{name}/credential", may_write_apps, show, Takes::no_body, 0, Shows::page},
    {Method::post, "/connections/{name}/credential", may_write_apps, store, Takes::upload, form_limit, Shows::page},
};

}  // namespace

Routes connection_credential_routes() { return credential_table; }

}  // namespace renkei::api
