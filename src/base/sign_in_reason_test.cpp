#include "base/sign_in_reason.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace renkei {
namespace {

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

TEST(SignInReason, U13_EveryOneHasAWordOfItsOwnAndTextsInBothLanguages) {
    std::set<std::string_view> texts;
    for (const auto& row : sign_in_reasons()) {
        EXPECT_EQ(sign_in_reason(row.slug), &row);
        EXPECT_TRUE(texts.insert(row.text_en).second && texts.insert(row.text_ja).second) << row.slug;
        EXPECT_FALSE(row.remedy_en.empty() || row.remedy_ja.empty()) << row.slug;
        EXPECT_TRUE(is_ascii(row.text_en)) << row.slug;
        EXPECT_FALSE(is_ascii(row.text_ja) || is_ascii(row.remedy_ja)) << row.slug;
        EXPECT_EQ(row.text_en.find("{}") == row.text_en.npos, row.text_ja.find("{}") == row.text_ja.npos) << row.slug;
        EXPECT_NE(row.actor, Actor::caller) << row.slug << ": a caller of the API cannot repair a sign-in";
    }
    EXPECT_EQ(sign_in_reason("nothing"), nullptr);
}

TEST(SignInReason, U13_TellsWhoActsAndWhatToDoInTheReadersLanguageWithTheProvidersCode) {
    auto error = because({Errc::needs_app_owner, "the client secret has expired (provider's code 7000222)"}, "secret-expired");
    error.context.emplace_back("provider_code", "AADSTS7000222");

    EXPECT_EQ(told(error, false).detail, "the client secret has expired (AADSTS7000222)");
    EXPECT_EQ(told(error, true).detail, "クライアント シークレットの有効期限が切れています。 (AADSTS7000222)");
    EXPECT_EQ(told(error, true).actor, Actor::app_owner);
    EXPECT_EQ(told(error, false).remedy, sign_in_reason("secret-expired")->remedy_en);
}

TEST(SignInReason, U13_MayBlameSomebodyElseThanTheCodeDoes) {
    const auto clock = because({Errc::needs_app_owner, "x"}, "assertion-out-of-time");

    EXPECT_EQ(told(clock, false).actor, Actor::operator_);
}

TEST(SignInReason, AnErrorWithoutAReasonKeepsItsOwnWords) {
    const Error plain{Errc::provider_unavailable, "it is down"};

    EXPECT_EQ(told(plain, true).detail, "it is down");
    EXPECT_EQ(told(plain, true).actor, Actor::nobody);
    EXPECT_EQ(told(because(plain, "no-such-reason"), false).detail, "it is down");
}

TEST(SignInReason, ANewReasonReplacesTheOldOne) {
    const auto error = because(because({Errc::needs_app_owner, "x"}, "tenant-not-found"), "other-cloud", "China (china)");

    EXPECT_EQ(error.get("reason"), "other-cloud");
    EXPECT_EQ(told(error, false).detail, "the tenant or the app belongs to another Microsoft cloud: China (china)");
}

}  // namespace
}  // namespace renkei
