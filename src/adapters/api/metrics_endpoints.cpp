#include "adapters/api/metrics_endpoints.hpp"

#include "adapters/api/call.hpp"
#include "adapters/api/metrics_sink.hpp"
#include "adapters/api/services.hpp"

namespace renkei::api {
namespace {

Task<Result<app::ServerResponse>> get_metrics(Services& services, Call) {
    app::ServerResponse answer;
    answer.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    answer.body = services.metrics.text();
    co_return answer;
}

constexpr Route metrics_table[] = {
    {Method::get, "/metrics", Requires::nothing, get_metrics},
};

}  // namespace

Routes metrics_routes() { return metrics_table; }

}  // namespace renkei::api
