#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

#include <string>
#include <string_view>

namespace renkei::oauth {

inline constexpr std::size_t most_certificate_bytes = 100u << 10;  ///< of a PFX or PEM file
/// Key derivation rounds that a file may ask for, all its parts together: a file may not keep a thread busy for minutes.
inline constexpr long most_derivation_rounds = 2'000'000;

/// A certificate with its private key, as somebody gave it: a PFX (PKCS#12, RFC 7292) as bytes or Base64 text, or PEM.
struct CertificateFile {
    Secret pfx{};       ///< bytes of the file, or their Base64 text with or without line breaks
    Secret pem{};       ///< certificates and, here or in `pem_key`, one private key; used if `pfx` is empty
    Secret pem_key{};   ///< the key alone, if it is a file of its own
    Secret password{};  ///< of the PFX or of the encrypted key; may be empty
};

/// What a certificate proves and when.
struct CertificateFacts {
    std::string thumbprint_sha1;    ///< of the DER, 40 upper-case hex digits, as the provider's portal shows it
    std::string thumbprint_sha256;  ///< of the DER, 64 upper-case hex digits
    std::string subject;            ///< RFC 2253 one-line form, at most 1024 bytes
    std::string serial;             ///< upper-case hex digits
    TimePoint not_before;
    TimePoint not_after;
};

struct ClientCertificate {
    Secret private_key;  ///< PEM, PKCS#8 (RFC 5958), not encrypted; RSA of at least 2048 bits
    std::string chain;   ///< PEM, the key's own certificate first, then what else the file held
    CertificateFacts facts;
};

/// Opens the file and checks that the key belongs to the certificate, is one that signs assertions at Microsoft, and that
/// the certificate is valid now. Blocks for key derivation (milliseconds, up to seconds): call it in a pool.
/// invalid_field with `field` (`pfx`, `pem` or `password`) and `reason` (base/reason.hpp); payload_too_large.
Result<ClientCertificate> open_certificate(const CertificateFile& file, TimePoint now);

}  // namespace renkei::oauth
