#include "adapters/http/connection_body.hpp"

#include <gtest/gtest.h>

#include <string>

namespace renkei::http {
namespace {

using BodyState = BodyReader::State;

struct BodyOutcome {
    BodyState state;
    std::string body;
    std::size_t used;
};

// Once in one piece and once byte by byte: the outcome must be the same.
BodyOutcome read_body(BodyReader reader, std::string_view text) {
    BodyOutcome outcome{BodyState::more, {}, 0};
    BodyReader slow = reader;
    outcome.used = reader.take(text, outcome.body);
    outcome.state = reader.state();
    std::string body;
    std::size_t used = 0;
    while (used < text.size() && slow.take(text.substr(used, 1), body) == 1) ++used;
    EXPECT_EQ(slow.state(), outcome.state);
    EXPECT_EQ(used, outcome.used);
    EXPECT_EQ(body, outcome.body);
    return outcome;
}

TEST(BodyReader, TakesAsManyBytesAsTheLengthSays) {
    const auto outcome = read_body(BodyReader::of_length(5, 10), "helloGET /");

    EXPECT_EQ(outcome.state, BodyState::done);
    EXPECT_EQ(outcome.body, "hello");
    EXPECT_EQ(outcome.used, 5u);
}

TEST(BodyReader, DecidesALimitBeforeReading) {
    EXPECT_EQ(BodyReader::of_length(11, 10).state(), BodyState::too_large);
    EXPECT_EQ(BodyReader::of_length(0, 0).state(), BodyState::done);
    EXPECT_EQ(read_body(BodyReader::of_length(3, 10), "ab").state, BodyState::more);
}

TEST(BodyReader, JoinsChunksAndReadsOverExtensionsAndTrailers) {
    const auto outcome = read_body(BodyReader::of_chunks(100), "5;a=\"b\"\r\nhello\r\n00A\r\n, world..!\r\n0\r\nX: y\r\n\r\nGET");

    EXPECT_EQ(outcome.state, BodyState::done);
    EXPECT_EQ(outcome.body, "hello, world..!");
    EXPECT_EQ(outcome.used, 44u);
}

TEST(BodyReader, TakesAnEmptyChunkedBody) { EXPECT_EQ(read_body(BodyReader::of_chunks(0), "0\r\n\r\n").state, BodyState::done); }

TEST(BodyReader, StopsWhenTheChunksTogetherAreTooLarge) {
    EXPECT_EQ(read_body(BodyReader::of_chunks(7), "4\r\nabcd\r\n4\r\nabcd\r\n").state, BodyState::too_large);
    EXPECT_EQ(read_body(BodyReader::of_chunks(7), "fffffffffffffff\r\n").state, BodyState::too_large);
}

TEST(BodyReader, RefusesMalformedChunks) {
    using namespace std::string_literals;
    for (const auto& text : {"\r\n"s,
                             "g\r\n"s,
                             "-1\r\n"s,
                             " 5\r\n"s,
                             "5 \r\n"s,
                             "0x5\r\n"s,
                             "5\n"s,
                             "5\rx"s,
                             "5;a\nb"s,
                             "5;a\0"s,
                             "5\r\nhellox"s,
                             "5\r\nhello\n"s,
                             "5\r\nhello\rx"s,
                             "ffffffffffffffff\r\n"s,
                             "10000000000000000\r\n"s,
                             "0\r\n\n"s,
                             "0\r\nA: b\n"s,
                             "0\r\n\rx"s,
                             "0\r\nA\0: b"s,
                             ";\r\n"s})
        EXPECT_EQ(read_body(BodyReader::of_chunks(1000), text).state, BodyState::malformed) << text;
}

TEST(BodyReader, BoundsWhatIsReadOver) {
    EXPECT_EQ(read_body(BodyReader::of_chunks(10), "1;" + std::string(5000, 'a')).state, BodyState::malformed);
    EXPECT_EQ(read_body(BodyReader::of_chunks(10), "0\r\n" + std::string(5000, 'a')).state, BodyState::malformed);
    EXPECT_EQ(read_body(BodyReader::of_chunks(10), std::string(17, '0')).state, BodyState::malformed);
}

}  // namespace
}  // namespace renkei::http
