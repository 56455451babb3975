#pragma once

#include "adapters/http/server.hpp"
#include "sandbox/control/control.hpp"
#include "sandbox/describe.hpp"
#include "sandbox/graph/graph.hpp"
#include "sandbox/login/login.hpp"
#include "sandbox/mounted.hpp"
#include "sandbox/vaults/vaults.hpp"

#include <functional>
#include <memory>
#include <string>

namespace renkei::sandbox {

/// One cloud with all that belongs to it: its world, its faults and counters, its identity platform and its Graph on ports of
/// their own. The clouds share nothing but the clock.
class Station {
public:
    struct Parts {
        const Cloud& cloud;
        WorldClock& clock;
        Random& random;
        app::EventLoops& loops;
        const StateFolder& state;
        ExchangeLog* log = nullptr;
        std::function<std::string()> describe;
    };
    explicit Station(Parts parts);

    const Cloud& cloud() const { return world_.cloud(); }
    World& world() { return world_; }
    MailService& graph() { return *graph_; }
    /// Its part of the control endpoint.
    ControlService& control() { return control_; }

    /// Listens; a port of 0 becomes a free one.
    Result<CloudPorts> listen(CloudPorts wanted, const http::TlsFiles& tls);
    /// The external vaults listen too; only the commercial cloud's do.
    Result<std::uint16_t> listen_for_vaults(std::uint16_t wanted, const http::TlsFiles& tls);
    void start();
    void stop(std::chrono::milliseconds drain);

private:
    World world_;
    Faults faults_;
    Counters counters_;
    LoginService login_;
    std::unique_ptr<MailService> graph_;
    Surroundings around_;
    Vaults vaults_;
    ControlService control_;
    Mounted login_door_, graph_door_;
    http::Server login_server_, graph_server_, vaults_server_;
    bool vaults_listen_ = false;
};

/// The control endpoint of all clouds: `/clouds/{key}/…` is that cloud's, everything else the first one's; only a reset is for all.
class ControlDesk final : public Service {
public:
    explicit ControlDesk(std::vector<std::unique_ptr<Station>>& stations) : stations_(stations) {}
    std::string_view name() const override { return "control"; }
    std::uint64_t body_limit(Method method, std::string_view path) override;
    ServerResponse handle(ServerRequest request) override;
    ServerResponse vendor_error(int status, const ServerRequest& request) override;

private:
    std::vector<std::unique_ptr<Station>>& stations_;
};

}  // namespace renkei::sandbox
