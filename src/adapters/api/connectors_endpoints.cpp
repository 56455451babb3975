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

constexpr Route connectors_table[] = {
    {Method::get, "/v1/connectors", Requires::signed_in, list_connectors},
    {Method::get, "/v1/connectors/{key}", Requires::signed_in, show_connector},
};

}  // namespace

Routes connectors_routes() { return connectors_table; }

}  // namespace renkei::api
