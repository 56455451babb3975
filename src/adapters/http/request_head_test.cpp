#include "adapters/http/request_head.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace renkei::http {
namespace {

using namespace std::string_literals;

struct HeadOutcome {
    std::unique_ptr<const std::string> text;  // what the head's views look at
    std::optional<Refusal> refusal;
    RequestHead head;
};

HeadOutcome parse_text(const std::string& text) {
    HeadOutcome outcome;
    outcome.text = std::make_unique<const std::string>(text);
    outcome.refusal = parse_head(*outcome.text, 50, outcome.head);
    return outcome;
}

int head_status(const std::string& text) {
    const auto outcome = parse_text(text);
    return outcome.refusal ? outcome.refusal->status : 200;
}

TEST(RequestHead, ReadsWhatAClientUsuallySends) {
    const std::string text =
        "GET /v1/mail?top=5 HTTP/1.1\r\nHost: renkei.test:8400\r\nAuthorization: Bearer rk_x\r\nRenkei-Connection: shared\r\n"
        "renkei-mailbox:  a@b.test \r\nContent-Length: 0\r\n\r\n";

    const auto [bytes, refusal, head] = parse_text(text);

    ASSERT_FALSE(refusal);
    EXPECT_EQ(head.method, "GET");
    EXPECT_EQ(head.target, "/v1/mail?top=5");
    EXPECT_EQ(head.authority, "renkei.test:8400");
    EXPECT_EQ(head.authorization, "Bearer rk_x");
    EXPECT_EQ(head.renkei_connection, "shared");
    EXPECT_EQ(head.renkei_mailbox, "a@b.test");
    EXPECT_FALSE(head.acts_as);
    EXPECT_TRUE(parse_text("GET / HTTP/1.1\r\nHost: a\r\nrenkei-act-as: a@b.test\r\n\r\n").head.acts_as) << "never the fast way";
    EXPECT_EQ(head.fields.size(), 5u);
    EXPECT_TRUE(head.keep_alive);
    EXPECT_FALSE(head.has_body());
}

TEST(RequestHead, TellsHowTheBodyIsGiven) {
    EXPECT_EQ(parse_text("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n").head.content_length, 12u);
    EXPECT_TRUE(parse_text("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n").head.chunked);
    EXPECT_TRUE(parse_text("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n").head.expects_continue);
    EXPECT_FALSE(parse_text("POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n").head.expects_continue);
}

TEST(RequestHead, KeepsOrClosesAsTheVersionAndTheFieldSay) {
    EXPECT_TRUE(parse_text("GET / HTTP/1.1\r\nHost: x\r\n\r\n").head.keep_alive);
    EXPECT_FALSE(parse_text("GET / HTTP/1.1\r\nHost: x\r\nConnection: foo, Close\r\n\r\n").head.keep_alive);
    EXPECT_FALSE(parse_text("GET / HTTP/1.0\r\n\r\n").head.keep_alive);
    EXPECT_TRUE(parse_text("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").head.keep_alive);
}

TEST(RequestHead, TakesAnAbsoluteFormAndItsAuthority) {
    const auto outcome = parse_text("GET http://real.test/a?b HTTP/1.1\r\nHost: other.test\r\n\r\n");
    const auto& head = outcome.head;

    EXPECT_EQ(head.target, "/a?b");
    EXPECT_EQ(head.authority, "real.test");
    EXPECT_TRUE(head.absolute_form);
    const auto bare = parse_text("GET http://real.test HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(bare.head.target, "/");
    const auto star = parse_text("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(star.head.target, "*");
}

TEST(RequestHead, MarksRepeatedFieldsOfOurs) {
    EXPECT_TRUE(parse_text("GET / HTTP/1.1\r\nHost: x\r\nRenkei-Connection: a\r\nRenkei-Connection: b\r\n\r\n").head.repeated);
    EXPECT_FALSE(parse_text("GET / HTTP/1.1\r\nHost: x\r\nRenkei-Connection: a\r\nRenkei-Mailbox: b\r\n\r\n").head.repeated);
}

TEST(RequestHead, ForgetsTheHeadBefore) {
    RequestHead head;
    const std::string first = "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nContent-Length: 3\r\n\r\n";
    const std::string second = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    ASSERT_FALSE(parse_head(first, 50, head));

    ASSERT_FALSE(parse_head(second, 50, head));

    EXPECT_TRUE(head.authorization.empty());
    EXPECT_FALSE(head.has_body());
    EXPECT_EQ(head.fields.size(), 1u);
}

struct MalformedHead {
    std::string why;
    std::string text;
    int status;
};

std::vector<MalformedHead> malformed_requests() {
    const std::string get = "GET / HTTP/1.1\r\n";
    const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
    return {
        {"no host", get + "\r\n", 400},
        {"two hosts", get + "Host: a\r\nHost: b\r\n\r\n", 400},
        {"two equal hosts", get + "Host: a\r\nHost: a\r\n\r\n", 400},
        {"empty host", get + "Host:\r\n\r\n", 400},
        {"host with user information", get + "Host: me@x\r\n\r\n", 400},
        {"host with a path", get + "Host: x/y\r\n\r\n", 400},
        {"host with a blank", get + "Host: x y\r\n\r\n", 400},
        {"HTTP/1.0 with two hosts", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"both lengths", post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"both lengths, other order", post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400},
        {"two lengths that differ", post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n", 400},
        {"two lengths that agree", post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", 400},
        {"a list of lengths", post + "Content-Length: 3, 3\r\n\r\n", 400},
        {"negative length", post + "Content-Length: -1\r\n\r\n", 400},
        {"length with a sign", post + "Content-Length: +1\r\n\r\n", 400},
        {"hexadecimal length", post + "Content-Length: 0x10\r\n\r\n", 400},
        {"empty length", post + "Content-Length:\r\n\r\n", 400},
        {"length that overflows", post + "Content-Length: 18446744073709551617\r\n\r\n", 400},
        {"unknown coding", post + "Transfer-Encoding: gzip\r\n\r\n", 400},
        {"two codings", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 400},
        {"chunked twice in a list", post + "Transfer-Encoding: chunked, chunked\r\n\r\n", 400},
        {"chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"identity after chunked", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 400},
        {"chunked with a tail", post + "Transfer-Encoding: chunked;x\r\n\r\n", 400},
        {"chunked with a vertical tab", post + "Transfer-Encoding: \vchunked\r\n\r\n", 400},
        {"blank before the colon", post + "Transfer-Encoding : chunked\r\n\r\n", 400},
        {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"folded field", get + "Host: x\r\nA: b\r\n c\r\n\r\n", 400},
        {"folded with a tab", get + "Host: x\r\nA: b\r\n\tc\r\n\r\n", 400},
        {"folded behind an empty line of the value", get + "Host: x\r\nA:\r\n c\r\n\r\n", 400},
        {"folded transfer coding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n", 400},
        {"first field begins with a blank", get + " Host: x\r\n\r\n", 400},
        {"NUL in a value", get + "Host: x\r\nA: b\0c\r\n\r\n"s, 400},
        {"NUL in a name", get + "Host: x\r\nA\0: b\r\n\r\n"s, 400},
        {"CR in a value", get + "Host: x\r\nA: b\rc\r\n\r\n", 400},
        {"LF ends a line", "GET / HTTP/1.1\nHost: x\r\n\r\n", 400},
        {"LF in a value", get + "Host: x\r\nA: b\nC: d\r\n\r\n", 400},
        {"DEL in a value", get + "Host: x\r\nA: b\x7f\r\n\r\n", 400},
        {"field without a colon", get + "Host: x\r\nA\r\n\r\n", 400},
        {"field without a name", get + "Host: x\r\n: b\r\n\r\n", 400},
        {"field name with a slash", get + "Host: x\r\nA/B: b\r\n\r\n", 400},
        {"two authorizations", get + "Host: x\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n", 400},
        {"other expectation", post + "Expect: miracles\r\n\r\n", 417},
        {"HTTP/2", "PRI * HTTP/2.0\r\n\r\n", 505},
        {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505},
        {"no version", "GET /\r\nHost: x\r\n\r\n", 400},
        {"bad version", "GET / HTTP/x.y\r\nHost: x\r\n\r\n", 400},
        {"two blanks", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"blank in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"fragment in the target", "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"raw bytes in the target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"target without a slash", "GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"authority form", "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"star for another method", "GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"other scheme", "GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"absolute form without an authority", "GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"absolute form with user information", "GET http://me@x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"absolute form with a query but no path", "GET http://x?a HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"method with a blank before it", " GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"no method", "/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    };
}

TEST(RequestHead, RefusesWhatTwoReadersCouldReadInTwoWays) {
    for (const auto& [why, text, status] : malformed_requests()) EXPECT_EQ(head_status(text), status) << why;
}

TEST(RequestHead, RefusesTooManyFields) {
    std::string text = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 0; i < 50; ++i) text += "A: b\r\n";

    EXPECT_EQ(head_status(text + "\r\n"), 431);
}

TEST(RequestHead, NoiseIsKnownBeforeTheHeadIsComplete) {
    EXPECT_TRUE(may_start_a_request("", 0));
    EXPECT_TRUE(may_start_a_request("GE", 0));
    EXPECT_TRUE(may_start_a_request("GET / HTTP/1.1\r\nHos", 0));
    EXPECT_FALSE(may_start_a_request("\x16\x03\x01", 0));
    EXPECT_FALSE(may_start_a_request("GET / HTTP/1.1\nHost", 0));
    EXPECT_FALSE(may_start_a_request("GET / HTTP/1.1\r\nHost: x\n\n", 0));
    EXPECT_FALSE(may_start_a_request("GET /\0"s, 0));
    EXPECT_FALSE(may_start_a_request(std::string(40, 'A'), 0));
}

}  // namespace
}  // namespace renkei::http
