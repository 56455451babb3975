// RFC 9207: which server an authorization answer comes from; and RFC 6749 section 4.1.2, the answer itself.
#include "oauth/client/callback.hpp"
#include "oauth/client/issuer.hpp"

#include <gtest/gtest.h>

namespace renkei::oauth {
namespace {

const Secret state("the-state");

Result<ValidatedCallback> given(const Fields& query, std::string issuer = "https://as.example", bool required = false) {
    return ValidatedCallback::from(query, {.state = state, .issuer = std::move(issuer), .iss_required = required});
}
Errc refusal(const Fields& query, std::string issuer = "https://as.example", bool required = false) {
    const auto answer = given(query, std::move(issuer), required);
    return answer ? Errc::internal : answer.error().code;
}

TEST(Rfc9207, Section2_4_TakesTheIssuerThatWasAsked) {
    const auto answer = given({{"code", "c"}, {"state", "the-state"}, {"iss", "https://as.example"}});

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->code().expose(), "c");
}

// Simple string comparison: no normalisation of any kind.
TEST(Rfc9207, Section2_4_RefusesEveryOtherIssuer) {
    for (const auto* other : {"https://evil.example", "https://as.example/", "https://AS.example", "https://as.example:443", "http://as.example", "",
                              "https://as.example.evil.example", "https://as.example/x"})
        EXPECT_EQ(refusal({{"code", "c"}, {"state", "the-state"}, {"iss", other}}), Errc::callback_invalid) << other;
}

TEST(Rfc9207, Section2_4_RefusesAnAnswerWithoutIssuerFromAServerThatSendsIt) {
    EXPECT_EQ(refusal({{"code", "c"}, {"state", "the-state"}}, "https://as.example", true), Errc::callback_invalid);
    EXPECT_TRUE(given({{"code", "c"}, {"state", "the-state"}}));
}

TEST(Rfc9207, Section2_4_ChecksTheIssuerOfErrorAnswersToo) {
    EXPECT_EQ(refusal({{"error", "access_denied"}, {"state", "the-state"}, {"iss", "https://evil.example"}}), Errc::callback_invalid);
    EXPECT_EQ(refusal({{"error", "access_denied"}, {"state", "the-state"}, {"iss", "https://as.example"}}), Errc::consent_refused);
}

TEST(Rfc9207, Section2_4_ATenantInTheIssuerStandsForOneSegmentAndNothingElse) {
    const std::string pattern = "https://login.example/{tenant}/v2.0";
    EXPECT_TRUE(issuer_matches(pattern, "https://login.example/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0"));
    for (const auto* bad :
         {"https://login.example//v2.0", "https://login.example/v2.0", "https://login.example/a/b/v2.0", "https://login.example/../v2.0",
          "https://evil.example/a/v2.0", "https://login.example/a/v2.0/", "https://login.example/a%2fb/v2.0", "https://login.example/{tenant}/v2.0"})
        EXPECT_FALSE(issuer_matches(pattern, bad)) << bad;
}

TEST(Rfc6749Callback, Section4_1_2_RefusesAMissingWrongOrEmptyState) {
    for (const auto* wrong : {"", "The-state", "the-stat", "the-state2"})
        EXPECT_EQ(refusal({{"code", "c"}, {"state", wrong}}), Errc::callback_invalid) << wrong;
    EXPECT_EQ(refusal({{"code", "c"}}), Errc::callback_invalid);
    EXPECT_EQ(refusal({{"error", "access_denied"}}), Errc::callback_invalid);
}

TEST(Rfc6749Callback, Section3_1_RefusesParametersThatComeTwice) {
    for (const auto* name : {"code", "state", "iss", "error"}) {
        Fields query{{"code", "c"}, {"state", "the-state"}, {"iss", "https://as.example"}};
        query.emplace_back(name, name == std::string_view("state") ? "the-state" : "x");
        query.emplace_back(name, "y");
        EXPECT_EQ(refusal(query), Errc::callback_invalid) << name;
    }
}

TEST(Rfc6749Callback, Section4_1_2_RefusesCodesThatAreNone) {
    for (const auto& bad : {std::string(), std::string("a\nb"), std::string("a\x01"), std::string("\xc3\xa9"), std::string(20'000, 'a')})
        EXPECT_EQ(refusal({{"code", bad}, {"state", "the-state"}}), Errc::callback_invalid);
    EXPECT_EQ(refusal({{"code", "c"}, {"error", "access_denied"}, {"state", "the-state"}}), Errc::callback_invalid);
    EXPECT_EQ(refusal(Fields(40, {"x", "y"})), Errc::callback_invalid);
}

TEST(Rfc6749Callback, Section4_1_2_1_TellsWhoMustAct) {
    const auto error = [](std::string text) { return refusal({{"error", std::move(text)}, {"state", "the-state"}}); };
    EXPECT_EQ(error("access_denied"), Errc::consent_refused);
    EXPECT_EQ(error("consent_required"), Errc::consent_refused);
    EXPECT_EQ(error("server_error"), Errc::provider_unavailable);
    EXPECT_EQ(error("invalid_scope"), Errc::needs_app_owner);
    EXPECT_EQ(error("unsupported_response_type"), Errc::needs_app_owner);
    EXPECT_EQ(error(""), Errc::provider_rejected);
    EXPECT_EQ(error("<script>"), Errc::provider_rejected);
}

}  // namespace
}  // namespace renkei::oauth
