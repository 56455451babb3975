#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace renkei {

using Digest = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4). The algorithm is fetched once and the context reused: one-shot hashing costs five times more.
Digest sha256(std::string_view data);
/// HMAC-SHA-256 (RFC 2104).
Digest hmac_sha256(std::span<const std::uint8_t> key, std::string_view data);
/// Time depends on the lengths only.
bool constant_time_equal(std::string_view a, std::string_view b);
/// A digest's bytes as text, to hash or store on.
inline std::string_view as_text(std::span<const std::uint8_t> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace renkei
