#pragma once

#include "core/identity.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::http {

/// Limits and deadlines of the server. Tests make them small.
struct ServerSettings {
    std::size_t header_bytes = 16 * 1024;  ///< request line and header section; beyond: 431
    std::size_t header_fields = 200;       ///< beyond: 431
    std::size_t connections = 10'000;      ///< beyond: 503 and close

    std::chrono::milliseconds head_deadline{10'000};   ///< from the first byte (or the connection) to the head's end, TLS handshake included
    std::chrono::milliseconds body_deadline{30'000};   ///< extended by what has arrived at min_rate
    std::chrono::milliseconds idle_deadline{75'000};   ///< between requests of a kept connection
    std::chrono::milliseconds write_deadline{30'000};  ///< for one write, extended by what was taken at min_rate
    std::chrono::milliseconds linger_deadline{2'000};  ///< for the client to read the last answer and close
    std::uint64_t min_rate = 4096;                     ///< bytes a second
    std::chrono::milliseconds sweep_interval{1'000};   ///< how often deadlines are looked at
    std::chrono::milliseconds shrink_after{5'000};     ///< idle for so long: the read buffer goes back

    /// Proxies whose X-Forwarded-For, X-Forwarded-Proto, Forwarded and X-Request-Id are believed.
    std::vector<core::AddressRange> trusted_proxies{};

    /// Told about exceptions of the handler, on an event loop; the request id may be empty.
    std::function<void(std::string_view request_id, const std::exception_ptr& exception)> on_exception{};
};

/// PEM files: the certificate with its chain, and its key, not encrypted.
struct TlsFiles {
    std::string certificate;
    std::string key;
};

struct ListenAddress {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0: one that is free
    std::optional<TlsFiles> tls{};
};

}  // namespace renkei::http
