#include "sandbox/tls/keys.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace renkei::sandbox {
namespace {

template <auto Free>
struct Freer {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using Pkcs12 = std::unique_ptr<PKCS12, Freer<PKCS12_free>>;

void check(bool ok, const char* what) {
    if (!ok) throw std::runtime_error(std::string("cannot make ") + what);
}

Bio reader(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string written(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

Certificate read_certificate(std::string_view pem) { return Certificate(PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr)); }

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "a certificate extension");
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) {
        unsigned char address[16];
        const bool is_address = inet_pton(AF_INET, name.c_str(), address) == 1 || inet_pton(AF_INET6, name.c_str(), address) == 1;
        text += (text.empty() ? "" : ",") + std::string(is_address ? "IP:" : "DNS:") + name;
    }
    return text;
}

// RFC 5280 section 4.1.2.2: a positive number, unique per issuer.
void set_random_serial(X509* certificate) {
    const Number number(BN_new());
    check(number && BN_rand(number.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr,
          "a serial number");
}

void add_extensions(X509* certificate, X509* issuer, const CertificateRequest& request) {
    add_extension(certificate, issuer, NID_basic_constraints, request.is_ca ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE");
    add_extension(certificate, issuer, NID_key_usage, request.is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
    add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
    if (!request.names.empty()) {
        add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth");
        add_extension(certificate, issuer, NID_subject_alt_name, alternative_names(request.names));
    }
}

}  // namespace

PrivateKey::PrivateKey(evp_pkey_st* key) : key_(key, EVP_PKEY_free) { check(key != nullptr, "a key"); }

PrivateKey PrivateKey::make_ec() { return PrivateKey(EVP_EC_gen("P-256")); }
PrivateKey PrivateKey::make_rsa() { return PrivateKey(EVP_RSA_gen(2048)); }

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
    auto* key = PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, nullptr, nullptr);
    if (!key) return fail(Errc::bad_request, "not a private key in PEM form");
    return PrivateKey(key);
}

std::string PrivateKey::pem() const {
    const Bio bio(BIO_new(BIO_s_mem()));
    check(PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "a key file");
    return written(bio.get());
}

std::string make_certificate(const CertificateRequest& request, const PrivateKey& key, std::string_view issuer_pem, const PrivateKey& issuer_key) {
    const Certificate certificate(X509_new());
    check(certificate != nullptr, "a certificate");
    X509_set_version(certificate.get(), X509_VERSION_3);
    set_random_serial(certificate.get());
    // A day back: clocks differ.
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -86400);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), std::chrono::seconds(request.valid).count());
    auto* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>("Renkei sandbox"), -1, -1, 0);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(request.common_name.c_str()), -1, -1, 0);
    X509_set_pubkey(certificate.get(), key.raw());

    const auto given = issuer_pem.empty() ? Certificate() : read_certificate(issuer_pem);
    auto* issuer = given ? given.get() : certificate.get();
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
    add_extensions(certificate.get(), issuer, request);
    check(X509_sign(certificate.get(), issuer_key.raw(), EVP_sha256()) > 0, "a signature");
    const Bio bio(BIO_new(BIO_s_mem()));
    check(PEM_write_bio_X509(bio.get(), certificate.get()) == 1, "a certificate file");
    return written(bio.get());
}

bool usable(std::string_view certificate_pem, const PrivateKey& key) {
    const auto certificate = read_certificate(certificate_pem);
    if (!certificate || X509_check_private_key(certificate.get(), key.raw()) != 1) return false;
    int days = 0, seconds = 0;
    return ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate.get())) == 1 && days >= 30;
}

std::string der_of(std::string_view certificate_pem) {
    const auto certificate = read_certificate(certificate_pem);
    if (!certificate) return {};
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(certificate.get(), &bytes);
    if (size <= 0) return {};
    std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return der;
}

std::string sha1_bytes(std::string_view data) {
    unsigned char digest[SHA_DIGEST_LENGTH];
    unsigned int size = 0;
    check(EVP_Digest(data.data(), data.size(), digest, &size, EVP_sha1(), nullptr) == 1, "a thumbprint");
    return {reinterpret_cast<char*>(digest), size};
}

std::string make_pfx(const PrivateKey& key, std::string_view certificate_pem, const std::string& password) {
    const auto certificate = read_certificate(certificate_pem);
    const Pkcs12 pfx(PKCS12_create(password.c_str(), "renkei-sandbox", key.raw(), certificate.get(), nullptr, 0, 0, 0, 0, 0));
    const Bio bio(BIO_new(BIO_s_mem()));
    check(pfx && i2d_PKCS12_bio(bio.get(), pfx.get()) == 1, "a PFX file");
    return written(bio.get());
}

}  // namespace renkei::sandbox
