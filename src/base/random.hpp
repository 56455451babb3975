#pragma once

#include "base/id.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace renkei {

/// Where chance comes from. Services take a reference; tests give a seeded one.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> bytes) = 0;

    IdBytes id() {
        IdBytes bytes;
        fill(bytes);
        return bytes;
    }
    template <class IdType>
    IdType make() {
        return IdType(id());
    }
    /// base64url text of this many random bytes.
    std::string text(std::size_t bytes);
    /// Evenly in [0, bound).
    std::uint64_t below(std::uint64_t bound);
};

/// OpenSSL's generator.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace renkei
