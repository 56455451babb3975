// RFC 7636: proof key for code exchange; only S256.
#include "base/crypto.hpp"
#include "base/random.hpp"
#include "base/uri.hpp"
#include "oauth/client/authorization_request.hpp"
#include "oauth/client/token_request.hpp"

#include <gtest/gtest.h>

namespace renkei::oauth {
namespace {

const AuthorizationServer server{"https://as.example", "https://as.example/authorize?p=1", "https://as.example/token", false};

Result<std::string> url_with(Fields extra, std::string endpoint = "https://as.example/authorize?p=1",
                             std::vector<std::string> scopes = {"openid", "Mail.Read"}) {
    static const Secret state("st&te"), nonce("n"), verifier("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    AuthorizationServer at = server;
    at.authorization_endpoint = std::move(endpoint);
    return authorization_url(at, {.client_id = "client",
                                  .redirect_uri = "https://renkei.example/cb",
                                  .scopes = std::move(scopes),
                                  .state = state,
                                  .nonce = nonce,
                                  .code_verifier = verifier,
                                  .extra = std::move(extra)});
}

// Appendix B.
TEST(Rfc7636, Section4_2_ComputesTheChallengeOfTheAppendix) {
    EXPECT_EQ(code_challenge(Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(Rfc7636, Section4_1_MakesVerifiersOf43UnreservedCharactersThatNeverRepeat) {
    SystemRandom random;
    const auto one = make_code_verifier(random), two = make_code_verifier(random);

    EXPECT_EQ(one.expose().size(), 43U);
    EXPECT_EQ(one.expose().find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"), std::string_view::npos);
    EXPECT_FALSE(one.equals(two));
}

TEST(Rfc7636, Section4_3_SendsTheChallengeAndNeverTheVerifier) {
    const auto url = url_with({}).value();
    const auto query = form_decode(Uri::parse(url)->query).value();

    EXPECT_EQ(*find_field(query, "code_challenge_method"), "S256");
    EXPECT_EQ(*find_field(query, "code_challenge"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    EXPECT_EQ(url.find("dBjftJeZ4CVP"), std::string::npos);
    EXPECT_EQ(*find_field(query, "p"), "1");
    EXPECT_EQ(*find_field(query, "state"), "st&te");
}

TEST(Rfc7636, Section4_3_NothingMayTakeTheChallengesPlace) {
    for (const auto* name :
         {"code_challenge", "code_challenge_method", "state", "nonce", "redirect_uri", "client_id", "scope", "response_type", "request", "request_uri", "p"})
        EXPECT_FALSE(url_with({{name, "evil"}})) << name;
    EXPECT_FALSE(url_with({}, "https://as.example/authorize?code_challenge_method=plain"));
    EXPECT_FALSE(url_with({}, "https://as.example/authorize?%zz"));
    EXPECT_FALSE(url_with({}, "javascript:alert(1)"));
    EXPECT_TRUE(url_with({{"prompt", "consent"}}));
}

TEST(Rfc7636, Section4_5_ShowsTheVerifierAtTheTokenEndpoint) {
    const Secret code("c"), verifier("the-verifier");
    const auto request = code_request(server, {"client", {}}, {from_millis(0), "u"}, {code, verifier, "https://renkei.example/cb"}).value();

    EXPECT_EQ(*find_field(form_decode(request.secret_body->expose()).value(), "code_verifier"), "the-verifier");
}

}  // namespace
}  // namespace renkei::oauth
