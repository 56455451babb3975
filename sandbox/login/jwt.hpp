#pragma once

#include "sandbox/tls/keys.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace renkei::sandbox {

/// Signs id_tokens (RS256) and publishes its public half (RFC 7517).
class TokenSigner {
public:
    TokenSigner(PrivateKey key, std::string certificate_pem);
    const std::string& key_id() const { return key_id_; }
    /// A signed JWT with this JSON text as claims (RFC 7515 section 3.1).
    std::string sign(std::string_view claims_json) const;
    /// The JWKS document; `issuer` may hold {tenantid}.
    std::string key_set(std::string_view issuer) const;

private:
    PrivateKey key_;
    std::string certificate_, key_id_, modulus_, exponent_;
};

/// The parts of a compact JWS, decoded; nothing if it is none.
struct DecodedJwt {
    std::string header, claims;  ///< JSON texts
    std::string signed_part, signature;
};
std::optional<DecodedJwt> decode_jwt(std::string_view token);

/// Whether the signature is by the certificate's key: RS256 or PS256 with a 32-byte salt (RFC 7518 sections 3.3, 3.5).
bool signature_valid(const DecodedJwt& jwt, std::string_view algorithm, std::string_view certificate_pem);

/// A signature by the key, for tests and clients of the sandbox.
std::string sign_jwt(std::string_view header_json, std::string_view claims_json, std::string_view algorithm, const PrivateKey& key);

}  // namespace renkei::sandbox
