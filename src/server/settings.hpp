#pragma once

#include "base/uri.hpp"
#include "core/identity.hpp"
#include "server/config.hpp"
#include "server/mapped_values.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace renkei::server {

struct ListenAddress {
    std::string host;  ///< numeric
    std::uint16_t port = 0;
};

/// An entry of egress.allow.
struct EgressAllowance {
    core::AddressRange range;
    std::vector<std::uint16_t> ports;  ///< empty: every port
    std::string purpose;               ///< empty: every purpose
    std::string workspace;             ///< name; empty: every workspace
};

/// An entry of catalog.override.
struct ConnectorOverride {
    std::string connector, cloud;
    std::string authority_base;  ///< origin that stands for the identity platform
    std::string api_base;
};

/// The configuration, checked: nothing wrong comes further than this.
struct Settings {
    Uri public_url;
    std::string data_dir;
    std::vector<ListenAddress> listen, tls_listen;
    std::string tls_certificate, tls_key;
    std::uint32_t workers = 2;
    std::vector<core::AddressRange> trusted_proxies;
    std::uint32_t max_connections = 10'000;
    std::uint32_t max_header_bytes = 16'384;
    std::chrono::seconds drain{20};
    std::string log_level, log_format, access_log;
    std::string master_key_file, master_key_text;
    std::string proxy, no_proxy, ca_file, exchange_log;
    std::vector<EgressAllowance> egress;
    std::vector<ValueMapping> value_files, value_environment;
    std::string catalog_dir;
    std::vector<ConnectorOverride> overrides;
    std::chrono::seconds refresh_ahead{600}, in_use{7 * 86'400}, min_validity{120};
    std::chrono::seconds session_idle{8 * 3600}, session_longest{7 * 86'400};

    /// Every refusal names the setting and where it was set.
    static Result<Settings> from(const Config& config);
};

}  // namespace renkei::server
