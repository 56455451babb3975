#pragma once

#include "adapters/http/client_proxy.hpp"
#include "adapters/http/egress_client.hpp"
#include "adapters/http/retry.hpp"
#include "app/ports/http_client.hpp"
#include "base/bearer_hosts.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace renkei::http {

/// The operator's configuration of Renkei's way out.
struct ClientSettings {
    std::vector<EgressAllowance> egress{};
    ProxySettings proxy{};
    ProxiedNames proxied_names = ProxiedNames::resolve_and_check;
    std::string ca_bundle = "/etc/ssl/certs/ca-certificates.crt";  ///< empty: only the extra file counts
    std::string extra_ca_file{};                                   ///< PEM, in addition
    PlainHttp plain_http = PlainHttp::refuse;                      ///< credentials without TLS
    RetrySettings retry{};
    std::size_t max_header_bytes = 64 << 10;
    std::string exchange_log{};  ///< a file for every call's content without its secrets; empty: none
};

/// The whole client, in its order: transport, egress policy, retry, exchange log. Fails on settings that cannot be used.
/// Serves every event loop of the program; `clock` and `random` outlive it.
Result<std::unique_ptr<app::HttpClient>> make_http_client(ClientSettings settings, Clock& clock, Random& random);

}  // namespace renkei::http
