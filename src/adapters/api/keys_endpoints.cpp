#include "adapters/api/keys_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/read_right.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "adapters/api/show_secret.hpp"
#include "app/keys.hpp"

namespace renkei::api {
namespace {

using core::Action;

Result<app::CreateKey> read_key(Call& call) {
    auto body = call.read_body();
    app::CreateKey wanted;
    if (auto name = body.accept("name", core::Name::parse(body.text("name", {.max = 63, .min = 0})))) wanted.name = std::move(*name);
    for (auto& right : body.object_list("rights", 32)) wanted.rights.push_back(read_right(right));
    if (wanted.rights.empty()) body.refuse("rights", "must hold at least one right");
    wanted.expires_at = body.optional_time("expires_at");
    for (const auto& range : body.text_list("allowed_ranges", 100, {.max = 64}))
        if (auto parsed = body.accept("allowed_ranges", core::AddressRange::parse(range))) wanted.allowed_ranges.push_back(*parsed);
    if (auto done = body.done(); !done) return propagate(done);
    return wanted;
}

Task<Result<app::ServerResponse>> list_keys(Services& services, Call call) {
    const auto workspace = call.caller.workspace;
    auto query = call.read_query();
    auto page = read_page(query, services.vault, workspace, "keys");
    if (!page) co_return propagate(page);
    auto found = co_await services.keys.list(asked_by(call), std::move(*page));
    if (!found) co_return propagate(found);
    json::array items;
    for (const auto& key : found->items) items.push_back(shown_key(key, services.clock.now()));
    co_return json_answer(page_body(std::move(items), found->next, services.vault, workspace, "keys"));
}

Task<Result<app::ServerResponse>> create_key(Services& services, Call call) {
    auto wanted = read_key(call);
    if (!wanted) co_return propagate(wanted);
    auto made = co_await services.keys.create(asked_by(call), std::move(*wanted));
    if (!made) co_return propagate(made);
    auto answer = created_answer(shown_new_key(*made, services.clock.now()), "/v1/keys/" + made->key.name.text());
    co_return secret_answer(with_etag(std::move(answer), made->key.version));
}

Task<Result<app::ServerResponse>> show_key(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto key = co_await services.keys.show(asked_by(call), std::move(*name));
    if (!key) co_return propagate(key);
    co_return with_etag(json_answer(shown_key(*key, services.clock.now())), key->version);
}

Task<Result<app::ServerResponse>> revoke_key(Services& services, Call call) {
    auto name = path_name(call);
    if (!name) co_return propagate(name);
    auto expected = read_if_match(call);
    if (!expected) co_return propagate(expected);
    auto revoked = co_await services.keys.revoke(asked_by(call), std::move(*name), *expected);
    if (!revoked) co_return propagate(revoked);
    co_return no_content();
}

constexpr Route keys_table[] = {
    {Method::get, "/v1/keys", Requires::right(Action::keys_read), list_keys},
    {Method::post, "/v1/keys", Requires::right(Action::keys_write), create_key, Takes::json},
    {Method::get, "/v1/keys/{name}", Requires::right(Action::keys_read), show_key},
    {Method::delete_, "/v1/keys/{name}", Requires::right(Action::keys_write), revoke_key},
};

}  // namespace

Routes keys_routes() { return keys_table; }

}  // namespace renkei::api
