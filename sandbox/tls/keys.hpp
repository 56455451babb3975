#pragma once

#include "base/result.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace renkei::sandbox {

/// A private key. Made new or read from PEM.
class PrivateKey {
public:
    static PrivateKey make_ec();   ///< P-256
    static PrivateKey make_rsa();  ///< 2048 bits
    static Result<PrivateKey> from_pem(std::string_view pem);
    std::string pem() const;
    evp_pkey_st* raw() const { return key_.get(); }

private:
    explicit PrivateKey(evp_pkey_st* key);
    std::shared_ptr<evp_pkey_st> key_;
};

struct CertificateRequest {
    std::string common_name;
    std::vector<std::string> names{};  ///< host names and addresses
    bool is_ca = false;
    std::chrono::days valid{730};
};

/// A certificate for `key`, signed by the issuer, as PEM. An empty `issuer_pem` makes a self-signed one.
std::string make_certificate(const CertificateRequest& request, const PrivateKey& key, std::string_view issuer_pem, const PrivateKey& issuer_key);
/// Whether the PEM certificate is for this key and still lives a month.
bool usable(std::string_view certificate_pem, const PrivateKey& key);
/// The DER bytes of the first certificate of a PEM text; empty if there is none.
std::string der_of(std::string_view certificate_pem);
std::string sha1_bytes(std::string_view data);
/// PKCS#12 with key and certificate.
std::string make_pfx(const PrivateKey& key, std::string_view certificate_pem, const std::string& password);

}  // namespace renkei::sandbox
