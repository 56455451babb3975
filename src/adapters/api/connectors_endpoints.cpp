#include "adapters/api/connectors_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"

namespace renkei::api {
namespace {

json::object shown_connector(const app::Manifest& manifest, std::string redirect_uri) {
    json::array clouds;
    for (const auto& cloud : manifest.clouds) clouds.push_back(json::object{{"key", cloud.key}, {"title_en", cloud.title_en}, {"title_ja", cloud.title_ja}});
    return {{"key", manifest.key},
            {"name_en", manifest.name_en},
            {"name_ja", manifest.name_ja},
            {"category", manifest.category},
            {"modes", shown_list(manifest.modes)},
            {"client_auth", shown_list(manifest.client_auth)},
            {"clouds", std::move(clouds)},
            {"default_scopes", shown_list(manifest.default_scopes)},
            {"account_required", manifest.account_required},
            {"redirect_uri", std::move(redirect_uri)},
            {"docs_url", manifest.docs_url}};
}

Task<Result<app::ServerResponse>> list_connectors(Services& services, Call call) {
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);
    json::array items;
    for (const auto* manifest : services.catalog.all()) items.push_back(shown_connector(*manifest, services.connect_flow.redirect_uri(manifest->key)));
    co_return json_answer({{"items", std::move(items)}, {"next_cursor", nullptr}});
}

Task<Result<app::ServerResponse>> show_connector(Services& services, Call call) {
    const auto* manifest = services.catalog.find(call.parameter("key"));
    if (manifest == nullptr) co_return fail(Errc::not_found, "there is no connector of this name");
    co_return json_answer(shown_connector(*manifest, services.connect_flow.redirect_uri(manifest->key)));
}

json::array shown_choices(const std::vector<app::ActionScopes>& rows) {
    json::array list;
    for (const auto& row : rows) list.emplace_back(row.action);
    return list;
}

std::optional<app::PermissionKind> parse_permissions(std::string_view text) {
    if (text == "delegated") return app::PermissionKind::delegated;
    if (text == "application") return app::PermissionKind::application;
    return std::nullopt;
}

Task<Result<app::ServerResponse>> least_scopes(Services& services, Call call) {
    const auto* manifest = services.catalog.find(call.parameter("key"));
    if (manifest == nullptr) co_return fail(Errc::not_found, "there is no connector of this name");
    auto body = call.read_body();
    const auto actions = body.text_list("actions", 50, {.max = 64}), triggers = body.text_list("triggers", 50, {.max = 64});
    const auto permissions = body.optional_choice("permissions", parse_permissions, "delegated, application").value_or(app::PermissionKind::delegated);
    const auto cloud_key = body.optional_text("cloud", {.max = 100}).value_or("");
    if (auto done = body.done(); !done) co_return propagate(done);
    const auto* cloud = services.catalog.find_cloud(manifest->key, cloud_key);
    if (cloud == nullptr && !cloud_key.empty()) co_return bad_field("cloud", "the connector has no such cloud");
    auto least = app::least_scopes(*manifest, actions, triggers, permissions);
    if (!least) co_return propagate(least);
    json::array full;
    for (const auto& scope : least->scopes) full.emplace_back(cloud == nullptr ? scope : app::full_scope(*cloud, scope));
    co_return json_answer({{"scopes", shown_list(least->scopes)},
                           {"full_scopes", std::move(full)},
                           {"any_of", shown_list(least->any_of)},
                           {"known_actions", shown_choices(manifest->action_scopes)},
                           {"known_triggers", shown_choices(manifest->trigger_scopes)}});
}

constexpr Route connectors_table[] = {
    {Method::post, "/v1/connectors/{key}/scopes", Requires::signed_in, least_scopes, Takes::json},
    {Method::get, "/v1/connectors", Requires::signed_in, list_connectors},
    {Method::get, "/v1/connectors/{key}", Requires::signed_in, show_connector},
};

}  // namespace

Routes connectors_routes() { return connectors_table; }

}  // namespace renkei::api
