#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace renkei::app {

/// One answered request, for the access log and the metrics. The views live for the length of the call only.
struct AccessRecord {
    std::string_view method;  ///< as sent; empty if the head was not understood
    std::string_view route;   ///< the route's pattern, never the target; empty for what the server itself refused
    int status = 0;
    std::uint64_t bytes = 0;                 ///< of the answer's body
    std::chrono::microseconds duration{};    ///< from the complete head to the answer's last byte
    std::string_view request_id;             ///< 32 hex digits
    std::array<std::uint8_t, 16> address{};  ///< the caller's, believed after trusted_proxies; IPv4 mapped
    std::string_view principal;
    bool fast = false;
    bool secure = false;
};

/// Takes one record a request, on the event loops, several at the same time. Must be cheap and never block: it buffers.
class AccessSink {
public:
    virtual ~AccessSink() = default;
    virtual void record(const AccessRecord& access) noexcept = 0;
};

}  // namespace renkei::app
