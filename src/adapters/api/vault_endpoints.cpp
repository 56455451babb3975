#include "adapters/api/vault_endpoints.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/services.hpp"
#include "adapters/api/show.hpp"
#include "app/vault_rotation.hpp"

namespace renkei::api {
namespace {

using core::Action;

Task<Result<app::ServerResponse>> show_vault(Services& services, Call call) {
    auto query = call.read_query();
    if (auto done = query.done(); !done) co_return propagate(done);
    auto shown = co_await services.vault_rotation.show(asked_by(call));
    if (!shown) co_return propagate(shown);
    co_return json_answer({{"master_key_source", shown->state.source},
                           {"master_key_id", shown->state.master_key_id},
                           {"can_replace_master_key", shown->state.can_replace_master},
                           {"workspaces", shown->state.workspaces},
                           {"data_keys", shown->state.data_keys},
                           {"sealed_with_older_keys", shown->behind},
                           {"running_operation", shown->running ? json::value(shown->running->text()) : json::value(nullptr)}});
}

Task<Result<app::ServerResponse>> rotate_vault(Services& services, Call call) {
    auto body = call.read_body();
    const app::VaultRotation::Wish wish{body.optional_boolean("master_key").value_or(false), body.optional_boolean("data_keys").value_or(false)};
    if (!wish.master && !wish.data_keys) body.refuse("data_keys", "or `master_key` must be true: nothing is rotated unless it is named");
    if (auto done = body.done(); !done) co_return propagate(done);
    auto operation = co_await services.vault_rotation.start(asked_by(call), wish);
    if (!operation) co_return propagate(operation);
    co_return accepted_answer(shown_operation(*operation), "/v1/operations/" + operation->id.text());
}

constexpr Route vault_table[] = {
    {Method::get, "/v1/vault", Requires::right(Action::vault_read), show_vault},
    {Method::post, "/v1/vault/rotate", Requires::right(Action::vault_rotate), rotate_vault, Takes::json},
};

}  // namespace

Routes vault_routes() { return vault_table; }

}  // namespace renkei::api
