#pragma once

#include "base/random.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace renkei::vault {

inline constexpr std::size_t key_bytes = 32;

/// 256 bits in memory that is not swapped out, not dumped, and wiped at the end. Move only.
class LockedKey {
public:
    static LockedKey random(Random& random);
    /// Nothing unless it is exactly 32 bytes.
    static std::optional<LockedKey> from(std::string_view bytes);
    LockedKey(LockedKey&& other) noexcept : bytes_(std::exchange(other.bytes_, nullptr)) {}
    LockedKey& operator=(LockedKey&& other) noexcept {
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~LockedKey();
    LockedKey clone() const;
    std::span<const std::uint8_t, key_bytes> bytes() const { return std::span<const std::uint8_t, key_bytes>(bytes_, key_bytes); }

private:
    LockedKey();
    std::uint8_t* bytes_;
};

}  // namespace renkei::vault
