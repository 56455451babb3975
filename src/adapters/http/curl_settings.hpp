#pragma once

#include "adapters/http/client_proxy.hpp"
#include "adapters/http/egress.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <memory>
#include <string>

using SSL_CTX = struct ssl_ctx_st;

namespace renkei::http {

/// The certificates that are believed: the system's bundle and the operator's extra file. Read once and shared by every
/// connection of every loop, where libcurl would parse 140 certificates for each.
class TrustStore {
public:
    /// Fails (tls_failed) if `extra_file` is named and holds no certificate. `bundle` is read at the first use of TLS.
    static Result<std::shared_ptr<TrustStore>> load(std::string bundle, const std::string& extra_file);
    ~TrustStore();
    TrustStore(const TrustStore&) = delete;
    TrustStore& operator=(const TrustStore&) = delete;
    /// False if the bundle cannot be read.
    bool apply(SSL_CTX* context);

private:
    struct State;
    explicit TrustStore(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// What every transfer of one client needs to know. Never changes after its making.
struct CurlSettings {
    EgressPolicy egress{};
    std::shared_ptr<const ProxyRules> proxies = std::make_shared<ProxyRules>();
    std::shared_ptr<TrustStore> trust{};
    std::size_t max_header_bytes = 64 << 10;
};

}  // namespace renkei::http
