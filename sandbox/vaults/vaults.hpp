#pragma once

#include "sandbox/mounted.hpp"
#include "sandbox/vaults/hashicorp.hpp"
#include "sandbox/vaults/key_vault.hpp"
#include "sandbox/vaults/secret_endpoint.hpp"

#include <string>

namespace renkei::sandbox {

/// The stand-ins of external vaults behind one port: /v1/ is HashiCorp's, /secrets/ Azure's, everything else the plain endpoint.
class Vaults final : public app::HttpHandler {
public:
    Vaults(World& world, Surroundings around)
        : hashicorp_(world), key_vault_(world), hashicorp_door_(hashicorp_, around), key_vault_door_(key_vault_, around), endpoint_door_(endpoint_, around) {}

    std::uint64_t body_limit(Method, std::string_view) override { return 1u << 20; }
    Task<ServerResponse> handle(ServerRequest request) override { return door(request.path).handle(std::move(request)); }
    ServerResponse refuse(int status, std::string_view detail, std::string_view request_id) override {
        return endpoint_door_.refuse(status, detail, request_id);
    }

    HashicorpService& hashicorp() { return hashicorp_; }
    KeyVaultService& key_vault() { return key_vault_; }
    SecretEndpointService& endpoint() { return endpoint_; }

private:
    Mounted& door(std::string_view path) {
        return path.starts_with("/v1/") ? hashicorp_door_ : path.starts_with("/secrets/") ? key_vault_door_ : endpoint_door_;
    }

    HashicorpService hashicorp_;
    KeyVaultService key_vault_;
    SecretEndpointService endpoint_;
    Mounted hashicorp_door_, key_vault_door_, endpoint_door_;
};

/// What `describe --json` says of them, as JSON text; `address`: scheme, host and port.
std::string describe_vaults(const std::string& address, World& world);

}  // namespace renkei::sandbox
