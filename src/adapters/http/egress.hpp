#pragma once

#include "base/result.hpp"
#include "core/identity.hpp"
#include "core/ids.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::http {

/// An IPv6 address, or an IPv4 address as IPv4-mapped IPv6.
using Address = std::array<std::uint8_t, 16>;

/// What the operator's configuration opens, and for whom.
struct EgressAllowance {
    std::string purpose = "*";                     ///< CallOptions::purpose, or `*`
    std::optional<core::WorkspaceId> workspace{};  ///< nothing: every workspace
    core::AddressRange range{};
    std::vector<std::uint16_t> ports{};  ///< empty: every port
};

/// Why an address is none that anybody in the internet may be asked at ("loopback", "private", ...), or empty if it is one.
/// IPv4 inside IPv6 (mapped, NAT64, 6to4) is judged by the IPv4 address (RFC 6890, RFC 6052, RFC 3056).
std::string_view special_use(const Address& address);
/// Addresses at which clouds hand out credentials to whoever asks from the machine.
bool is_metadata_service(const Address& address);
std::string address_text(const Address& address);

/// Which addresses Renkei may call. Everything of special use is refused unless an allowance names it.
class EgressPolicy {
public:
    /// The allowances that count for one call: also the key by which pools of connections are kept apart, so that nobody
    /// rides on a connection which was opened under somebody else's allowance.
    using Scope = std::vector<std::uint16_t>;

    explicit EgressPolicy(std::vector<EgressAllowance> allowances = {}) : allowances_(std::move(allowances)) {}

    Scope scope_of(std::string_view purpose, const core::WorkspaceId& workspace) const;
    /// `host` is for the refusal's words only.
    Result<void> check(const Scope& scope, const Address& address, std::uint16_t port, std::string_view host) const;

private:
    std::vector<EgressAllowance> allowances_;
};

}  // namespace renkei::http
