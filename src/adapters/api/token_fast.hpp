#pragma once

#include "adapters/api/api.hpp"
#include "app/ports/vault.hpp"
#include "app/token_release.hpp"

namespace renkei::api {

/// `GET /v1/connections/{name}/token` without suspending, when the decision and the token are in memory. Whatever it is
/// not sure of, it leaves to the endpoint.
class TokenFast final : public FastPath {
public:
    TokenFast(app::TokenReleases& releases, const app::Vault& vault) : releases_(releases), vault_(vault) {}
    bool try_fast(const app::FastRequest& request, app::FastAnswer& answer) override;

private:
    app::TokenReleases& releases_;
    const app::Vault& vault_;
};

}  // namespace renkei::api
