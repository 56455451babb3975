#include "base/reason.hpp"
#include "oauth/client/certificate.hpp"
#include "oauth/client/detail/certificate_readers.hpp"

#include <openssl/pem.h>

#include <algorithm>
#include <cstring>
#include <span>

// PEM: RFC 7468, and the older encrypted keys of OpenSSL (Proc-Type, RFC 1421 section 4.6.1.1).

namespace renkei::oauth::detail {
namespace {

using SigPtr = std::unique_ptr<X509_SIG, Releaser<X509_SIG_free>>;
using KeyInfoPtr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Releaser<PKCS8_PRIV_KEY_INFO_free>>;

// One block, its bytes wiped at the end: it may be a key.
struct Block {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* bytes = nullptr;
    long length = 0;

    Block() = default;
    ~Block() {
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(bytes, static_cast<std::size_t>(length));
    }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;
    bool read(BIO* from) { return PEM_read_bio(from, &name, &header, &bytes, &length) == 1; }
    bool is(std::string_view kind) const { return kind == name; }
    bool is_key() const { return std::string_view(name).ends_with("PRIVATE KEY"); }
    bool is_encrypted_old_way() const { return header != nullptr && std::strstr(header, "ENCRYPTED") != nullptr; }
};

std::unexpected<Error> wrong_password() { return refuse_field("password", Reason::certificate_wrong_password); }

int give_password(char* into, int size, int, void* from) {
    const auto text = static_cast<const Secret*>(from)->expose();
    if (text.size() > static_cast<std::size_t>(size)) return -1;
    std::ranges::copy(text, into);
    return static_cast<int>(text.size());
}

// PKCS#8, encrypted (RFC 5958 section 3).
Result<KeyPtr> decrypted(const Block& block, const Secret& password, const FileAlgorithms& algorithms, RoundBudget& budget) {
    const unsigned char* at = block.bytes;
    const SigPtr sealed(d2i_X509_SIG(nullptr, &at, block.length));
    if (!sealed) return refuse_field("pem", Reason::certificate_not_pem);
    const X509_ALGOR* algorithm = nullptr;
    X509_SIG_get0(sealed.get(), &algorithm, nullptr);
    if (!budget.take(algorithm)) return refuse_field("pem", Reason::certificate_too_many_rounds, std::to_string(most_derivation_rounds));
    const auto text = password.expose();
    const KeyInfoPtr info(PKCS8_decrypt_ex(sealed.get(), text.data(), static_cast<int>(text.size()), algorithms.get(), nullptr));
    if (!info) return wrong_password();
    return KeyPtr(EVP_PKCS82PKEY_ex(info.get(), algorithms.get(), nullptr));
}

Result<KeyPtr> key_of(Block& block, const Secret& password, const FileAlgorithms& algorithms, RoundBudget& budget) {
    if (block.is("ENCRYPTED PRIVATE KEY")) return decrypted(block, password, algorithms, budget);
    if (block.is_encrypted_old_way()) {
        EVP_CIPHER_INFO cipher{};
        // The password is read only; OpenSSL's callback takes a plain pointer.
        auto* const user = const_cast<Secret*>(&password);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
        if (PEM_get_EVP_CIPHER_INFO(block.header, &cipher) != 1) return refuse_field("pem", Reason::certificate_unsupported_encryption);
        if (password.empty() || PEM_do_header(&cipher, block.bytes, &block.length, give_password, user) != 1) return wrong_password();
    }
    const unsigned char* at = block.bytes;
    KeyPtr key(d2i_AutoPrivateKey_ex(nullptr, &at, block.length, algorithms.get(), nullptr));
    // A wrong password of the old kind is noticed in one of 256 cases only here.
    if (!key && block.is_encrypted_old_way()) return wrong_password();
    return key;
}

}  // namespace

Result<void> read_pem(std::string_view text, const Secret& password, const FileAlgorithms& algorithms, FileContent& into) {
    const BioPtr from(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    RoundBudget budget(most_derivation_rounds);
    std::size_t blocks = 0;
    for (Block block; from && block.read(from.get()); ++blocks) {
        if (block.is_key()) {
            auto key = key_of(block, password, algorithms, budget);
            if (!key) return propagate(key);
            if (!*key) return refuse_field("pem", Reason::certificate_key_not_taken, "of an unknown kind");
            into.keys.push_back(std::move(*key));
        } else if (block.is("CERTIFICATE") || block.is("X509 CERTIFICATE")) {
            const unsigned char* at = block.bytes;
            CertificatePtr certificate(d2i_X509(nullptr, &at, block.length));
            if (!certificate) return refuse_field("pem", Reason::certificate_not_pem);
            into.certificates.push_back(std::move(certificate));
        }
        // Each block is its own: what the last one held is wiped before the next one is read.
        std::destroy_at(&block);
        std::construct_at(&block);
    }
    // The end of the text is the one reason to stop; a block that is cut off or damaged is another.
    const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (blocks == 0 || !ended) return refuse_field("pem", Reason::certificate_not_pem);
    return {};
}

}  // namespace renkei::oauth::detail
