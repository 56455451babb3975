#pragma once

#include "sandbox/exchange_log.hpp"
#include "sandbox/faults.hpp"
#include "sandbox/service.hpp"
#include "sandbox/world.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace renkei::sandbox {

/// Requests by service, then by "METHOD /path/pattern", then by status.
struct Counters {
    std::map<std::string, std::map<std::string, std::map<int, std::uint64_t>>> requests;
};

/// What is put around every service.
struct Surroundings {
    World& world;
    Faults& faults;
    Counters& counters;
    ExchangeLog* log = nullptr;
};

/// A service as the HTTP server sees it: faults come first, then the service; both are counted and logged. Browsers' scripts may
/// call it from anywhere (CORS).
class Mounted final : public app::HttpHandler {
public:
    Mounted(Service& service, Surroundings around) : service_(service), around_(around) {}
    std::uint64_t body_limit(Method method, std::string_view path) override { return service_.body_limit(method, path); }
    Task<ServerResponse> handle(ServerRequest request) override;
    ServerResponse refuse(int status, std::string_view detail, std::string_view request_id) override;

private:
    Task<ServerResponse> answer_with_fault(Fault fault, ServerRequest request);
    ServerResponse vendor_error(const Fault& fault, const ServerRequest& request);
    void count(const LoggedRequest& request, const ServerResponse& response);

    Service& service_;
    Surroundings around_;
};

}  // namespace renkei::sandbox
