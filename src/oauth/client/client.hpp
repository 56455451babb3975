#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace renkei::oauth {

/// How the client proves itself (OpenID Connect Core section 9).
enum class ClientAuthMethod : std::uint8_t { client_secret_basic, client_secret_post, private_key_jwt, none };

/// RFC 7518 section 3.1.
enum class SigningAlgorithm : std::uint8_t { rs256, ps256, es256 };

struct ClientAuth {
    ClientAuthMethod method = ClientAuthMethod::none;
    Secret material{};     ///< client secret, or PEM private key
    std::string key_id{};  ///< `kid` of the key, may be empty
    /// Nothing: RS256 for an RSA key, ES256 for a P-256 key.
    std::optional<SigningAlgorithm> algorithm{};
    /// Of the client's certificate, hex digits: if there, the assertion names it instead of a `kid`.
    std::string thumbprint_sha1{}, thumbprint_sha256{};
};

struct Client {
    std::string id;
    ClientAuth auth{};
};

struct AuthorizationServer {
    std::string issuer;  ///< may hold {tenant}; empty: not known
    std::string authorization_endpoint;
    std::string token_endpoint;
    bool iss_in_answers = false;                  ///< RFC 9207: an answer without `iss` is refused
    std::string device_authorization_endpoint{};  ///< RFC 8628; empty: there is none
};

/// When a request is built and what makes it unique.
struct Moment {
    TimePoint now;
    std::string unique;  ///< `jti` of a client assertion
};

}  // namespace renkei::oauth
