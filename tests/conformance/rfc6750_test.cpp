// RFC 6750: what a bearer token may be made of, so that it can stand in an Authorization header.
#include "oauth/client/token_response.hpp"

#include <gtest/gtest.h>

namespace renkei::oauth {
namespace {

bool taken(std::string token) { return parse_token_response({200, {}, R"({"token_type":"Bearer","access_token":")" + token + "\"}"}, "").has_value(); }

TEST(Rfc6750, Section2_1_TakesEveryCharacterOfATokenHeader) { EXPECT_TRUE(taken("AZaz09-._~+/==")); }

TEST(Rfc6750, Section2_1_RefusesWhatWouldBreakTheHeader) {
    for (const auto* bad : {"a b", "a\\nb", "a\\r\\nEvil: 1", "a\\tb", "a\\u0000b", "a\\u007fb", "\\u3042", " a"}) EXPECT_FALSE(taken(bad)) << bad;
}

TEST(Rfc6750, Section4_RefusesATokenTypeThatIsNotBearer) {
    for (const auto* type : {"\"MAC\"", "\"DPoP\"", "\"N_A\"", "\"\"", "\" Bearer\"", "null", "1"})
        EXPECT_FALSE(parse_token_response({200, {}, std::string(R"({"access_token":"at","token_type":)") + type + "}"}, "")) << type;
}

}  // namespace
}  // namespace renkei::oauth
