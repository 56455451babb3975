#include "base/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstring>
#include <memory>
#include <stdexcept>

namespace renkei {
namespace {

constexpr std::size_t sha256_block = 64;

class Sha256 {
public:
    Sha256() : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
        if (algorithm_ == nullptr || context_ == nullptr || EVP_DigestInit_ex2(context_, algorithm_, nullptr) != 1)
            throw std::runtime_error("SHA-256 is not available");
    }
    ~Sha256() {
        EVP_MD_CTX_free(context_);
        EVP_MD_free(algorithm_);
    }
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    Digest of(std::string_view first, std::string_view second = {}) {
        Digest digest;
        EVP_DigestInit_ex2(context_, nullptr, nullptr);
        EVP_DigestUpdate(context_, first.data(), first.size());
        if (!second.empty()) EVP_DigestUpdate(context_, second.data(), second.size());
        EVP_DigestFinal_ex(context_, digest.data(), nullptr);
        return digest;
    }

private:
    EVP_MD* algorithm_;
    EVP_MD_CTX* context_;
};

Sha256& hasher() {
    thread_local Sha256 instance;
    return instance;
}

}  // namespace

Digest sha256(std::string_view data) { return hasher().of(data); }

Digest hmac_sha256(std::span<const std::uint8_t> key, std::string_view data) {
    std::array<char, sha256_block> inner{};
    Digest shortened;
    if (key.size() > inner.size()) {
        shortened = sha256(as_text(key));
        key = shortened;
    }
    if (!key.empty()) std::memcpy(inner.data(), key.data(), key.size());
    std::array<char, sha256_block> outer = inner;
    for (char& c : inner) c = static_cast<char>(c ^ 0x36);
    for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
    auto digest = hasher().of({inner.data(), inner.size()}, data);
    digest = hasher().of({outer.data(), outer.size()}, as_text(digest));
    OPENSSL_cleanse(inner.data(), inner.size());
    OPENSSL_cleanse(outer.data(), outer.size());
    return digest;
}

bool constant_time_equal(std::string_view a, std::string_view b) { return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

}  // namespace renkei
