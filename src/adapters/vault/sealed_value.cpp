#include "adapters/vault/sealed_value.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace renkei::vault {
namespace {

// The cipher is fetched once a thread and the context reused: a fetch costs as much as sealing a token.
class Gcm {
public:
    Gcm() : cipher_(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)), context_(EVP_CIPHER_CTX_new()) {
        if (cipher_ == nullptr || context_ == nullptr) throw std::runtime_error("AES-256-GCM is not available");
    }
    ~Gcm() {
        EVP_CIPHER_CTX_free(context_);
        EVP_CIPHER_free(cipher_);
    }
    Gcm(const Gcm&) = delete;
    Gcm& operator=(const Gcm&) = delete;

    // `direction`: 1 seals, 0 opens.
    bool begin(const LockedKey& key, std::string_view nonce, int direction) {
        return EVP_CipherInit_ex2(context_, cipher_, key.bytes().data(), reinterpret_cast<const unsigned char*>(nonce.data()), direction, nullptr) == 1;
    }
    bool bind(std::string_view bytes) {
        int written = 0;
        return EVP_CipherUpdate(context_, nullptr, &written, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) == 1;
    }
    bool transform(std::string_view from, char* to) {
        int written = 0;
        return from.empty() || EVP_CipherUpdate(context_, reinterpret_cast<unsigned char*>(to), &written, reinterpret_cast<const unsigned char*>(from.data()),
                                                static_cast<int>(from.size())) == 1;
    }
    bool finish_sealing(char* tag) {
        unsigned char none[16];
        int written = 0;
        return EVP_CipherFinal_ex(context_, none, &written) == 1 && EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, tag_bytes, tag) == 1;
    }
    bool finish_opening(std::string_view tag) {
        unsigned char none[16];
        int written = 0;
        std::array<char, tag_bytes> copy;
        tag.copy(copy.data(), copy.size());
        return EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, tag_bytes, copy.data()) == 1 && EVP_CipherFinal_ex(context_, none, &written) == 1;
    }

private:
    EVP_CIPHER* cipher_;
    EVP_CIPHER_CTX* context_;
};

Gcm& gcm() {
    thread_local Gcm instance;
    return instance;
}

}  // namespace

std::optional<SealedParts> parse_sealed(std::string_view bytes) {
    if (bytes.size() < header_bytes + nonce_bytes + tag_bytes || bytes.front() != sealed_format) return std::nullopt;
    SealedParts parts;
    parts.header = bytes.substr(0, header_bytes);
    for (const char c : parts.header.substr(1)) parts.key_version = parts.key_version << 8 | static_cast<std::uint8_t>(c);
    parts.nonce = bytes.substr(header_bytes, nonce_bytes);
    parts.ciphertext = bytes.substr(header_bytes + nonce_bytes, bytes.size() - header_bytes - nonce_bytes - tag_bytes);
    parts.tag = bytes.substr(bytes.size() - tag_bytes);
    return parts;
}

std::string seal_bytes(const LockedKey& key, std::uint32_t key_version, std::string_view bound, std::string_view text, Random& random) {
    std::string sealed(header_bytes + nonce_bytes + text.size() + tag_bytes, '\0');
    sealed[0] = sealed_format;
    for (unsigned i = 0; i < 4; ++i) sealed[1 + i] = static_cast<char>(key_version >> (24 - 8 * i) & 0xff);
    random.fill({reinterpret_cast<std::uint8_t*>(sealed.data()) + header_bytes, nonce_bytes});
    const std::string_view header(sealed.data(), header_bytes), nonce(sealed.data() + header_bytes, nonce_bytes);
    char* const ciphertext = sealed.data() + header_bytes + nonce_bytes;
    auto& cipher = gcm();
    // A failure here is exhaustion or a bug: never hand out what is not sealed.
    if (!cipher.begin(key, nonce, 1) || !cipher.bind(header) || !cipher.bind(bound) || !cipher.transform(text, ciphertext) ||
        !cipher.finish_sealing(ciphertext + text.size()))
        throw std::runtime_error("AES-256-GCM failed to seal");
    return sealed;
}

std::optional<Secret> open_bytes(const LockedKey& key, const SealedParts& parts, std::string_view bound) {
    std::string text(parts.ciphertext.size(), '\0');
    auto& cipher = gcm();
    const bool opened = cipher.begin(key, parts.nonce, 0) && cipher.bind(parts.header) && cipher.bind(bound) &&
                        cipher.transform(parts.ciphertext, text.data()) && cipher.finish_opening(parts.tag);
    auto secret = Secret::take(std::move(text));
    if (!opened) return std::nullopt;
    return secret;
}

void bind_member(std::string& bound, std::string_view member) {
    const std::uint64_t size = member.size();
    for (unsigned shift = 0; shift < 64; shift += 8) bound += static_cast<char>(size >> shift & 0xff);
    bound += member;
}

}  // namespace renkei::vault
