#include "adapters/api/api.hpp"
#include "adapters/api/health_endpoints.hpp"
#include "adapters/api/mail_endpoints.hpp"

namespace renkei::api {

std::vector<Routes> all_routes() {
    return {
        health_routes(),
        mail_routes(),
    };
}

}  // namespace renkei::api
