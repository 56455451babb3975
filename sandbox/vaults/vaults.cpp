#include "sandbox/vaults/vaults.hpp"

#include "base/json.hpp"

namespace renkei::sandbox {

std::string describe_vaults(const std::string& address, World& world) {
    const auto* app = world.find_app(KeyVaultService::allowed_app);
    json::object hashicorp{{"address", address},
                           {"mount", "secret"},
                           {"root_token", HashicorpService::root_token},
                           {"token", HashicorpService::reader_token},
                           {"role_id", HashicorpService::role_id},
                           {"secret_id", HashicorpService::secret_id},
                           {"unseal_key", HashicorpService::unseal_key},
                           {"secrets", json::array{"renkei/web#client_secret", "renkei/daemon", "renkei/daemon@1"}}};
    json::object azure{{"address", address}, {"secrets", json::array{"web#client_secret", "daemon", "client-certificate"}}};
    if (app != nullptr) {
        azure["client_id"] = app->id;
        azure["tenant"] = app->tenant;
        if (!app->secrets.empty()) azure["client_secret"] = app->secrets.front().value;
    }
    json::object endpoint{{"address", address + "/values/{path}"},       {"json_address", address + "/json/{path}"},
                          {"token", SecretEndpointService::bearer},      {"user", SecretEndpointService::user},
                          {"password", SecretEndpointService::password}, {"secrets", json::array{"renkei/daemon", "renkei/web#client_secret"}}};
    return json::serialize(json::object{{"hashicorp", std::move(hashicorp)}, {"azure_key_vault", std::move(azure)}, {"https", std::move(endpoint)}});
}

}  // namespace renkei::sandbox
