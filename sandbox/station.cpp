#include "sandbox/station.hpp"

namespace renkei::sandbox {

Station::Station(Parts parts)
    : world_(parts.clock, parts.random, parts.cloud),
      login_(world_, TokenSigner(parts.state.token_key(), parts.state.token_certificate())),
      graph_(make_graph(world_)),
      around_{world_, faults_, counters_, parts.log},
      vaults_(world_, around_),
      control_({world_,
                faults_,
                counters_,
                {&login_, graph_.get(), &vaults_.hashicorp(), &vaults_.key_vault(), &vaults_.endpoint()},
                graph_.get(),
                std::move(parts.describe)}),
      login_door_(login_, around_),
      graph_door_(*graph_, around_),
      login_server_({}, parts.loops, login_door_, parts.random, nullptr),
      graph_server_({}, parts.loops, graph_door_, parts.random, nullptr),
      vaults_server_({}, parts.loops, vaults_, parts.random, nullptr) {}

Result<CloudPorts> Station::listen(CloudPorts wanted, const http::TlsFiles& tls) {
    auto login = login_server_.listen({"127.0.0.1", wanted.login, tls});
    if (!login) return propagate(login);
    auto graph = graph_server_.listen({"127.0.0.1", wanted.graph, tls});
    if (!graph) return propagate(graph);
    return CloudPorts{*login, *graph};
}

Result<std::uint16_t> Station::listen_for_vaults(std::uint16_t wanted, const http::TlsFiles& tls) {
    auto port = vaults_server_.listen({"127.0.0.1", wanted, tls});
    vaults_listen_ = port.has_value();
    return port;
}

void Station::start() {
    login_server_.start();
    graph_server_.start();
    if (vaults_listen_) vaults_server_.start();
}

void Station::stop(std::chrono::milliseconds drain) {
    if (vaults_listen_) vaults_server_.stop(drain);
    graph_server_.stop(drain);
    login_server_.stop(drain);
}

std::uint64_t ControlDesk::body_limit(Method method, std::string_view path) { return stations_.front()->control().body_limit(method, path); }

ServerResponse ControlDesk::handle(ServerRequest request) {
    constexpr std::string_view prefix = "/clouds/";
    if (request.path.starts_with(prefix)) {
        const auto rest = std::string_view(request.path).substr(prefix.size());
        const auto slash = rest.find('/');
        for (auto& station : stations_) {
            if (slash == std::string_view::npos || station->cloud().key != rest.substr(0, slash)) continue;
            request.path = std::string(rest.substr(slash));
            return station->control().handle(std::move(request));
        }
        return vendor_error(404, request);
    }
    if (request.method == Method::post && request.path == "/reset")
        for (std::size_t i = 1; i < stations_.size(); ++i) stations_[i]->control().handle(make_request(Method::post, "/reset"));
    return stations_.front()->control().handle(std::move(request));
}

ServerResponse ControlDesk::vendor_error(int status, const ServerRequest& request) { return stations_.front()->control().vendor_error(status, request); }

}  // namespace renkei::sandbox
