#include "adapters/api/api.hpp"
#include "adapters/api/health_endpoints.hpp"

namespace renkei::api {

std::vector<Routes> all_routes() {
    return {
        health_routes(),
    };
}

}  // namespace renkei::api
