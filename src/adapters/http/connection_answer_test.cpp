#include "adapters/http/connection_answer.hpp"

#include <gtest/gtest.h>

namespace renkei::http {
namespace {

using BodyKind = AnswerBody::Kind;

class NoStream : public app::BodyStream {
    Task<Result<std::string>> read() override { co_return std::string(); }
};

struct WrittenHead {
    std::optional<AnswerBody> body;
    std::string head;
    AnswerFrame frame;
};

WrittenHead write_head(const app::ServerResponse& response, AnswerFrame frame = {"today", "id"}) {
    WrittenHead written{{}, {}, frame};
    written.body = append_head(written.head, response, written.frame);
    return written;
}

app::ServerResponse an_answer(int status, Headers headers, std::string body = {}) {
    app::ServerResponse response;
    response.status = status;
    response.headers = std::move(headers);
    response.body = std::move(body);
    return response;
}

TEST(AnswerHead, SaysWhatTheConnectionKnows) {
    const auto [body, head, frame] = write_head(an_answer(200, {{"Content-Type", "text/plain"}}, "hello"));

    EXPECT_EQ(head, "HTTP/1.1 200 OK\r\nServer: renkei\r\nDate: today\r\nRenkei-Request-Id: id\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(body->kind, BodyKind::whole);
    EXPECT_TRUE(frame.keep_alive);
}

TEST(AnswerHead, OwnFieldsCannotBeOverwritten) {
    const auto head =
        write_head(an_answer(200, {{"server", "x"}, {"Date", "x"}, {"Content-Length", "99"}, {"Transfer-Encoding", "x"}, {"renkei-request-id", "x"}}, "hi"))
            .head;

    EXPECT_EQ(head.find(": x"), std::string::npos);
    EXPECT_NE(head.find("Content-Length: 2\r\n"), std::string::npos);
}

TEST(AnswerHead, RefusesFieldsThatCouldInject) {
    using namespace std::string_literals;
    for (const auto& value : {"a\r\nSet-Cookie: b"s, "a\nb"s, "a\rb"s, "a\0b"s, "\x7f"s, "\x01"s}) {
        const auto written = write_head(an_answer(200, {{"X", value}}));
        EXPECT_FALSE(written.body);
        EXPECT_EQ(written.head, "");
    }
    for (const auto* name : {"", "a b", "a:", "a\r\n", "é"}) EXPECT_FALSE(write_head(an_answer(200, {{name, "x"}})).body) << name;
    for (const int status : {0, 99, 101, 199, 600, -200}) EXPECT_FALSE(write_head(an_answer(status, {})).body) << status;
}

TEST(AnswerHead, HandlersMayCloseTheConnection) {
    const auto [body, head, frame] = write_head(an_answer(200, {{"Connection", "Close"}}));

    EXPECT_FALSE(frame.keep_alive);
    EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos);
}

TEST(AnswerHead, BodilessStatusesHaveNoLength) {
    for (const int status : {204, 304}) {
        const auto written = write_head(an_answer(status, {}, "ignored"));
        EXPECT_EQ(written.body->kind, BodyKind::none);
        EXPECT_EQ(written.head.find("Content-Length"), std::string::npos);
    }
}

TEST(AnswerHead, StreamsAreCountedChunkedOrEndWithTheConnection) {
    const auto stream = [](Headers headers) {
        auto response = an_answer(200, std::move(headers));
        response.stream = std::make_unique<NoStream>();
        return response;
    };

    EXPECT_EQ(write_head(stream({})).body->kind, BodyKind::chunked);
    EXPECT_EQ(write_head(stream({{"Content-Length", "7"}})).body->length, 7u);
    EXPECT_EQ(write_head(stream({{"Content-Length", "7x"}})).body->kind, BodyKind::chunked);
    const auto old = write_head(stream({}), {.date = "d", .request_id = "i", .http11 = false});
    EXPECT_EQ(old.body->kind, BodyKind::until_close);
    EXPECT_FALSE(old.frame.keep_alive);
}

TEST(AnswerHead, AHeadAnswerMayStateALengthItDoesNotSend) {
    const AnswerFrame head_only{.date = "d", .request_id = "i", .head_only = true};

    EXPECT_NE(write_head(an_answer(200, {{"Content-Length", "123"}}), head_only).head.find("Content-Length: 123\r\n"), std::string::npos);
    EXPECT_NE(write_head(an_answer(200, {}, "four"), head_only).head.find("Content-Length: 4\r\n"), std::string::npos);
}

TEST(AnswerHead, UnusualStatusesHaveAnEmptyReason) { EXPECT_TRUE(write_head(an_answer(299, {})).head.starts_with("HTTP/1.1 299 \r\n")); }

TEST(FastAnswer, IsHeadAndBodyAndNeverStored) {
    std::string body = "{}", out;
    append_fast_answer(out, {.status = 200, .body = body}, {.date = "d", .request_id = "i", .http11 = false});

    EXPECT_EQ(out,
              "HTTP/1.1 200 OK\r\nServer: renkei\r\nDate: d\r\nRenkei-Request-Id: i\r\nConnection: keep-alive\r\nContent-Type: application/json\r\n"
              "Cache-Control: no-store\r\nContent-Length: 2\r\n\r\n{}");
}

TEST(Chunk, HasItsSizeInHexadecimal) {
    std::string out;
    append_chunk(out, std::string(26, 'x'));
    append_chunk(out, {});

    EXPECT_EQ(out, "1a\r\n" + std::string(26, 'x') + "\r\n0\r\n\r\n");
}

}  // namespace
}  // namespace renkei::http
