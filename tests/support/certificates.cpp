#include "tests/support/certificates.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>

namespace renkei::testing {
namespace {

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;

void set_time(ASN1_TIME* field, TimePoint at) {
    if (ASN1_TIME_set(field, static_cast<time_t>(to_millis(at) / 1000)) == nullptr) throw std::runtime_error("a certificate's time");
}

}  // namespace

ClientKeyPair a_key_pair(TimePoint now, const std::string& name) {
    static const auto key = sandbox::PrivateKey::make_rsa();
    const auto pem = sandbox::make_certificate({name}, key, {}, key);
    const BioPtr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
    set_time(X509_getm_notBefore(certificate.get()), now - std::chrono::days(1));
    set_time(X509_getm_notAfter(certificate.get()), now + std::chrono::days(365));
    const BioPtr out(BIO_new(BIO_s_mem()), BIO_free);
    if (X509_sign(certificate.get(), key.raw(), EVP_sha256()) <= 0 || PEM_write_bio_X509(out.get(), certificate.get()) != 1)
        throw std::runtime_error("a certificate");
    char* at = nullptr;
    const auto length = BIO_get_mem_data(out.get(), &at);
    return {key, std::string(at, static_cast<std::size_t>(length))};
}

}  // namespace renkei::testing
