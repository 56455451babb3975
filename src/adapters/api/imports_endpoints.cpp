#include "adapters/api/imports_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "app/imports.hpp"
#include "base/encoding.hpp"

namespace renkei::api {
namespace {

using core::Action;

// The file is Base64 text inside JSON: four letters for three bytes.
constexpr std::size_t longest_content = (app::most_import_bytes + 2) / 3 * 4;
constexpr std::uint64_t import_body_limit = longest_content + (8u << 10);

// Base64 that must not stay behind: it holds a secret.
Secret read_content(BodyReader& body) {
    const auto text = body.secret("content", longest_content);
    if (text.empty()) return {};
    auto bytes = decode_base64(text.expose());
    if (!bytes || bytes->empty())
        return body.refuse("content", "must be the file's bytes as Base64, for example of: base64 -w0 authOfficeCalendar.json"), Secret();
    return Secret::take(std::move(*bytes));
}

json::object shown_import(const app::RecognisedImport& import) {
    json::object shown{{"import", import.handle},
                       {"kind", json::view(app::text_of(import.kind))},
                       {"connector", import.connector},
                       {"cloud", import.cloud},
                       {"tenant", import.tenant},
                       {"client_id", import.client_id},
                       {"credential", import.certificate ? "certificate" : "secret"},
                       {"suggested_name", import.suggested_name},
                       {"needs", shown_list(import.needs)},
                       {"expires_at", shown_time(import.expires_at)}};
    if (!import.certificate) return shown;
    const auto& facts = *import.certificate;
    shown["certificate"] = shown_certificate({facts.thumbprint_sha1, facts.thumbprint_sha256, facts.subject, facts.serial, facts.not_before});
    shown["certificate_expires_at"] = shown_time(facts.not_after);
    return shown;
}

Task<Result<app::ServerResponse>> recognise_import(Services& services, Call call) {
    auto body = call.read_body();
    auto content = read_content(body);
    auto password = body.optional_secret("password", 1024).value_or(Secret());
    if (auto done = body.done(); !done) co_return propagate(done);
    auto import = co_await services.imports.recognise(asked_by(call), std::move(content), std::move(password));
    if (!import) co_return propagate(import);
    co_return json_answer(shown_import(*import), 201);
}

Result<app::RegisterImport> read_register(Call& call) {
    auto body = call.read_body();
    app::RegisterImport wanted;
    wanted.handle = call.parameter("import");
    if (body.has("name")) wanted.name = body.accept("name", core::Name::parse(body.text("name", {.max = 63, .min = 0})));
    if (body.has("registration")) wanted.registration = body.accept("registration", core::Name::parse(body.text("registration", {.max = 63, .min = 0})));
    wanted.connector = body.optional_text("connector", {.max = 100}).value_or("");
    wanted.cloud = body.optional_text("cloud", {.max = 100}).value_or("");
    wanted.tenant = body.optional_text("tenant", {.max = 253}).value_or("");
    wanted.client_id = body.optional_text("client_id", {.max = 512}).value_or("");
    if (wanted.name.has_value() == wanted.registration.has_value())
        body.refuse("name", "for a new client registration or `registration` for an existing one is needed");
    if (auto done = body.done(); !done) return propagate(done);
    return wanted;
}

Task<Result<app::ServerResponse>> register_import(Services& services, Call call) {
    auto wanted = read_register(call);
    if (!wanted) co_return propagate(wanted);
    auto row = co_await services.imports.put(asked_by(call), std::move(*wanted));
    if (!row) co_return propagate(row);
    auto answer = with_etag(json_answer(shown_registration(*row, services.connect_flow.redirect_uri(row->connector)), 201), row->version);
    answer.headers.set("Location", "/v1/registrations/" + row->name.text());
    co_return answer;
}

constexpr Route imports_table[] = {
    {Method::post, "/v1/imports", Requires::right(Action::registrations_write), recognise_import, Takes::json, import_body_limit},
    {Method::post, "/v1/imports/{import}/register", Requires::right(Action::registrations_write), register_import, Takes::json},
};

}  // namespace

Routes imports_routes() { return imports_table; }

}  // namespace renkei::api
