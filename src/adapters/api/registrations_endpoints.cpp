#include "adapters/api/registrations_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/read_sources.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "app/registrations.hpp"
#include "base/reason.hpp"

#include <algorithm>
#include <iterator>

namespace renkei::api {
namespace {

using core::Action;

// A PFX of 100 KiB as Base64 text with line breaks.
constexpr std::size_t longest_pfx_text = oauth::most_certificate_bytes * 3 / 2;
constexpr std::uint64_t certificate_body_limit = longest_pfx_text + (32u << 10);

void read_certificate(BodyReader& body, app::NewCredential& credential) {
    auto file = body.optional_object("client_certificate");
    if (!file) return;
    auto& certificate = credential.client_certificate.emplace();
    auto pfx = file->optional_secret("pfx", longest_pfx_text);
    auto pem = file->optional_secret("pem", oauth::most_certificate_bytes);
    auto key = file->optional_secret("private_key", oauth::most_certificate_bytes);
    if (auto password = file->optional_secret("password", 1024)) certificate.password = std::move(*password);
    if (pfx.has_value() == (pem.has_value() || key.has_value())) file->refuse("pfx", "or `pem` is needed, and only one of them");
    if (pfx) certificate.pfx = std::move(*pfx);
    if (pem) certificate.pem = std::move(*pem);
    if (key) certificate.pem_key = std::move(*key);
    static_cast<void>(file->done());
}

app::NewCredential read_credential(BodyReader& body, std::string_view expiry) {
    app::NewCredential credential;
    credential.client_secret = body.optional_secret("client_secret", 4096);
    credential.private_key = body.optional_secret("private_key", 16'384);
    read_certificate(body, credential);
    if (const auto from = body.optional_text("credential_from", {.max = 1200})) {
        auto source = body.accept("credential_from", core::parse_value_source(*from, "credential_from"));
        if (source && !source->is_reference()) body.refuse("credential_from", "must be a reference: credential:, vault:, file:, env: or variable:");
        if (credential.client_secret || credential.private_key || credential.client_certificate)
            body.refuse("credential_from", "takes the place of a secret that is typed in: give one of them");
        if (source && source->is_reference()) credential.from = *std::move(source);
    }
    credential.key_id = body.optional_text("key_id", {.max = 256}).value_or("");
    credential.expires_at = body.optional_time(expiry);
    return credential;
}

// Kinds of proof that come from outside at every use: only where the operator's configuration maps a source, and none is mapped yet.
constexpr std::string_view mapped_kinds[] = {"federated_credential", "managed_identity"};

// The word of such a kind, or empty; another one goes into `wanted`.
std::string read_method(BodyReader& body, app::CreateRegistration& wanted) {
    std::string from_elsewhere;
    const auto parse = [&](std::string_view word) -> std::optional<core::ClientAuthMethod> {
        if (std::ranges::find(mapped_kinds, word) == std::end(mapped_kinds)) return core::parse_client_auth_method(word);
        from_elsewhere = word;
        return core::ClientAuthMethod::none;
    };
    wanted.auth_method = body.optional_choice(
        "auth_method", parse, "client_secret_basic, client_secret_post, private_key_jwt, none, client_certificate, federated_credential, managed_identity");
    return from_elsewhere;
}

Result<app::CreateRegistration> read_registration(Call& call) {
    auto body = call.read_body();
    app::CreateRegistration wanted;
    if (auto name = body.accept("name", core::Name::parse(body.text("name", {.max = 63, .min = 0})))) wanted.name = std::move(*name);
    wanted.connector = body.text("connector", {.max = 100});
    wanted.cloud = body.optional_text("cloud", {.max = 100}).value_or("");
    wanted.tenant = body.optional_text("tenant", {.max = 253}).value_or("");
    wanted.client_id = body.has("client_id_from") ? body.optional_text("client_id", {.max = 0, .min = 0}).value_or("") : body.text("client_id", {.max = 512});
    read_sources(body, wanted.sources, {"client_id", "tenant"});
    const auto from_elsewhere = read_method(body, wanted);
    wanted.assertion_algorithm = body.optional_choice("assertion_algorithm", core::parse_assertion_algorithm, "PS256, RS256");
    wanted.credential = read_credential(body, "credential_expires_at");
    wanted.issuer = body.optional_text("issuer", {.max = 2048}).value_or("");
    wanted.authorization_endpoint = body.optional_text("authorization_endpoint", {.max = 2048}).value_or("");
    wanted.token_endpoint = body.optional_text("token_endpoint", {.max = 2048}).value_or("");
    if (auto done = body.done(); !done) return propagate(done);
    if (!from_elsewhere.empty()) return refuse_field("auth_method", Reason::source_not_mapped, from_elsewhere, Errc::needs_operator);
    return wanted;
}

app::ServerResponse shown_answer(Services& services, const core::ClientRegistration& row, int status) {
    return with_etag(json_answer(shown_registration(row, services.connect_flow.redirect_uri(row.connector)), status), row.version);
}

Task<Result<app::ServerResponse>> list_registrations(Services& services, Call call) {
    const auto workspace = call.caller.workspace;
    auto query = call.read_query();
    auto page = read_page(query, services.vault, workspace, "registrations");
    if (!page) co_return propagate(page);
    auto found = co_await services.registrations.list(asked_by(call), std::move(*page));
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& row : found->items) items.push_back(shown_registration(row, services.connect_flow.redirect_uri(row.connector)));
    co_return json_answer(page_body(std::move(items), found->next, services.vault, workspace, "registrations"));
}

Task<Result<app::ServerResponse>> create_registration(Services& services, Call call) {
    auto wanted = read_registration(call);
    if (!wanted) co_return propagate(wanted);
    auto made = co_await services.registrations.create(asked_by(call), std::move(*wanted));
    if (!made) co_return propagate(made);
    auto answer = shown_answer(services, *made, 201);
    answer.headers.set("Location", "/v1/registrations/" + made->name.text());
    co_return answer;
}

Task<Result<app::ServerResponse>> show_registration(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto row = co_await services.registrations.show(asked_by(call), std::move(*name));
    if (!row) co_return propagate(row);
    co_return shown_answer(services, *row, 200);
}

Task<Result<app::ServerResponse>> add_credential(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto body = call.read_body();
    auto credential = read_credential(body, "expires_at");
    if (auto done = body.done(); !done) co_return propagate(done);
    auto row = co_await services.registrations.add_credential(asked_by(call), std::move(*name), std::move(credential), *expected);
    if (!row) co_return propagate(row);
    co_return shown_answer(services, *row, 201);
}

Task<Result<app::ServerResponse>> resolve_tenant(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto body = call.read_body();
    auto address = body.text("address", {.max = 320});
    if (auto done = body.done(); !done) co_return propagate(done);
    auto row = co_await services.registrations.resolve_tenant(asked_by(call), services.tenants, std::move(*name), std::move(address), *expected);
    if (!row) co_return propagate(row);
    co_return shown_answer(services, *row, 200);
}

Task<Result<app::ServerResponse>> remove_registration(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto removed = co_await services.registrations.remove(asked_by(call), std::move(*name), *expected);
    if (!removed) co_return propagate(removed);
    co_return no_content();
}

constexpr Route registrations_table[] = {
    {Method::get, "/v1/registrations", Requires::right(Action::registrations_read), list_registrations},
    {Method::post, "/v1/registrations", Requires::right(Action::registrations_write), create_registration, Takes::json, certificate_body_limit},
    {Method::get, "/v1/registrations/{name}", Requires::right(Action::registrations_read), show_registration},
    {Method::delete_, "/v1/registrations/{name}", Requires::right(Action::registrations_write), remove_registration},
    {Method::post, "/v1/registrations/{name}/credentials", Requires::right(Action::registrations_write), add_credential, Takes::json, certificate_body_limit},
    {Method::post, "/v1/registrations/{name}/resolve-tenant", Requires::right(Action::registrations_write), resolve_tenant, Takes::json},
};

}  // namespace

Routes registrations_routes() { return registrations_table; }

}  // namespace renkei::api
