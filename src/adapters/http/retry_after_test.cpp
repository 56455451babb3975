#include "adapters/http/retry_after.hpp"

#include <gtest/gtest.h>

namespace renkei::http {
namespace {

using namespace std::chrono_literals;

// Sun, 06 Nov 1994 08:49:37 GMT
constexpr TimePoint then = TimePoint(784111777s);

TEST(RetryAfter, ReadsSecondsWholeAndDecimal) {
    EXPECT_EQ(parse_retry_after("0", then), 0ms);
    EXPECT_EQ(parse_retry_after("10", then), 10s);
    EXPECT_EQ(parse_retry_after(" 10 ", then), 10s);
    EXPECT_EQ(parse_retry_after("2.128", then), 2128ms);
    EXPECT_EQ(parse_retry_after("0.0001", then), 1ms);
    EXPECT_EQ(parse_retry_after("007", then), 7s);
}

TEST(RetryAfter, ReadsTheThreeFormsOfADate) {
    for (const char* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
        EXPECT_EQ(parse_retry_after(text, then - 90s), 90s) << text;
        EXPECT_EQ(parse_retry_after(text, then + 90s), 0s) << text;
    }
}

TEST(RetryAfter, ReadsLeapDaysAndLeapSeconds) {
    EXPECT_EQ(parse_retry_after("Thu, 29 Feb 2024 23:59:60 GMT", TimePoint(1709251190s)), 10s);
    EXPECT_EQ(parse_retry_after("Wed, 29 Feb 2023 00:00:00 GMT", then), std::nullopt);
}

TEST(RetryAfter, DoesNotBelieveInEternity) {
    for (const char* text : {"99999999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "1000000000"})
        EXPECT_EQ(parse_retry_after(text, then), 366 * 24h) << text;
}

TEST(RetryAfter, SkipsWhatItCannotRead) {
    for (const char* text : {"",
                             " ",
                             "-1",
                             "+1",
                             "1e3",
                             "1,5",
                             "0x10",
                             "inf",
                             "nan",
                             ".",
                             "1.2.3",
                             "10 s",
                             "soon",
                             "Sun, 06 Nov 1994 08:49:37",
                             "Sun, 06 Nov 1994 25:00:00 GMT",
                             "Sun, 06 Foo 1994 08:49:37 GMT",
                             "Sun, 06 Nov 19940 08:49:37 GMT",
                             "06 Nov 1994 08:49 GMT",
                             "Sun, 32 Nov 1994 08:49:37 GMT",
                             "Sun, 06 Nov 1994 08:49:37 JST",
                             "1111111111111111111111111111111111111111111111111111111111111111111111111"})
        EXPECT_EQ(parse_retry_after(text, then), std::nullopt) << text;
}

}  // namespace
}  // namespace renkei::http
