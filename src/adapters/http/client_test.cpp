#include "adapters/http/client.hpp"

#include "adapters/http/client_loopback_test.hpp"

#include <gtest/gtest.h>

namespace renkei::http {
namespace {

using namespace std::chrono_literals;
using testing::LoopbackServer;
using testing::Peer;

EgressAllowance loopback_for(std::string purpose = "*", std::optional<core::WorkspaceId> workspace = {}) {
    return {std::move(purpose), workspace, core::AddressRange::parse("127.0.0.0/8").value(), {}};
}

// A client that may call this machine, and the loop it is used on.
struct World {
    explicit World(ClientSettings settings = {}) {
        if (settings.egress.empty()) settings.egress.push_back(loopback_for());
        settings.plain_http = PlainHttp::allow_plain_http_for_tests;
        client = std::move(make_http_client(std::move(settings), clock, random).value());
    }
    Result<HttpResponse> get(std::string url, app::CallOptions options = {}) {
        return send({.method = Method::get, .url = std::move(url)}, std::move(options));
    }
    Result<HttpResponse> send(HttpRequest request, app::CallOptions options = {}) { return loop.run(client->send(std::move(request), std::move(options))); }

    ManualClock clock;
    testing::FixedRandom random;
    std::unique_ptr<app::HttpClient> client;
    testing::TestLoop loop;
};

LoopbackServer answering(std::string raw) {
    return LoopbackServer([raw](Peer& peer) {
        if (!peer.read_request().empty()) peer.write(raw);
    });
}

Errc code_of(const Result<HttpResponse>& result) { return result ? Errc::internal : result.error().code; }

TEST(Client, SendsMethodPathHeadersAndBody) {
    LoopbackServer server([&](Peer& peer) {
        server.note(peer.read_request());
        peer.answer("{\"ok\":true}", "Content-Type: application/json\r\n");
    });
    World world;

    HttpRequest request{.method = Method::patch, .url = server.url("/a/../b?x=%20y"), .headers = {{"Content-Type", "text/plain"}}, .body = "hello"};
    request.authorization = Secret("Bearer planted-token");
    const auto answer = world.send(std::move(request), {.request_id = "req-1"});

    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "{\"ok\":true}");
    EXPECT_EQ(answer->headers.get("content-type"), "application/json");
    const auto seen = server.notes().at(0);
    EXPECT_TRUE(seen.starts_with("PATCH /a/../b?x=%20y HTTP/1.1\r\n")) << seen;
    EXPECT_NE(seen.find("Authorization: Bearer planted-token\r\n"), seen.npos);
    EXPECT_NE(seen.find("client-request-id: req-1\r\n"), seen.npos);
    EXPECT_NE(seen.find("User-Agent: Renkei/"), seen.npos);
    EXPECT_EQ(seen.find("Expect"), seen.npos);
    EXPECT_TRUE(seen.ends_with("\r\n\r\nhello"));
}

TEST(Client, SendsASecretBodyInsteadOfTheBody) {
    LoopbackServer server([&](Peer& peer) {
        server.note(peer.read_request());
        peer.answer("");
    });
    World world;

    HttpRequest request{.method = Method::post, .url = server.url(), .body = "unused"};
    request.secret_body = Secret("refresh_token=planted");
    ASSERT_TRUE(world.send(std::move(request)));

    EXPECT_TRUE(server.notes().at(0).ends_with("\r\n\r\nrefresh_token=planted"));
    EXPECT_EQ(server.notes().at(0).find("x-www-form-urlencoded"), std::string::npos);
}

TEST(Client, PostWithoutABodySaysSo) {
    LoopbackServer server([&](Peer& peer) {
        server.note(peer.read_request());
        peer.answer("");
    });
    World world;

    ASSERT_TRUE(world.send({.method = Method::post, .url = server.url()}));

    EXPECT_NE(server.notes().at(0).find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(Client, RefusesHeadersThatWouldBecomeTwo) {
    auto server = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    World world;

    EXPECT_EQ(code_of(world.send({.url = server.url(), .headers = {{"X", "a\r\nEvil: 1"}}})), Errc::bad_request);
    EXPECT_EQ(code_of(world.send({.url = server.url(), .headers = {{"X: a\r\nEvil", "1"}}})), Errc::bad_request);
    HttpRequest request{.url = server.url()};
    request.authorization = Secret("Bearer a\nEvil: 1");
    EXPECT_EQ(code_of(world.send(std::move(request))), Errc::bad_request);
    EXPECT_EQ(code_of(world.get(server.url(), {.request_id = "a\r\nEvil: 1"})), Errc::bad_request);
    EXPECT_EQ(server.connections(), 0);
}

TEST(Client, KeepsConnectionsAndUsesThemAgain) {
    LoopbackServer server([](Peer& peer) {
        while (!peer.read_request().empty()) peer.answer("again");
    });
    World world;

    for (int i = 0; i < 5; ++i) EXPECT_EQ(world.get(server.url())->body, "again");

    EXPECT_EQ(server.connections(), 1);
}

TEST(Client, CallsThatBeginTogetherDoNotWaitForEachOther) {
    std::atomic<int> arrived{0};
    LoopbackServer server([&](Peer& peer) {
        peer.read_request();
        ++arrived;
        while (arrived < 4) std::this_thread::yield();  // nobody is answered before all have asked
        peer.answer("together");
    });
    World world;
    int answered = 0;

    for (int i = 0; i < 3; ++i)
        asio::co_spawn(world.loop.context().get_executor(), world.client->send({.url = server.url()}, {.deadline = 5s}),
                       [&](std::exception_ptr, Result<HttpResponse> answer) { answered += answer && answer->body == "together"; });
    EXPECT_EQ(world.get(server.url("/late"), {.deadline = 5s})->body, "together");
    while (answered < 3 && world.loop.context().run_one() > 0) {
    }

    EXPECT_EQ(answered, 3);
}

TEST(Client, LeavesNothingOfOneRequestInTheNext) {
    LoopbackServer server([&](Peer& peer) {
        for (auto text = peer.read_request(); !text.empty(); text = peer.read_request()) {
            server.note(text);
            peer.answer("");
        }
    });
    World world;
    HttpRequest first{.method = Method::put, .url = server.url("/1"), .headers = {{"X-One", "1"}}, .body = "body"};
    first.authorization = Secret("Bearer first-token");

    ASSERT_TRUE(world.send(std::move(first)));
    ASSERT_TRUE(world.get(server.url("/2")));

    const auto second = server.notes().at(1);
    EXPECT_TRUE(second.starts_with("GET /2 HTTP/1.1\r\n"));
    EXPECT_EQ(second.find("Authorization"), second.npos);
    EXPECT_EQ(second.find("X-One"), second.npos);
    EXPECT_EQ(second.find("Content-Length"), second.npos);
}

TEST(Client, DoesNotFollowRedirects) {
    LoopbackServer inside([](Peer& peer) { peer.answer("secret of the inside"); });
    auto server = answering("HTTP/1.1 302 Found\r\nLocation: " + inside.url() + "\r\nContent-Length: 0\r\n\r\n");
    World world;

    const auto answer = world.get(server.url());

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 302);
    EXPECT_EQ(inside.connections(), 0);
}

TEST(Client, DoesNotRepeatAWriteWhoseKeptConnectionBreaks) {
    // The second request on a connection is read and never answered: it may have been worked on.
    LoopbackServer server([&](Peer& peer) {
        for (auto text = peer.read_request(); !text.empty(); text = server.notes().size() == 1 ? peer.read_request() : "") {
            server.note(text);
            if (server.notes().size() == 1) peer.answer("first");
        }
    });
    World world;
    ASSERT_TRUE(world.send({.method = Method::post, .url = server.url(), .body = "one"}));

    const auto answer = world.send({.method = Method::post, .url = server.url(), .body = "two"});

    EXPECT_EQ(code_of(answer), Errc::provider_unavailable);
    EXPECT_EQ(server.notes().size(), 2u);
}

TEST(Client, RepeatsAReadWhoseKeptConnectionBreaks) {
    std::atomic<int> connection{0};
    LoopbackServer server([&](Peer& peer) {
        const bool first = ++connection == 1;
        peer.read_request();
        peer.answer("answer");
        if (first)
            peer.read_request();
        else
            while (!peer.read_request().empty()) peer.answer("answer");
    });
    World world;
    ASSERT_TRUE(world.get(server.url()));

    EXPECT_EQ(world.get(server.url())->body, "answer");
    EXPECT_EQ(connection, 2);
}

TEST(Client, CutBodyIsABadAnswer) {
    World world;
    auto short_body = answering("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
    auto cut_chunk = answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc");
    auto bad_chunk = answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n");

    EXPECT_EQ(code_of(world.get(short_body.url())), Errc::provider_bad_answer);
    EXPECT_EQ(code_of(world.get(cut_chunk.url())), Errc::provider_bad_answer);
    EXPECT_EQ(code_of(world.get(bad_chunk.url())), Errc::provider_bad_answer);
}

TEST(Client, ResetInTheMiddleOfABodyIsABadAnswer) {
    LoopbackServer server([](Peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
        peer.read_some();
        peer.reset();
    });
    World world;

    // The server waits for a byte that never comes; the deadline or the reset ends it, whichever is first.
    const auto code = code_of(world.get(server.url(), {.deadline = 300ms}));

    EXPECT_TRUE(code == Errc::provider_bad_answer || code == Errc::provider_timeout);
}

TEST(Client, WrongContentLengthsAreBadAnswers) {
    World world;
    for (const char* value : {"-5", "abc", "99999999999999999999999", "4\r\nContent-Length: 5"}) {
        auto server = answering("HTTP/1.1 200 OK\r\nContent-Length: " + std::string(value) + "\r\n\r\nbody");
        EXPECT_EQ(code_of(world.get(server.url())), Errc::provider_bad_answer) << value;
    }
}

TEST(Client, WhatIsNotHttpIsABadAnswer) {
    World world;
    auto old = answering("<html>an HTTP/0.9 answer</html>\r\n");
    auto ssh = answering("SSH-2.0-OpenSSH_9.2\r\n");

    EXPECT_EQ(code_of(world.get(old.url())), Errc::provider_bad_answer);
    EXPECT_EQ(code_of(world.get(ssh.url())), Errc::provider_bad_answer);
}

TEST(Client, NoAnswerIsUnavailable) {
    World world;
    LoopbackServer silent([](Peer& peer) { peer.read_request(); });
    LoopbackServer resetting([](Peer& peer) {
        peer.read_request();
        peer.reset();
    });
    std::uint16_t nobody = 0;
    {
        nobody = LoopbackServer([](Peer&) {}).port();
    }

    EXPECT_EQ(code_of(world.get(silent.url())), Errc::provider_unavailable);
    EXPECT_EQ(code_of(world.get(resetting.url())), Errc::provider_unavailable);
    EXPECT_EQ(code_of(world.get("http://127.0.0.1:" + std::to_string(nobody))), Errc::provider_unavailable);
}

TEST(Client, DeadlineEndsAnAnswerThatNeverComes) {
    LoopbackServer server([](Peer& peer) {
        peer.read_request();
        peer.read_some();
    });
    World world;

    const auto answer = world.get(server.url("/secret-path?token=x"), {.deadline = 50ms});

    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::provider_timeout);
    EXPECT_NE(answer.error().detail.find("127.0.0.1"), std::string::npos);
    EXPECT_EQ(answer.error().detail.find("secret-path"), std::string::npos);
    EXPECT_EQ(code_of(world.get(server.url(), {.deadline = 0ms})), Errc::provider_timeout);
}

TEST(Client, DeadlineEndsAnAnswerThatTrickles) {
    LoopbackServer server([](Peer& peer) {
        peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        while (peer.write("x")) std::this_thread::yield();
    });
    World world;

    EXPECT_EQ(code_of(world.get(server.url(), {.deadline = 50ms})), Errc::provider_timeout);
}

TEST(Client, AnswersAboveTheLimitAreRefused) {
    World world;
    auto announced = answering("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'));
    auto streamed = answering("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'));
    auto exact = answering("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'));

    EXPECT_EQ(code_of(world.get(announced.url(), {.max_answer_bytes = 1000})), Errc::provider_bad_answer);
    EXPECT_EQ(code_of(world.get(streamed.url(), {.max_answer_bytes = 1000})), Errc::provider_bad_answer);
    EXPECT_EQ(world.get(exact.url(), {.max_answer_bytes = 1000})->body.size(), 1000u);
}

TEST(Client, HeadersAboveTheLimitAreRefused) {
    World world({.max_header_bytes = 4096});
    auto long_line = answering("HTTP/1.1 200 OK\r\nX: " + std::string(5000, 'x') + "\r\nContent-Length: 0\r\n\r\n");
    std::string many = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 200; ++i) many += "X-" + std::to_string(i) + ": 0123456789012345\r\n";
    auto many_lines = answering(many + "Content-Length: 0\r\n\r\n");

    EXPECT_EQ(code_of(world.get(long_line.url())), Errc::provider_bad_answer);
    EXPECT_EQ(code_of(world.get(many_lines.url())), Errc::provider_bad_answer);
}

TEST(Client, InterimAnswersAreSkipped) {
    auto server = answering("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 201 Created\r\nLocation: /y\r\nContent-Length: 2\r\n\r\nok");
    World world;

    const auto answer = world.get(server.url());

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 201);
    EXPECT_FALSE(answer->headers.has("Link"));
    EXPECT_EQ(answer->headers.get("Location"), "/y");
}

TEST(Client, HeadAnswersHaveNoBody) {
    auto server = answering("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n");
    World world;

    const auto answer = world.send({.method = Method::head, .url = server.url()});

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "");
    EXPECT_EQ(answer->headers.get("Content-Length"), "99999999999");
}

}  // namespace
}  // namespace renkei::http
