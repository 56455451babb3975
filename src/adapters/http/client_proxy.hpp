#pragma once

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/uri.hpp"
#include "core/identity.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::http {

/// The values of HTTPS_PROXY, HTTP_PROXY and NO_PROXY (the server reads the environment, not this room). Proxy addresses
/// are http:// or https://, with `user:password@` percent-encoded where the proxy asks for it; without a scheme: http.
struct ProxySettings {
    Secret https_proxy{};
    Secret http_proxy{};
    std::string no_proxy{};
};

struct ProxyServer {
    std::string address;  ///< scheme://host:port
    std::string host;
    std::string user;
    Secret password;
};

/// The hosts that are called directly: NO_PROXY as curl and Go read it.
class NoProxy {
public:
    /// Entries, separated by commas or blanks: `*`, a domain (itself and everything below), `.suffix` or `*.suffix`
    /// (only what is below), an address, a CIDR range; each but `*` and CIDR may carry `:port`. What cannot be read is skipped.
    explicit NoProxy(std::string_view text = {});
    bool covers(const Uri& target) const;

private:
    struct Domain {
        std::string name;  ///< without dots at its ends
        bool itself;
        std::uint16_t port;  ///< 0: every port
    };
    struct Range {
        core::AddressRange range;
        std::uint16_t port;
    };
    void add(std::string_view entry);
    void add_domain(std::string_view name, std::uint16_t port);

    bool all_ = false;
    std::vector<Domain> domains_;
    std::vector<Range> ranges_;
};

/// Which proxy, if any, a request takes.
class ProxyRules {
public:
    static Result<ProxyRules> from(ProxySettings settings);
    ProxyRules() = default;
    const ProxyServer* proxy_for(const Uri& target) const;

private:
    std::optional<ProxyServer> https_;
    std::optional<ProxyServer> http_;
    NoProxy none_;
};

}  // namespace renkei::http
