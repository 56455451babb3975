#pragma once

#include "adapters/http/client_proxy.hpp"
#include "adapters/http/egress.hpp"
#include "app/ports/http_client.hpp"
#include "base/bearer_hosts.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace renkei::http {

/// Turns a name into all of its addresses.
class Resolver {
public:
    virtual ~Resolver() = default;
    virtual Task<Result<std::vector<Address>>> resolve(std::string host, std::chrono::milliseconds deadline) = 0;
};
/// The machine's name lookup, off the event loop.
std::unique_ptr<Resolver> make_system_resolver();

/// What happens to names of requests that go through a proxy.
enum class ProxiedNames {
    resolve_and_check,  ///< Renkei looks them up itself and refuses what the policy refuses
    trust_the_proxy,    ///< for networks in which only the proxy can look up names: the proxy's own rules count
};

struct EgressSettings {
    EgressPolicy policy{};
    std::shared_ptr<const ProxyRules> proxies = std::make_shared<ProxyRules>();  ///< shared with the transport
    ProxiedNames proxied_names = ProxiedNames::resolve_and_check;
    PlainHttp plain_http = PlainHttp::refuse;  ///< for requests that carry a credential
};

/// Refuses before anything is sent: addresses of special use without an allowance, and credentials over plain HTTP. Direct
/// connections are checked once more by the transport, on the address that is really connected to. For a request through
/// a proxy the check is on our own lookup and the request carries the name: a proxy that resolves the name differently a
/// moment later (DNS rebinding) is not noticed here, so the proxy needs rules of its own for internal addresses.
std::unique_ptr<app::HttpClient> with_egress_policy(std::unique_ptr<app::HttpClient> inner, EgressSettings settings, std::unique_ptr<Resolver> resolver);

}  // namespace renkei::http
