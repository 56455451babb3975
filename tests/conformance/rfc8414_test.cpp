// RFC 8414 and OpenID Connect Discovery: a server's description is used only if it is that server's.
#include "oauth/client/metadata.hpp"

#include <gtest/gtest.h>

namespace renkei::oauth {
namespace {

Result<ServerMetadata> read(std::string body, std::string_view issuer = "https://as.example", int status = 200) {
    return parse_metadata({status, {}, std::move(body)}, issuer);
}
std::string document(std::string issuer = "https://as.example", std::string token = "https://as.example/token") {
    return R"({"issuer":")" + issuer + R"(","authorization_endpoint":"https://as.example/authorize","token_endpoint":")" + token +
           R"(","authorization_response_iss_parameter_supported":true,"code_challenge_methods_supported":["S256",1]})";
}

TEST(Rfc8414, Section3_1_PutsTheWellKnownPartBetweenHostAndPath) {
    const auto addresses = metadata_addresses("https://as.example/realm/").value();

    EXPECT_EQ(addresses[0], "https://as.example/realm/.well-known/openid-configuration");
    EXPECT_EQ(addresses[1], "https://as.example/.well-known/oauth-authorization-server/realm");
}

TEST(Rfc8414, Section2_RefusesIssuersThatAreNone) {
    for (const auto* bad :
         {"", "as.example", "http://as.example", "https://as.example?x", "https://as.example#f", "ftp://as.example", "https://u:p@as.example"})
        EXPECT_FALSE(metadata_addresses(bad)) << bad;
    EXPECT_TRUE(metadata_addresses("http://127.0.0.1:8080"));
}

TEST(Rfc8414, Section3_2_ReadsTheDescription) {
    const auto metadata = read(document());

    ASSERT_TRUE(metadata);
    EXPECT_EQ(metadata->server.token_endpoint, "https://as.example/token");
    EXPECT_TRUE(metadata->server.iss_in_answers);
    EXPECT_EQ(metadata->challenge_methods, std::vector<std::string>{"S256"});
}

TEST(Rfc8414, Section3_3_RefusesADescriptionThatNamesAnotherIssuer) {
    for (const auto* other : {"https://evil.example", "https://as.example/", "HTTPS://as.example", ""}) EXPECT_FALSE(read(document(other))) << other;
}

TEST(Rfc8414, Section2_RefusesEndpointsThatAreNotHttps) {
    for (const auto* bad : {"http://as.example/token", "http://127.0.0.1/token", "/token", "javascript:x", "https://as.example/t#f", ""})
        EXPECT_FALSE(read(document("https://as.example", bad))) << bad;
    EXPECT_FALSE(read(R"({"issuer":"https://as.example","authorization_endpoint":"http://as.example/a","token_endpoint":"https://as.example/t"})"));
    EXPECT_FALSE(read(R"({"issuer":"https://as.example"})"));
}

TEST(Rfc8414, Section3_2_RefusesWhatIsNoDescription) {
    for (const auto* bad : {"", "<html>", "[]", "{", "null", R"({"issuer":5})"}) EXPECT_FALSE(read(bad)) << bad;
    EXPECT_FALSE(read(document(), "https://as.example", 404));
    EXPECT_FALSE(read(document() + std::string(300'000, ' ')));
}

TEST(Rfc8414, TakesAServerWithoutAuthorizationEndpoint) { EXPECT_TRUE(read(R"({"issuer":"https://as.example","token_endpoint":"https://as.example/t"})")); }

}  // namespace
}  // namespace renkei::oauth
