#include "base/reason.hpp"

#include "base/encoding.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace renkei {
namespace {

TEST(Reason, EveryOneHasAWordOfItsOwnAndTextsInBothLanguages) {
    std::set<std::string_view> slugs, texts;
    for (int i = 0; i <= static_cast<int>(Reason::domain_consumer); ++i) {
        const auto& row = reason_row(static_cast<Reason>(i));
        EXPECT_TRUE(slugs.insert(row.slug).second) << row.slug;
        EXPECT_TRUE(texts.insert(row.text_en).second && texts.insert(row.text_ja).second) << row.slug;
        EXPECT_EQ(reason_row_of_slug(row.slug), &row);
        EXPECT_FALSE(row.remedy_en.empty() || row.remedy_ja.empty()) << row.slug;
        const auto is_ascii = [](std::string_view text) { return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }); };
        EXPECT_FALSE(is_ascii(row.text_ja) || is_ascii(row.remedy_ja)) << row.slug;
        EXPECT_EQ(row.text_en.find("{}") == row.text_en.npos, row.text_ja.find("{}") == row.text_ja.npos) << row.slug;
    }
    EXPECT_EQ(reason_row_of_slug("nothing"), nullptr);
}

TEST(Reason, ARefusalNamesFieldReasonAndValue) {
    const auto refused = refuse_field("pfx", Reason::certificate_expired, "2026-01-01T00:00:00Z").error();

    EXPECT_EQ(refused.code, Errc::invalid_field);
    EXPECT_EQ(refused.get("field"), "pfx");
    EXPECT_EQ(refused.get("reason"), "certificate-expired");
    EXPECT_EQ(refused.get("reason_value"), "2026-01-01T00:00:00Z");
    EXPECT_EQ(refused.detail, "the certificate expired at 2026-01-01T00:00:00Z");
}

}  // namespace
}  // namespace renkei
