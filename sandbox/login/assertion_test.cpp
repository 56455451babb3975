#include "base/crypto.hpp"
#include "sandbox/login/login_test_world.hpp"

namespace renkei::sandbox {
namespace {

// A client assertion as MSAL makes it, to be bent by each test.
struct AssertionMaker {
    LoginWorld w;
    std::string algorithm = "PS256", type = "JWT", header_name = "x5t#S256", thumbprint, identifier = "1";
    std::string issuer, subject, audience;
    std::int64_t not_before = 0, expires = 0;

    AssertionMaker() {
        w.world.set_app_certificate(test_certificate());
        thumbprint = base64url(sha256(der_of(test_certificate())));
        issuer = subject = w.app("certificate").id;
        audience = std::string(LoginWorld::base) + "/" + LoginWorld::contoso + "/oauth2/v2.0/token";
        not_before = to_millis(w.world.now()) / 1000;
        expires = not_before + 600;
    }
    std::string make(const PrivateKey& key = test_rsa_key()) const {
        json::object header{{"alg", algorithm}, {"typ", type}, {header_name, thumbprint}};
        json::object claims{{"aud", audience},   {"iss", issuer},     {"sub", subject}, {"jti", identifier},
                            {"nbf", not_before}, {"iat", not_before}, {"exp", expires}};
        return sign_jwt(json::serialize(header), json::serialize(claims), algorithm, key);
    }
    ServerResponse send(const std::string& assertion) {
        return w.token({{"grant_type", "client_credentials"},
                        {"scope", "https://graph.microsoft.com/.default"},
                        {"client_id", w.app("certificate").id},
                        {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                        {"client_assertion", assertion}});
    }
    ServerResponse send() { return send(make()); }
};

TEST(SandboxAssertion, TakesPs256WithSha256AndRs256WithSha1) {
    AssertionMaker modern;
    AssertionMaker old;
    old.algorithm = "RS256";
    old.header_name = "x5t";
    old.thumbprint = base64url(as_bytes(sha1_bytes(der_of(test_certificate()))));

    EXPECT_EQ(modern.send().status, 200);
    EXPECT_EQ(old.send().status, 200);
}

TEST(SandboxAssertion, TakesTheIssuerAndTheDomainsFormAsAudience) {
    AssertionMaker maker;
    maker.audience = std::string(LoginWorld::base) + "/" + LoginWorld::contoso + "/v2.0";
    EXPECT_EQ(maker.send().status, 200);

    maker.audience = std::string(LoginWorld::base) + "/contoso.example/oauth2/v2.0/token";
    EXPECT_EQ(maker.send().status, 200);
}

TEST(SandboxAssertion, WrongAudienceIs700023) {
    AssertionMaker maker;
    maker.audience = "https://login.microsoftonline.com/common/oauth2/v2.0/token";

    expect_aadsts(maker.send(), 700023, "invalid_client", 401);
}

TEST(SandboxAssertion, AnotherKeyOrAnUnknownThumbprintIs700027) {
    AssertionMaker maker;
    static const auto other = PrivateKey::make_rsa();
    expect_aadsts(maker.send(maker.make(other)), 700027, "invalid_client", 401);

    maker.thumbprint = base64url(sha256("another certificate"));
    expect_aadsts(maker.send(), 700027, "invalid_client", 401);
}

TEST(SandboxAssertion, AChangedClaimIs700027) {
    AssertionMaker maker;
    const auto signed_by_us = maker.make();
    maker.expires += 1;
    const auto later = maker.make();
    // The later claims with the earlier signature.
    const auto mixed = later.substr(0, later.rfind('.')) + signed_by_us.substr(signed_by_us.rfind('.'));

    expect_aadsts(maker.send(mixed), 700027, "invalid_client", 401);
}

TEST(SandboxAssertion, AnotherAlgorithmThanTheSignaturesIs700027) {
    AssertionMaker maker;
    auto assertion = maker.make();
    const auto header = base64url(as_bytes(R"({"alg":"none","typ":"JWT","x5t#S256":")" + maker.thumbprint + R"("})"));

    expect_aadsts(maker.send(header + assertion.substr(assertion.find('.'))), 700027, "invalid_client", 401);
}

TEST(SandboxAssertion, OutsideItsTimeIs700024) {
    AssertionMaker early;
    early.not_before += 3600;
    early.expires += 3600;
    AssertionMaker late;
    const auto assertion = late.make();
    late.w.manual.advance(std::chrono::minutes(16));

    expect_aadsts(early.send(), 700024, "invalid_client", 401);
    expect_aadsts(late.send(assertion), 700024, "invalid_client", 401);
}

TEST(SandboxAssertion, IssuerAndSubjectAreTheClient) {
    AssertionMaker maker;
    maker.subject = "somebody";
    expect_aadsts(maker.send(), 700021, "invalid_client", 401);

    AssertionMaker other;
    other.issuer = "somebody";
    expect_aadsts(other.send(), 700021, "invalid_client", 401);
}

TEST(SandboxAssertion, RefusesWhatIsNoJwt) {
    AssertionMaker maker;
    for (const auto* text : {"x", "a.b", "a.b.c", "e30.e30.e30", "e30.W10.e30", "..."}) expect_aadsts(maker.send(text), 50027, "invalid_client", 401);
    maker.type = "at+jwt";
    expect_aadsts(maker.send(), 5002727, "invalid_request");
}

TEST(SandboxAssertion, NeedsItsTypeAndNoSecretBeside) {
    AssertionMaker maker;
    Fields form{{"grant_type", "client_credentials"}, {"client_id", maker.w.app("certificate").id}, {"client_assertion", maker.make()}};
    expect_aadsts(maker.w.token(form), 900144, "invalid_request");
    form.emplace_back("client_assertion_type", "urn:something");
    expect_aadsts(maker.w.token(form), 9002313, "invalid_request");
    form.back().second = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    form.emplace_back("client_secret", "x");
    expect_aadsts(maker.w.token(form), 9002313, "invalid_request");
}

TEST(SandboxAssertion, IsTakenAgainUntilItExpiresUnlessItIsToldOtherwise) {
    AssertionMaker maker;
    const auto assertion = maker.make();
    EXPECT_EQ(maker.send(assertion).status, 200);
    EXPECT_EQ(maker.send(assertion).status, 200) << "MSAL sends one until it expires";

    // RFC 7523 section 3, item 7.
    maker.w.world.switches().single_use_assertions = true;
    EXPECT_EQ(maker.send(assertion).status, 200);
    expect_aadsts(maker.send(assertion), 50027, "invalid_client", 401);
    maker.identifier = "2";
    EXPECT_EQ(maker.send().status, 200);
    maker.identifier.clear();
    expect_aadsts(maker.send(), 50027, "invalid_client", 401);
}

TEST(SandboxAssertion, AnotherTenantsAudienceIs700023) {
    AssertionMaker maker;
    maker.audience = std::string(LoginWorld::base) + "/fabrikam.example/oauth2/v2.0/token";
    expect_aadsts(maker.send(), 700023, "invalid_client", 401);
}

TEST(SandboxAssertion, AnAppWithoutCertificatesIs700027) {
    AssertionMaker maker;
    maker.w.app("certificate").certificates.clear();

    expect_aadsts(maker.send(), 700027, "invalid_client", 401);
}

}  // namespace
}  // namespace renkei::sandbox
