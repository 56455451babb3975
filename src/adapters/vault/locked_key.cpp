#include "adapters/vault/locked_key.hpp"

#include <openssl/crypto.h>

#include <cstring>
#include <mutex>
#include <new>

namespace renkei::vault {
namespace {

// Room for two thousand keys; beyond it, or where the system locks no memory, OpenSSL's ordinary heap (still wiped).
constexpr std::size_t arena_bytes = 65536;

void prepare_arena() {
    static std::once_flag once;
    std::call_once(once, [] { CRYPTO_secure_malloc_init(arena_bytes, key_bytes); });
}

}  // namespace

LockedKey::LockedKey() {
    prepare_arena();
    bytes_ = static_cast<std::uint8_t*>(OPENSSL_secure_malloc(key_bytes));
    if (bytes_ == nullptr) bytes_ = static_cast<std::uint8_t*>(OPENSSL_malloc(key_bytes));
    if (bytes_ == nullptr) throw std::bad_alloc();
}

LockedKey::~LockedKey() {
    // Tells by itself which heap it is from.
    if (bytes_ != nullptr) OPENSSL_secure_clear_free(bytes_, key_bytes);
}

LockedKey LockedKey::random(Random& random) {
    LockedKey key;
    random.fill({key.bytes_, key_bytes});
    return key;
}

std::optional<LockedKey> LockedKey::from(std::string_view bytes) {
    if (bytes.size() != key_bytes) return std::nullopt;
    LockedKey key;
    std::memcpy(key.bytes_, bytes.data(), key_bytes);
    return key;
}

LockedKey LockedKey::clone() const {
    LockedKey copy;
    std::memcpy(copy.bytes_, bytes_, key_bytes);
    return copy;
}

}  // namespace renkei::vault
