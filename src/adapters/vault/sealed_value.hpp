#pragma once

#include "adapters/vault/locked_key.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace renkei::vault {

// A sealed value: format (1 byte), version of the key (4, big-endian), nonce (12), ciphertext, tag (16).
// AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces: at most 2^32 values a key, so keys are rotated long before.

inline constexpr char sealed_format = 1;
inline constexpr std::size_t header_bytes = 5;
inline constexpr std::size_t nonce_bytes = 12;
inline constexpr std::size_t tag_bytes = 16;

struct SealedParts {
    std::string_view header;
    std::uint32_t key_version = 0;
    std::string_view nonce;
    std::string_view ciphertext;
    std::string_view tag;
};
/// Nothing if it is too short or of another format.
std::optional<SealedParts> parse_sealed(std::string_view bytes);

/// Seals under `key`; `bound` is authenticated with it and must be the same to open.
std::string seal_bytes(const LockedKey& key, std::uint32_t key_version, std::string_view bound, std::string_view text, Random& random);
/// Nothing when the key, the binding or any bit is not the same.
std::optional<Secret> open_bytes(const LockedKey& key, const SealedParts& parts, std::string_view bound);

/// Adds a length (8 bytes) and the bytes: no two lists of members have the same encoding.
void bind_member(std::string& bound, std::string_view member);

}  // namespace renkei::vault
