#pragma once

#include "sandbox/service.hpp"

#include <map>
#include <string>

namespace renkei::sandbox {

/// A plain secret endpoint: GET /values/PATH gives a text, GET /json/PATH a JSON object. Nobody's API: as people write one behind a
/// web server, with a bearer token or a password. In the faults it is `secret_endpoint`.
class SecretEndpointService final : public Service {
public:
    SecretEndpointService() { reset(); }
    std::string_view name() const override { return "secret_endpoint"; }
    ServerResponse handle(ServerRequest request) override;
    ServerResponse vendor_error(int status, const ServerRequest& request) override;
    void reset() override;

    static constexpr const char* bearer = "sandbox-endpoint-token";
    static constexpr const char* user = "renkei";
    static constexpr const char* password = "Hako-0007";

private:
    struct Entry {
        std::string type, body;
    };
    std::map<std::string, Entry> entries_;  ///< by decoded path
};

}  // namespace renkei::sandbox
