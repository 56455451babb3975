#include "sandbox/login/jwt.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>
#include <vector>

namespace renkei::sandbox {
namespace {

using Digester = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

bool set_padding(EVP_PKEY_CTX* context, std::string_view algorithm) {
    if (algorithm == "RS256") return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
    if (algorithm != "PS256") return false;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, 32) == 1;
}

std::string key_number(EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) throw std::runtime_error("not an RSA key");
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(BN_num_bytes(number)));
    BN_bn2bin(number, bytes.data());
    BN_free(number);
    return base64url(bytes);
}

}  // namespace

std::string sign_jwt(std::string_view header_json, std::string_view claims_json, std::string_view algorithm, const PrivateKey& key) {
    const auto input = base64url(as_bytes(header_json)) + "." + base64url(as_bytes(claims_json));
    const Digester context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_PKEY_CTX* options = nullptr;
    std::size_t size = 0;
    const auto* data = reinterpret_cast<const unsigned char*>(input.data());
    if (EVP_DigestSignInit(context.get(), &options, EVP_sha256(), nullptr, key.raw()) != 1 || !set_padding(options, algorithm) ||
        EVP_DigestSign(context.get(), nullptr, &size, data, input.size()) != 1)
        throw std::runtime_error("cannot sign");
    std::vector<std::uint8_t> signature(size);
    if (EVP_DigestSign(context.get(), signature.data(), &size, data, input.size()) != 1) throw std::runtime_error("cannot sign");
    signature.resize(size);
    return input + "." + base64url(signature);
}

bool signature_valid(const DecodedJwt& jwt, std::string_view algorithm, std::string_view certificate_pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())), BIO_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
    if (!certificate) return false;
    const Digester context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_PKEY_CTX* options = nullptr;
    return EVP_DigestVerifyInit(context.get(), &options, EVP_sha256(), nullptr, X509_get0_pubkey(certificate.get())) == 1 && set_padding(options, algorithm) &&
           EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(jwt.signature.data()), jwt.signature.size(),
                            reinterpret_cast<const unsigned char*>(jwt.signed_part.data()), jwt.signed_part.size()) == 1;
}

std::optional<DecodedJwt> decode_jwt(std::string_view token) {
    const auto parts = split(token, '.');
    if (parts.size() != 3) return std::nullopt;
    auto header = decode_base64url(parts[0]);
    auto claims = decode_base64url(parts[1]);
    auto signature = decode_base64url(parts[2]);
    if (!header || !claims || !signature) return std::nullopt;
    return DecodedJwt{std::move(*header), std::move(*claims), std::string(token.substr(0, token.rfind('.'))), std::move(*signature)};
}

TokenSigner::TokenSigner(PrivateKey key, std::string certificate_pem)
    : key_(std::move(key)),
      certificate_(std::move(certificate_pem)),
      modulus_(key_number(key_.raw(), OSSL_PKEY_PARAM_RSA_N)),
      exponent_(key_number(key_.raw(), OSSL_PKEY_PARAM_RSA_E)) {
    // As at Microsoft, the key's id is the certificate's SHA-1 thumbprint.
    key_id_ = base64url(as_bytes(sha1_bytes(der_of(certificate_))));
}

std::string TokenSigner::sign(std::string_view claims_json) const {
    json::object header{{"typ", "JWT"}, {"alg", "RS256"}, {"kid", key_id_}};
    return sign_jwt(json::serialize(header), claims_json, "RS256", key_);
}

std::string TokenSigner::key_set(std::string_view issuer) const {
    json::object key{{"kty", "RSA"},
                     {"use", "sig"},
                     {"kid", key_id_},
                     {"x5t", key_id_},
                     {"n", modulus_},
                     {"e", exponent_},
                     {"alg", "RS256"},
                     {"x5c", json::array{base64(as_bytes(der_of(certificate_)))}},
                     {"issuer", json::view(issuer)}};
    return json::serialize(json::object{{"keys", json::array{std::move(key)}}});
}

}  // namespace renkei::sandbox
