#include "adapters/http/egress.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace renkei::http {
namespace {

struct V4Row {
    std::uint32_t base;
    unsigned prefix;
    std::string_view name;
};

// IANA IPv4 Special-Purpose Address Registry (RFC 6890) and the multicast and reserved blocks.
constexpr V4Row v4_rows[] = {
    {0x00000000, 8, "unspecified"},    {0x0a000000, 8, "private"},   {0x64400000, 10, "shared (RFC 6598)"}, {0x7f000000, 8, "loopback"},
    {0xa9fe0000, 16, "link-local"},    {0xac100000, 12, "private"},  {0xc0000000, 24, "protocol"},          {0xc0000200, 24, "documentation"},
    {0xc0586300, 24, "6to4 relay"},    {0xc0a80000, 16, "private"},  {0xc6120000, 15, "benchmarking"},      {0xc6336400, 24, "documentation"},
    {0xcb007100, 24, "documentation"}, {0xe0000000, 4, "multicast"}, {0xf0000000, 4, "reserved"},           {0xa83f8110, 32, "metadata"},
};

std::string_view special_v4(std::uint32_t address) {
    for (const auto& row : v4_rows)
        if ((address ^ row.base) >> (32 - row.prefix) == 0) return row.name;
    return {};
}

std::uint32_t v4_at(const Address& address, std::size_t offset) {
    return static_cast<std::uint32_t>(address[offset]) << 24 | static_cast<std::uint32_t>(address[offset + 1]) << 16 |
           static_cast<std::uint32_t>(address[offset + 2]) << 8 | address[offset + 3];
}

template <std::size_t N>
bool begins(const Address& address, const std::array<std::uint8_t, N>& prefix) {
    return std::equal(prefix.begin(), prefix.end(), address.begin());
}

constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::array<std::uint8_t, 12> nat64{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};  // RFC 6052

std::string_view special_v6(const Address& address) {
    if (begins(address, nat64)) return special_v4(v4_at(address, 12));
    if (address == Address{}) return "unspecified";
    if (address == Address{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}) return "loopback";
    if ((address[0] & 0xfe) == 0xfc) return "unique local";
    if (address[0] == 0xfe && (address[1] & 0xc0) == 0x80) return "link-local";
    if (address[0] == 0xff) return "multicast";
    // Global unicast is 2000::/3 alone; outside of it lie IPv4-compatible, local NAT64 (RFC 8215), discard and site-local forms.
    if ((address[0] & 0xe0) != 0x20) return "reserved";
    if (address[0] == 0x20 && address[1] == 0x02) return special_v4(v4_at(address, 2));  // 6to4, RFC 3056
    if (address[0] == 0x20 && address[1] == 0x01) {
        if ((address[2] & 0xfe) == 0) return "protocol";  // 2001::/23: Teredo, ORCHID, benchmarking (RFC 2928)
        if (address[2] == 0x0d && address[3] == 0xb8) return "documentation";
    }
    if (address[0] == 0x3f && address[1] == 0xff && (address[2] & 0xf0) == 0) return "documentation";  // RFC 9637
    return {};
}

}  // namespace

std::string_view special_use(const Address& address) { return begins(address, mapped) ? special_v4(v4_at(address, 12)) : special_v6(address); }

bool is_metadata_service(const Address& address) {
    constexpr Address aws_v6{0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54};
    if (address == aws_v6) return true;
    std::uint32_t v4 = 0;
    if (begins(address, mapped) || begins(address, nat64))
        v4 = v4_at(address, 12);
    else if (address[0] == 0x20 && address[1] == 0x02)
        v4 = v4_at(address, 2);
    // AWS, Azure, Google and others; AWS task roles; Azure's wire server; Alibaba; Oracle.
    constexpr std::uint32_t known[] = {0xa9fea9fe, 0xa9feaa02, 0xa83f8110, 0x646464c8, 0xc00000c0};
    return std::ranges::find(known, v4) != std::end(known);
}

std::string address_text(const Address& address) {
    char buffer[INET6_ADDRSTRLEN];
    const bool v4 = begins(address, mapped);
    inet_ntop(v4 ? AF_INET : AF_INET6, address.data() + (v4 ? 12 : 0), buffer, sizeof buffer);
    return buffer;
}

EgressPolicy::Scope EgressPolicy::scope_of(std::string_view purpose, const core::WorkspaceId& workspace) const {
    Scope scope;
    for (std::size_t i = 0; i < allowances_.size(); ++i) {
        const auto& row = allowances_[i];
        if ((row.purpose == "*" || row.purpose == purpose) && (!row.workspace || *row.workspace == workspace)) scope.push_back(static_cast<std::uint16_t>(i));
    }
    return scope;
}

Result<void> EgressPolicy::check(const Scope& scope, const Address& address, std::uint16_t port, std::string_view host) const {
    const auto special = special_use(address);
    if (special.empty()) return {};
    const bool metadata = is_metadata_service(address);
    for (const auto index : scope) {
        const auto& row = allowances_[index];
        // A wide range is never meant to open the credentials of the machine: those must be named exactly.
        if (metadata && row.range.prefix != 128) continue;
        if (row.range.contains(address) && (row.ports.empty() || std::ranges::find(row.ports, port) != row.ports.end())) return {};
    }
    return fail(Errc::egress_refused, "calls to " + std::string(host) + " are refused: it is a " + (metadata ? "metadata" : std::string(special)) + " address");
}

}  // namespace renkei::http
