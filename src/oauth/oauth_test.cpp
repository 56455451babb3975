#include "base/encoding.hpp"
#include "oauth/client/classify.hpp"
#include "oauth/client/id_token.hpp"
#include "oauth/client/issuer.hpp"

#include <gtest/gtest.h>

namespace renkei::oauth {
namespace {

const Secret nonce("n-0S6_WzA2Mj");

Result<SignedInPerson> check(const std::string& claims, std::string tenant = {}, const std::string& header = R"({"alg":"RS256"})") {
    const auto jwt = base64url(as_bytes(header)) + "." + base64url(as_bytes(claims)) + ".c2ln";
    return check_id_token(Secret(jwt), {.client_id = "client",
                                        .issuer = "https://as.example/{tenant}/v2",
                                        .tenant = std::move(tenant),
                                        .nonce = nonce,
                                        .now = from_millis(1'790'000'000'000)});
}
std::string claims_with(const std::string& more, const std::string& audience = "\"client\"") {
    return R"({"iss":"https://as.example/t1/v2","tid":"t1","aud":)" + audience + R"(,"sub":"s","nonce":"n-0S6_WzA2Mj","exp":1790000100)" + more + "}";
}

// OpenID Connect Core section 3.1.3.7.
TEST(IdToken, IdentifiesByTenantAndObjectIdAndNeverByAName) {
    const auto person = check(claims_with(R"(,"oid":"o1","preferred_username":"hanako@acme.example","email":"other@acme.example")"));

    ASSERT_TRUE(person);
    EXPECT_EQ(person->subject, "o1");
    EXPECT_EQ(person->tenant, "t1");
    EXPECT_EQ(person->display, "hanako@acme.example");
    EXPECT_EQ(check(claims_with(""))->subject, "s");
}

TEST(IdToken, TakesSeveralAudiencesOnlyWithUsAsAuthorizedParty) {
    EXPECT_TRUE(check(claims_with("", R"(["client"])")));
    EXPECT_TRUE(check(claims_with(R"(,"azp":"client")", R"(["client","other"])")));
    EXPECT_FALSE(check(claims_with("", R"(["client","other"])")));
    EXPECT_FALSE(check(claims_with(R"(,"azp":"other")", R"(["client","other"])")));
    EXPECT_FALSE(check(claims_with("", R"([])")));
    EXPECT_FALSE(check(claims_with("", R"([1,{"client":1}])")));
}

TEST(IdToken, RefusesAnotherTenantThanTheRegistrations) {
    EXPECT_TRUE(check(claims_with(""), "T1"));
    EXPECT_FALSE(check(claims_with(""), "t2"));
}

TEST(IdToken, RefusesUnsignedOnesAndWhatIsNoToken) {
    for (const auto* header : {R"({"alg":"none"})", R"({"alg":"NONE"})", R"({})", R"({"alg":1})", "x"})
        EXPECT_FALSE(check(claims_with(""), {}, header)) << header;
    for (const auto* bad : {"", ".", "..", "a.b", "a.b.c", "a.b.c.d", "eyJhbGciOiJSUzI1NiJ9.e30."})
        EXPECT_FALSE(check_id_token(Secret(bad), {.client_id = "client", .issuer = {}, .tenant = {}, .nonce = nonce, .now = from_millis(0)})) << bad;
}

TEST(IdToken, RefusesTimesThatAreNone) {
    for (const auto* bad : {R"(,"exp":"soon")", R"(,"nbf":1790009999)", R"(,"iat":1790009999)"})
        EXPECT_FALSE(check(R"({"iss":"https://as.example/t1/v2","tid":"t1","aud":"client","sub":"s","nonce":"n-0S6_WzA2Mj")" +
                           std::string(std::string_view(bad).starts_with(",\"exp") ? "" : ",\"exp\":1790000100") + bad + "}"))
            << bad;
}

TEST(IdToken, ShowsNoNameWithControlCharacters) { EXPECT_EQ(check(claims_with(R"(,"name":"a\u001b[31mb")"))->display, ""); }

TEST(Tenant, IsOnePathSegmentOrNothing) {
    EXPECT_EQ(fill_tenant("https://a/{tenant}/x/{tenant}", "t-1.example"), "https://a/t-1.example/x/t-1.example");
    EXPECT_EQ(fill_tenant("https://a/x", "../evil"), "https://a/x");
    for (const auto* bad : {"", ".", "..", "a/b", "a%2f", "a?b", "a#b", "a b", "a..b", ".a", "a.", "ä", "{tenant}"})
        EXPECT_FALSE(fill_tenant("https://a/{tenant}", bad)) << bad;
}

TEST(FailureCodes, EveryRowSaysSomethingAndNoneBlamesThePersonForTheAppsSecret) {
    for (const std::int64_t code : {7000215, 7000222, 7000218, 700027, 700024}) EXPECT_EQ(find_code(code)->who, RefreshFailure::needs_app_owner) << code;
    for (std::int64_t code = 0; code < 100'000; ++code)
        if (const auto* row = find_code(code)) EXPECT_FALSE(row->what.empty());
}

}  // namespace
}  // namespace renkei::oauth
