#pragma once

#include "adapters/http/request_head.hpp"
#include "core/identity.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace renkei::http {

using Address = std::array<std::uint8_t, 16>;

/// Who calls, seen from the socket or believed from a trusted proxy.
struct Caller {
    Address address{};
    bool secure = false;
    friend bool operator==(const Caller&, const Caller&) = default;
};

bool is_trusted(const Address& address, std::span<const core::AddressRange> trusted);

/// What a trusted proxy says about the caller: the rightmost address of X-Forwarded-For or Forwarded (RFC 7239) that is
/// no trusted proxy's. Nothing if both headers are there and disagree: a proxy keeps one of them, so the other may be
/// the caller's own invention. `peer` itself must be trusted.
std::optional<Caller> believed_caller(const Caller& peer, const RequestHead& head, std::span<const core::AddressRange> trusted);

/// The request id that a trusted proxy gave: 32 hexadecimal digits, or a UUID with its dashes left out. Else empty.
std::string believed_request_id(const RequestHead& head);

}  // namespace renkei::http
