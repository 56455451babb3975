#include "oauth/client/client_assertion.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

namespace renkei::oauth {
namespace {

constexpr std::chrono::minutes lifetime{5};
constexpr int smallest_rsa_bits = 2048;  // RFC 7518 section 3.3
constexpr int p256_half = 32;

template <auto release>
struct Releaser {
    template <class T>
    void operator()(T* held) const {
        release(held);
    }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Releaser<BIO_free>>;
using SignPtr = std::unique_ptr<EVP_MD_CTX, Releaser<EVP_MD_CTX_free>>;
using EcdsaPtr = std::unique_ptr<ECDSA_SIG, Releaser<ECDSA_SIG_free>>;

std::unexpected<Error> unusable(std::string detail) {
    ERR_clear_error();
    return fail(Errc::needs_app_owner, std::move(detail));
}

Result<KeyPtr> read_key(const Secret& pem) {
    const auto text = pem.expose();
    const BioPtr source(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    // Without a callback OpenSSL would ask the terminal for a passphrase.
    const auto no_passphrase = [](char*, int, int, void*) { return 0; };
    KeyPtr key(source ? PEM_read_bio_PrivateKey(source.get(), nullptr, no_passphrase, nullptr) : nullptr);
    if (!key) return unusable("the private key of the client registration is not an unencrypted PEM key");
    return key;
}

// Keys that this thread signed with lately. Reading one and its first signature cost as much as three signatures (blinding and
// Montgomery values are made anew), so a signing thread keeps a few. They end with the thread, after ten minutes without use at
// the thread's next signature, or when others push them out; OpenSSL wipes them.
class RecentKeys {
public:
    Result<EVP_PKEY*> find_or_read(const Secret& pem, TimePoint now) {
        std::erase_if(keys_, [now](const Kept& kept) { return kept.used + idle_life < now || kept.used > now + idle_life; });
        const auto hash = sha256(pem.expose());
        auto found = std::ranges::find(keys_, hash, &Kept::hash);
        if (found == keys_.end()) {
            auto key = read_key(pem);
            if (!key) return propagate(key);
            if (keys_.size() == most_kept) keys_.erase(std::ranges::min_element(keys_, {}, &Kept::used));
            found = keys_.insert(keys_.end(), Kept{hash, std::move(*key), now});
        }
        found->used = now;
        return found->key.get();
    }

private:
    static constexpr std::chrono::minutes idle_life{10};
    static constexpr std::size_t most_kept = 16;
    struct Kept {
        Digest hash;
        KeyPtr key;
        TimePoint used;
    };
    std::vector<Kept> keys_;
};

Result<SigningAlgorithm> algorithm_for(EVP_PKEY* key, std::optional<SigningAlgorithm> wanted) {
    if (EVP_PKEY_is_a(key, "RSA") == 1) {
        if (EVP_PKEY_get_bits(key) < smallest_rsa_bits) return unusable("the RSA key of the client registration is shorter than 2048 bits");
        if (wanted == SigningAlgorithm::es256) return unusable("ES256 needs a P-256 key, and the client registration has an RSA key");
        return wanted.value_or(SigningAlgorithm::rs256);
    }
    std::array<char, 32> group{};
    std::size_t length = 0;
    if (EVP_PKEY_is_a(key, "EC") != 1 || EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) != 1 ||
        std::string_view(group.data()) != "prime256v1")
        return unusable("the key of the client registration is neither RSA nor P-256");
    if (wanted && *wanted != SigningAlgorithm::es256) return unusable("RS256 and PS256 need an RSA key, and the client registration has a P-256 key");
    return SigningAlgorithm::es256;
}

std::string_view name_of(SigningAlgorithm algorithm) {
    switch (algorithm) {
        case SigningAlgorithm::rs256: return "RS256";
        case SigningAlgorithm::ps256: return "PS256";
        case SigningAlgorithm::es256: return "ES256";
    }
    return "";
}

// RFC 7518 section 3.4: R and S, 32 bytes each, instead of ASN.1.
Result<std::vector<std::uint8_t>> without_asn1(const std::vector<std::uint8_t>& der) {
    const auto* at = der.data();
    const EcdsaPtr parts(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    std::vector<std::uint8_t> out(2 * p256_half);
    if (!parts || BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), out.data(), p256_half) != p256_half ||
        BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), out.data() + p256_half, p256_half) != p256_half)
        return unusable("signing with the client registration's key failed");
    return out;
}

Result<std::vector<std::uint8_t>> sign(EVP_PKEY* key, SigningAlgorithm algorithm, std::string_view text) {
    const SignPtr context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* parameters = nullptr;
    if (!context || EVP_DigestSignInit_ex(context.get(), &parameters, "SHA256", nullptr, nullptr, key, nullptr) != 1)
        return unusable("signing with the client registration's key failed");
    // RFC 7518 section 3.5: MGF1 with SHA-256, salt as long as the hash.
    if (algorithm == SigningAlgorithm::ps256 &&
        (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 || EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1))
        return unusable("signing with the client registration's key failed");
    const auto bytes = as_bytes(text);
    std::size_t length = 0;
    if (EVP_DigestSign(context.get(), nullptr, &length, bytes.data(), bytes.size()) != 1) return unusable("signing with the client registration's key failed");
    std::vector<std::uint8_t> signature(length);
    if (EVP_DigestSign(context.get(), signature.data(), &length, bytes.data(), bytes.size()) != 1)
        return unusable("signing with the client registration's key failed");
    signature.resize(length);
    if (algorithm == SigningAlgorithm::es256) return without_asn1(signature);
    return signature;
}

// RFC 7515 sections 4.1.4, 4.1.7 and 4.1.8. Microsoft takes the SHA-256 thumbprint with PS256 and the SHA-1 one with RS256:
// https://learn.microsoft.com/entra/identity-platform/certificate-credentials
Result<std::string> header_of(SigningAlgorithm algorithm, const ClientAuth& auth) {
    json::object header{{"alg", json::view(name_of(algorithm))}, {"typ", "JWT"}};
    if (!auth.key_id.empty()) header.emplace("kid", json::view(auth.key_id));
    const bool old = algorithm == SigningAlgorithm::rs256;
    const auto& thumbprint = old ? auth.thumbprint_sha1 : auth.thumbprint_sha256;
    if (thumbprint.empty()) return json::serialize(header);
    const auto bytes = from_hex(thumbprint);
    if (!bytes) return unusable("the thumbprint of the client registration's certificate is damaged");
    header.emplace(old ? "x5t" : "x5t#S256", base64url(*bytes));
    return json::serialize(header);
}

std::string claims_of(const Client& client, std::string_view audience, const Moment& moment) {
    const auto now = std::chrono::floor<std::chrono::seconds>(moment.now).time_since_epoch().count();
    const auto until = now + std::chrono::seconds(lifetime).count();
    return json::serialize(json::object{{"iss", json::view(client.id)},
                                        {"sub", json::view(client.id)},
                                        {"aud", json::view(audience)},
                                        {"jti", json::view(moment.unique)},
                                        {"nbf", now},
                                        {"iat", now},
                                        {"exp", until}});
}

}  // namespace

Result<Secret> client_assertion(const Client& client, std::string_view audience, const Moment& moment) {
    // A value of the thread and not of the process: no lock, and nothing that another thread could see.
    thread_local RecentKeys recent;
    auto key = recent.find_or_read(client.auth.material, moment.now);
    if (!key) return propagate(key);
    auto algorithm = algorithm_for(*key, client.auth.algorithm);
    if (!algorithm) return propagate(algorithm);
    auto header = header_of(*algorithm, client.auth);
    if (!header) return propagate(header);
    std::string jwt = base64url(as_bytes(*header)) + "." + base64url(as_bytes(claims_of(client, audience, moment)));
    auto signature = sign(*key, *algorithm, jwt);
    if (!signature) return propagate(signature);
    jwt += "." + base64url(*signature);
    return Secret::take(std::move(jwt));
}

}  // namespace renkei::oauth
