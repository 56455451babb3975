// RFC 7523: a signed JWT in place of a client secret.
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "oauth/client/client_assertion.hpp"
#include "oauth/client/token_request.hpp"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <functional>
#include <memory>

namespace renkei::oauth {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Key rsa_key(unsigned bits = 2048) { return {EVP_RSA_gen(bits), &EVP_PKEY_free}; }
Key ec_key(const char* group = "P-256") { return {EVP_EC_gen(group), &EVP_PKEY_free}; }
Secret pem_of(EVP_PKEY* key, const char* password = nullptr) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PrivateKey(out.get(), key, password != nullptr ? EVP_aes_256_cbc() : nullptr, reinterpret_cast<const unsigned char*>(password),
                             password != nullptr ? 4 : 0, nullptr, nullptr);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    return Secret(std::string_view(data, static_cast<std::size_t>(size)));
}

const Moment moment{from_millis(1'790'000'000'999), "unique-1"};
Client client_of(Secret pem, std::optional<SigningAlgorithm> algorithm = {}, std::string kid = {}) {
    return {"client", {.method = ClientAuthMethod::private_key_jwt, .material = std::move(pem), .key_id = std::move(kid), .algorithm = algorithm}};
}
json::object part(const Secret& jwt, std::size_t index) { return json::parse(decode_base64url(split(jwt.expose(), '.')[index]).value())->get_object(); }

bool verifies(const Secret& jwt, EVP_PKEY* key, SigningAlgorithm algorithm) {
    const auto parts = split(jwt.expose(), '.');
    const std::string signed_text = std::string(parts[0]) + "." + std::string(parts[1]);
    auto signature = decode_base64url(parts[2]).value();
    std::vector<unsigned char> bytes(signature.begin(), signature.end());
    if (algorithm == SigningAlgorithm::es256) {
        if (bytes.size() != 64) return false;
        ECDSA_SIG* raw = ECDSA_SIG_new();
        ECDSA_SIG_set0(raw, BN_bin2bn(bytes.data(), 32, nullptr), BN_bin2bn(bytes.data() + 32, 32, nullptr));
        unsigned char* der = nullptr;
        const int length = i2d_ECDSA_SIG(raw, &der);
        bytes.assign(der, der + length);
        OPENSSL_free(der);
        ECDSA_SIG_free(raw);
    }
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    EVP_PKEY_CTX* parameters = nullptr;
    EVP_DigestVerifyInit_ex(context.get(), &parameters, "SHA256", nullptr, nullptr, key, nullptr);
    if (algorithm == SigningAlgorithm::ps256) {
        EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 32);
    }
    return EVP_DigestVerify(context.get(), bytes.data(), bytes.size(), reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size()) == 1;
}

TEST(Rfc7523, Section3_NamesClientAudienceAndALifeOfFiveMinutes) {
    const auto key = ec_key();
    const auto jwt = client_assertion(client_of(pem_of(key.get()), {}, "key-7"), "https://as.example/token", moment).value();

    const auto header = part(jwt, 0), claims = part(jwt, 1);
    EXPECT_EQ(json::text(header, "kid"), "key-7");
    EXPECT_EQ(json::text(header, "typ"), "JWT");
    EXPECT_EQ(json::text(claims, "iss"), "client");
    EXPECT_EQ(json::text(claims, "sub"), "client");
    EXPECT_EQ(json::text(claims, "aud"), "https://as.example/token");
    EXPECT_EQ(json::text(claims, "jti"), "unique-1");
    EXPECT_EQ(json::integer(claims, "iat"), 1'790'000'000);
    EXPECT_EQ(json::integer(claims, "exp"), 1'790'000'300);
}

// RFC 7515 sections 4.1.7 and 4.1.8; https://learn.microsoft.com/entra/identity-platform/certificate-credentials
TEST(Rfc7515, Section418_APs256AssertionNamesTheCertificateByItsSha256Thumbprint) {
    const auto key = rsa_key();
    auto client = client_of(pem_of(key.get()), SigningAlgorithm::ps256);
    client.auth.thumbprint_sha1 = "2FD4E1C67A2D28FCED849EE1BB76E7391B93EB12";
    client.auth.thumbprint_sha256 = "D7A8FBB307D7809469CA9ABCB0082E4F8D5651E46D3CDB762D02D0BF37C9E592";

    const auto jwt = client_assertion(client, "https://as.example/token", moment).value();

    const auto header = part(jwt, 0);
    EXPECT_EQ(json::text(header, "alg"), "PS256");
    EXPECT_EQ(json::text(header, "x5t#S256"), "16j7swfXgJRpypq8sAguT41WUeRtPNt2LQLQvzfJ5ZI");
    EXPECT_EQ(json::find(header, "x5t"), nullptr);
    EXPECT_EQ(json::find(header, "kid"), nullptr);
    EXPECT_TRUE(verifies(jwt, key.get(), SigningAlgorithm::ps256));
    EXPECT_FALSE(verifies(jwt, key.get(), SigningAlgorithm::rs256));
}

TEST(Rfc7515, Section417_AnRs256AssertionNamesTheCertificateByItsSha1Thumbprint) {
    const auto key = rsa_key();
    auto client = client_of(pem_of(key.get()), SigningAlgorithm::rs256);
    client.auth.thumbprint_sha1 = "2FD4E1C67A2D28FCED849EE1BB76E7391B93EB12";
    client.auth.thumbprint_sha256 = "D7A8FBB307D7809469CA9ABCB0082E4F8D5651E46D3CDB762D02D0BF37C9E592";

    const auto header = part(client_assertion(client, "https://as.example/token", moment).value(), 0);

    EXPECT_EQ(json::text(header, "alg"), "RS256");
    EXPECT_EQ(json::text(header, "x5t"), "L9ThxnotKPzthJ7hu3bnORuT6xI");
    EXPECT_EQ(json::find(header, "x5t#S256"), nullptr);
}

TEST(Rfc7515, Section418_ADamagedThumbprintSignsNothing) {
    const auto key = rsa_key();
    auto client = client_of(pem_of(key.get()), SigningAlgorithm::ps256);
    client.auth.thumbprint_sha256 = "not hex";

    const auto jwt = client_assertion(client, "https://as.example/token", moment);

    ASSERT_FALSE(jwt);
    EXPECT_EQ(jwt.error().code, Errc::needs_app_owner);
}

TEST(Rfc7523, Section3_SignsWithEachAlgorithmSoThatTheOtherSideCanVerify) {
    const auto rsa = rsa_key(), ec = ec_key(), other = ec_key();
    const auto signed_with = [&](EVP_PKEY* key, std::optional<SigningAlgorithm> algorithm) {
        return client_assertion(client_of(pem_of(key), algorithm), "aud", moment).value();
    };

    EXPECT_TRUE(verifies(signed_with(rsa.get(), {}), rsa.get(), SigningAlgorithm::rs256));
    EXPECT_TRUE(verifies(signed_with(rsa.get(), SigningAlgorithm::ps256), rsa.get(), SigningAlgorithm::ps256));
    for (int i = 0; i < 40; ++i) EXPECT_TRUE(verifies(signed_with(ec.get(), {}), ec.get(), SigningAlgorithm::es256));  // short R and S are padded
    EXPECT_FALSE(verifies(signed_with(ec.get(), {}), other.get(), SigningAlgorithm::es256));
    EXPECT_FALSE(verifies(signed_with(rsa.get(), {}), rsa.get(), SigningAlgorithm::ps256));
}

TEST(Rfc7523, Section2_2_SendsTheAssertionInPlaceOfASecret) {
    const auto key = ec_key();
    const AuthorizationServer server{"", "", "https://as.example/token", false};
    const auto request = client_credentials_request(server, client_of(pem_of(key.get())), moment, "s").value();
    const auto form = form_decode(request.secret_body->expose()).value();

    EXPECT_EQ(*find_field(form, "client_assertion_type"), "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    EXPECT_EQ(json::text(part(Secret(*find_field(form, "client_assertion")), 1), "aud"), "https://as.example/token");
    EXPECT_EQ(find_field(form, "client_secret"), nullptr);
    EXPECT_FALSE(request.authorization);
}

TEST(Rfc7523, RefusesKeysThatCannotBeUsedAndBlamesTheRegistration) {
    const auto rsa = rsa_key(), weak = rsa_key(1024), ec = ec_key(), p384 = ec_key("P-384");
    const auto refused = [](Client client) {
        const auto jwt = client_assertion(client, "aud", moment);
        return !jwt && jwt.error().code == Errc::needs_app_owner;
    };

    EXPECT_TRUE(refused(client_of(Secret(""))));
    EXPECT_TRUE(refused(client_of(Secret("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))));
    EXPECT_TRUE(refused(client_of(Secret("a client secret"))));
    EXPECT_TRUE(refused(client_of(pem_of(rsa.get(), "pass"))));
    EXPECT_TRUE(refused(client_of(pem_of(weak.get()))));
    EXPECT_TRUE(refused(client_of(pem_of(p384.get()))));
    EXPECT_TRUE(refused(client_of(pem_of(rsa.get()), SigningAlgorithm::es256)));
    EXPECT_TRUE(refused(client_of(pem_of(ec.get()), SigningAlgorithm::rs256)));
}

}  // namespace
}  // namespace renkei::oauth
