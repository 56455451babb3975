#include "app/text_encoding.hpp"

#include <gtest/gtest.h>

namespace renkei::app {
namespace {

std::string cp932(std::string_view text) {
    std::vector<Unwritable> unwritable;
    return write_encoded(text, FileEncoding::cp932, unwritable);
}

TEST(TextEncoding, ReadsWhatExcelInJapanWrites) {
    // 山田 ㈱ ① 髙 﨑 ～ － ｱ, byte for byte as code page 932 has them.
    EXPECT_EQ(*read_encoded("\x8e\x52\x93\x63 \x87\x8a \x87\x40 \xfb\xfc \xed\x95 \x81\x60 \x81\x7c \xb1", std::nullopt), "山田 ㈱ ① 髙 﨑 ～ － ｱ");
}

TEST(TextEncoding, WritesThemTheSameWay) {
    EXPECT_EQ(cp932("山田 ㈱ ① 髙 ～ － ｱ\\~"), "\x8e\x52\x93\x63 \x87\x8a \x87\x40 \xfb\xfc \x81\x60 \x81\x7c \xb1\\~");
}

TEST(TextEncoding, Utf8IsReadWithAndWithoutItsMark) {
    EXPECT_EQ(*read_encoded("\xEF\xBB\xBFメール,名前", std::nullopt), "メール,名前");
    EXPECT_EQ(*read_encoded("メール,名前", FileEncoding::utf8), "メール,名前");
    std::vector<Unwritable> unwritable;
    EXPECT_EQ(write_encoded("名前", FileEncoding::utf8, unwritable), "\xEF\xBB\xBF名前");
}

TEST(TextEncoding, WhatCp932CannotHoldIsNamedAndNeverReplaced) {
    std::vector<Unwritable> unwritable;
    EXPECT_EQ(write_encoded("髙橋\n𠮷野\n한,é", FileEncoding::cp932, unwritable), "");
    ASSERT_EQ(unwritable.size(), 3u);
    EXPECT_EQ(unwritable[0].character, "𠮷");
    EXPECT_EQ(unwritable[0].line, 2u);
    EXPECT_EQ(unwritable[1].character, "한");
    EXPECT_EQ(unwritable[2].character, "é");
    EXPECT_EQ(unwritable[2].line, 3u);
}

TEST(TextEncoding, WhatIsNeitherIsRefusedByItsLine) {
    const auto refused = read_encoded("ok\nok\n\xff\xfe", std::nullopt);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::bad_request);
    EXPECT_NE(refused.error().detail.find("line 3"), std::string::npos) << refused.error().detail;
    EXPECT_FALSE(read_encoded("\x8e\x52", FileEncoding::utf8));
    EXPECT_FALSE(read_encoded("\xEF\xBB\xBF\x8e\x52", std::nullopt)) << "marked as UTF-8 and is not";
    EXPECT_FALSE(read_encoded("half \x8e", std::nullopt));
}

}  // namespace
}  // namespace renkei::app
