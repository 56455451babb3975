#include "base/random.hpp"

#include "base/encoding.hpp"

#include <openssl/rand.h>

#include <stdexcept>
#include <vector>

namespace renkei {

std::string Random::text(std::size_t bytes) {
    std::vector<std::uint8_t> raw(bytes);
    fill(raw);
    return base64url(raw);
}

std::uint64_t Random::below(std::uint64_t bound) {
    if (bound < 2) return 0;
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    for (;;) {
        std::uint64_t value = 0;
        fill({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
        if (value < limit) return value % bound;
    }
}

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) throw std::runtime_error("no random bytes");
}

}  // namespace renkei
