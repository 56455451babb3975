#include "adapters/api/external_vaults_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "app/external_vaults.hpp"

namespace renkei::api {
namespace {

using core::Action;

constexpr std::string_view kind_words = "hashicorp, azure_key_vault, https";
constexpr std::string_view auth_words = "token, app_role, client_credentials, basic";
constexpr std::size_t longest_address = 2048, longest_text = 512, longest_secret = 16'384;

json::object shown_external_vault(const core::ExternalVault& row) {
    return {{"name", row.name.text()},
            {"id", row.id.text()},
            {"kind", json::view(core::text_of(row.kind))},
            {"auth", json::view(core::text_of(row.auth))},
            {"address", row.address},
            {"mount", row.mount},
            {"namespace", row.vault_space},
            {"tenant", row.tenant},
            {"cloud", row.cloud},
            {"auth_id", row.auth_id},
            {"cache_seconds", row.cache_time.count()},
            {"state", row.state_slug.empty() ? json::value(row.checked_at ? "works" : "unknown") : json::value(row.state_slug)},
            {"checked_at", row.checked_at ? json::value(shown_time(*row.checked_at)) : json::value(nullptr)},
            {"created_at", shown_time(row.created_at)},
            {"version", row.version}};
}

app::ServerResponse shown_answer(const core::ExternalVault& row, int status = 200) {
    return with_etag(json_answer(shown_external_vault(row), status), row.version);
}

std::optional<std::chrono::seconds> read_cache_time(BodyReader& body) {
    const auto seconds = body.optional_integer("cache_seconds", 0, 86'400);
    return seconds ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt;
}

Result<app::CreateExternalVault> read_external_vault(Call& call) {
    auto body = call.read_body();
    app::CreateExternalVault wanted;
    if (auto name = body.accept("name", core::Name::parse(body.text("name", {.max = 63, .min = 0})))) wanted.name = std::move(*name);
    if (!body.has("kind")) body.refuse("kind", "is required");
    if (!body.has("auth")) body.refuse("auth", "is required");
    wanted.kind = body.optional_choice("kind", core::parse_external_vault_kind, kind_words).value_or(wanted.kind);
    wanted.auth = body.optional_choice("auth", core::parse_external_vault_auth, auth_words).value_or(wanted.auth);
    wanted.address = body.text("address", {.max = longest_address});
    wanted.mount = body.optional_text("mount", {.max = longest_text}).value_or("");
    wanted.vault_space = body.optional_text("namespace", {.max = longest_text}).value_or("");
    wanted.tenant = body.optional_text("tenant", {.max = 253}).value_or("");
    wanted.cloud = body.optional_text("cloud", {.max = 100}).value_or("");
    wanted.auth_id = body.optional_text("auth_id", {.max = longest_text}).value_or("");
    wanted.auth_secret = body.secret("auth_secret", longest_secret);
    wanted.cache_time = read_cache_time(body);
    if (auto done = body.done(); !done) return propagate(done);
    return wanted;
}

Result<app::ChangeExternalVault> read_change(Call& call) {
    auto body = call.read_body();
    app::ChangeExternalVault change;
    change.auth = body.optional_choice("auth", core::parse_external_vault_auth, auth_words);
    change.address = body.optional_text("address", {.max = longest_address});
    change.mount = body.optional_text("mount", {.max = longest_text});
    change.vault_space = body.optional_text("namespace", {.max = longest_text, .min = 0});
    change.tenant = body.optional_text("tenant", {.max = 253});
    change.cloud = body.optional_text("cloud", {.max = 100});
    change.auth_id = body.optional_text("auth_id", {.max = longest_text, .min = 0});
    change.auth_secret = body.optional_secret("auth_secret", longest_secret);
    change.cache_time = read_cache_time(body);
    if (auto done = body.done(); !done) return propagate(done);
    return change;
}

Task<Result<app::ServerResponse>> list_external_vaults(Services& services, Call call) {
    const auto workspace = call.caller.workspace;
    auto query = call.read_query();
    auto page = read_page(query, services.vault, workspace, "external-vaults");
    if (!page) co_return propagate(page);
    auto found = co_await services.external_vaults.list(asked_by(call), std::move(*page));
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& row : found->items) items.push_back(shown_external_vault(row));
    co_return json_answer(page_body(std::move(items), found->next, services.vault, workspace, "external-vaults"));
}

Task<Result<app::ServerResponse>> create_external_vault(Services& services, Call call) {
    auto wanted = read_external_vault(call);
    if (!wanted) co_return propagate(wanted);
    auto made = co_await services.external_vaults.create(asked_by(call), std::move(*wanted));
    if (!made) co_return propagate(made);
    auto answer = shown_answer(*made, 201);
    answer.headers.set("Location", "/v1/external-vaults/" + made->name.text());
    co_return answer;
}

Task<Result<app::ServerResponse>> show_external_vault(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto row = co_await services.external_vaults.show(asked_by(call), std::move(*name));
    if (!row) co_return propagate(row);
    co_return shown_answer(*row);
}

Task<Result<app::ServerResponse>> change_external_vault(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto change = read_change(call);
    if (!change) co_return propagate(change);
    auto row = co_await services.external_vaults.update(asked_by(call), std::move(*name), std::move(*change), *expected);
    if (!row) co_return propagate(row);
    co_return shown_answer(*row);
}

Task<Result<app::ServerResponse>> remove_external_vault(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto removed = co_await services.external_vaults.remove(asked_by(call), std::move(*name), *expected);
    if (!removed) co_return propagate(removed);
    co_return no_content();
}

// Says that it works, or why not; never the value.
Task<Result<app::ServerResponse>> check_external_vault(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto body = call.read_body();
    core::ExternalSecretAddress address;
    address.path = body.text("path", {.max = 1024});
    address.field = body.optional_text("field", {.max = 256}).value_or("");
    address.version = body.optional_text("version", {.max = 64}).value_or("");
    if (auto done = body.done(); !done) co_return propagate(done);
    auto row = co_await services.external_vaults.check(asked_by(call), std::move(*name), std::move(address));
    if (!row) co_return propagate(row);
    co_return shown_answer(*row);
}

constexpr Route external_vaults_table[] = {
    {Method::get, "/v1/external-vaults", Requires::right(Action::values_read), list_external_vaults},
    {Method::post, "/v1/external-vaults", Requires::right(Action::values_write), create_external_vault, Takes::json},
    {Method::get, "/v1/external-vaults/{name}", Requires::right(Action::values_read), show_external_vault},
    {Method::patch, "/v1/external-vaults/{name}", Requires::right(Action::values_write), change_external_vault, Takes::json},
    {Method::delete_, "/v1/external-vaults/{name}", Requires::right(Action::values_write), remove_external_vault},
    {Method::post, "/v1/external-vaults/{name}/check", Requires::right(Action::values_write), check_external_vault, Takes::json},
};

}  // namespace

Routes external_vaults_routes() { return external_vaults_table; }

}  // namespace renkei::api
