#include "adapters/http/client.hpp"

#include "adapters/http/curl_transport.hpp"
#include "adapters/http/exchange_log.hpp"

#include <utility>

namespace renkei::http {

Result<std::unique_ptr<app::HttpClient>> make_http_client(ClientSettings settings, Clock& clock, Random& random) {
    auto trust = TrustStore::load(std::move(settings.ca_bundle), settings.extra_ca_file);
    if (!trust) return propagate(trust);
    auto rules = ProxyRules::from(std::move(settings.proxy));
    if (!rules) return propagate(rules);
    const auto proxies = std::make_shared<const ProxyRules>(std::move(*rules));
    const EgressPolicy policy(std::move(settings.egress));

    auto client = make_curl_transport({policy, proxies, std::move(*trust), settings.max_header_bytes});
    client = with_egress_policy(std::move(client), {policy, proxies, settings.proxied_names, settings.plain_http}, make_system_resolver());
    client = with_retry(std::move(client), settings.retry, clock, random);
    if (settings.exchange_log.empty()) return client;
    auto log = ExchangeLog::open(settings.exchange_log);
    if (!log) return propagate(log);
    return with_exchange_log(std::move(client), std::move(*log));
}

}  // namespace renkei::http
