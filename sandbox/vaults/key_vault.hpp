#pragma once

#include "sandbox/service.hpp"
#include "sandbox/world.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace renkei::sandbox {

/// An Azure Key Vault: its secrets, and a certificate's PFX behind one of them. Tokens come from the sandbox's identity platform.
/// Written from https://learn.microsoft.com/rest/api/keyvault/secrets; in the faults it is `key_vault`.
class KeyVaultService final : public Service {
public:
    explicit KeyVaultService(World& world) : world_(world) { reset(); }
    std::string_view name() const override { return "key_vault"; }
    ServerResponse handle(ServerRequest request) override;
    ServerResponse vendor_error(int status, const ServerRequest& request) override;
    void reset() override;

    /// Short names of the apps (see `describe`) that have the role Key Vault Secrets User; others get 403.
    static constexpr const char* allowed_app = "daemon";
    static constexpr const char* other_app = "noroles";

private:
    struct Version {
        std::string id, value, content_type{};
        bool enabled = true;
        std::optional<TimePoint> not_before{}, expires{};
    };
    std::optional<ServerResponse> refuse_caller(const ServerRequest& request);
    ServerResponse get(const ServerRequest& request, const std::string& name, const std::string& version);
    ServerResponse set(const ServerRequest& request, const std::string& name);
    ServerResponse shown(const ServerRequest& request, const std::string& name, const Version& version) const;
    static ServerResponse error(int status, std::string_view code, const std::string& message, std::string_view inner = {});

    World& world_;
    std::map<std::string, std::vector<Version>> secrets_;  ///< by name in lower case
};

}  // namespace renkei::sandbox
