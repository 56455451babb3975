#pragma once

#include "base/secret.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

#include <memory>
#include <vector>

namespace renkei::oauth::detail {

template <auto release>
struct Releaser {
    template <class T>
    void operator()(T* held) const {
        release(held);
    }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Releaser<BIO_free>>;
using CertificatePtr = std::unique_ptr<X509, Releaser<X509_free>>;
using LibraryPtr = std::unique_ptr<OSSL_LIB_CTX, Releaser<OSSL_LIB_CTX_free>>;

/// The algorithms that a certificate file may be protected with. RC2 and old ciphers are loaded here alone: TLS and all else
/// of the process use OpenSSL's own context, which does not get them.
class FileAlgorithms {
public:
    FileAlgorithms() : library_(OSSL_LIB_CTX_new()) {
        if (!library_) return;
        usual_ = OSSL_PROVIDER_load(library_.get(), "default");
        // Missing on machines without legacy.so: files that need it are then refused by name, all others open.
        old_ = OSSL_PROVIDER_load(library_.get(), "legacy");
        ERR_clear_error();
    }
    ~FileAlgorithms() {
        if (old_ != nullptr) OSSL_PROVIDER_unload(old_);
        if (usual_ != nullptr) OSSL_PROVIDER_unload(usual_);
    }
    FileAlgorithms(const FileAlgorithms&) = delete;
    FileAlgorithms& operator=(const FileAlgorithms&) = delete;
    OSSL_LIB_CTX* get() const { return library_.get(); }

private:
    LibraryPtr library_;
    OSSL_PROVIDER* usual_ = nullptr;
    OSSL_PROVIDER* old_ = nullptr;
};

/// What a file held.
struct FileContent {
    std::vector<KeyPtr> keys;
    std::vector<CertificatePtr> certificates;
};

/// Adds up the rounds of key derivation that a file asks for, before they are done.
class RoundBudget {
public:
    explicit RoundBudget(long most) : left_(most) {}
    /// False when the file asks for too many. PBES1, PBES2 with PBKDF2 (RFC 8018) and PKCS#12's own (RFC 7292 appendix B).
    bool take(const X509_ALGOR* algorithm);
    bool take(long rounds);

private:
    long left_;
};

}  // namespace renkei::oauth::detail
