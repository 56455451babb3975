#include "adapters/http/server_test_world.hpp"

#include <algorithm>

namespace renkei::http {
namespace {

using namespace testing;

TEST(Server, AnswersAndKeepsTheConnection) {
    ServerWorld world;
    RawClient client(world.port);

    const auto first = client.ask(get_request("/a?x=1&y=%20b"));
    const auto second = client.ask(post_request("/b", "hello"));

    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.body, "GET /a  x=1 y= b");
    EXPECT_EQ(second.body, "POST /b hello");
    EXPECT_EQ(first.headers.get("Server"), "renkei");
    EXPECT_TRUE(first.headers.has("Date"));
    EXPECT_EQ(first.headers.get("Renkei-Request-Id").size(), 32u);
    EXPECT_NE(first.headers.get("Renkei-Request-Id"), second.headers.get("Renkei-Request-Id"));
}

TEST(Server, ClosesWhenTheClientAsksForIt) {
    ServerWorld world;
    for (const auto& request :
         {get_request("/", "Connection: close\r\n"), get_request("/fast", "Connection: close\r\n"), std::string("GET / HTTP/1.0\r\n\r\n")}) {
        RawClient client(world.port);
        const auto answer = client.ask(request);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.headers.get("Connection"), "close");
        EXPECT_TRUE(client.closed());
    }
}

TEST(Server, KeepsAnOldClientThatAsksForIt) {
    ServerWorld world;
    RawClient client(world.port);

    const auto answer = client.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

    EXPECT_EQ(answer.headers.get("Connection"), "keep-alive");
    EXPECT_EQ(client.ask(get_request("/")).status, 200);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
    ServerWorld world;
    RawClient client(world.port);
    std::string all;
    for (int i = 0; i < 200; ++i)
        all += i % 3 == 0 ? post_request("/p" + std::to_string(i), "b") : get_request((i % 3 == 1 ? "/fast" : "/g") + std::to_string(i));

    client.send(all);

    for (int i = 0; i < 200; ++i) {
        const auto answer = client.read();
        ASSERT_EQ(answer.status, 200) << i;
        if (i % 3 == 0) ASSERT_EQ(answer.body, "POST /p" + std::to_string(i) + " b");
        if (i % 3 == 2) ASSERT_EQ(answer.body, "GET /g" + std::to_string(i) + " ");
    }
}

TEST(Server, ReadsARequestThatComesByteByByte) {
    ServerWorld world;
    RawClient client(world.port);
    for (const char c : "\r\n\r\n" + post_request("/b", "hello")) client.send({&c, 1});

    EXPECT_EQ(client.read().body, "POST /b hello");
}

TEST(Server, ReadsChunkedBodies) {
    ServerWorld world;
    RawClient client(world.port);
    const std::string head = "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

    EXPECT_EQ(client.ask(head + "5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nTrailer: x\r\n\r\n").body, "POST /c hello, world");
    EXPECT_EQ(client.ask(head + "0\r\n\r\n" + get_request("/next")).body, "POST /c ");
    EXPECT_EQ(client.read().body, "GET /next ");
    const auto refused = client.ask(head + "x\r\n");
    EXPECT_EQ(refused.status, 400);
    EXPECT_TRUE(client.closed());
}

TEST(Server, TakesALargeBodyAndThePipelinedRequestBehindIt) {
    ServerWorld world;
    RawClient client(world.port);
    const std::string body(90'000, 'b');

    EXPECT_EQ(client.ask(post_request("/large", body) + get_request("/next")).body, "POST /large " + body);
    EXPECT_EQ(client.read().body, "GET /next ");
}

TEST(Server, TakesAnEmptyBody) {
    ServerWorld world;
    RawClient client(world.port);

    EXPECT_EQ(client.ask(post_request("/e", "")).body, "POST /e ");
    EXPECT_EQ(client.ask("POST /none HTTP/1.1\r\nHost: x\r\n\r\n").body, "POST /none ");
}

TEST(Server, SaysContinueBeforeTheBodyOnly) {
    ServerWorld world;
    RawClient client(world.port);
    const std::string fields = "HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";

    EXPECT_EQ(client.ask("POST /b " + fields).status, 100);
    EXPECT_EQ(client.ask("hello").body, "POST /b hello");
    EXPECT_EQ(client.ask("POST /b " + fields + "there").status, 200) << "the body is there already";
    EXPECT_EQ(client.ask("POST /tiny HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\nExpect: 100-continue\r\n\r\n").status, 413);
}

TEST(Server, HeadHasNoBody) {
    ServerWorld world;
    RawClient client(world.port);
    client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n" + get_request("/b"));

    const auto head = client.read(true);
    const auto stream = client.read(true);

    EXPECT_EQ(head.headers.get("Content-Length"), "8");
    EXPECT_EQ(stream.headers.get("Transfer-Encoding"), "chunked");
    EXPECT_EQ(client.read().body, "GET /b ");
}

TEST(Server, AnExceptionIsAnAnswerOf500AndIsReported) {
    std::atomic<int> reported{0};
    ServerSettings settings;
    settings.on_exception = [&](std::string_view, const std::exception_ptr&) { ++reported; };
    ServerWorld world(settings);
    RawClient client(world.port);

    EXPECT_EQ(client.ask(get_request("/throw")).status, 500);
    EXPECT_EQ(client.ask(post_request("/throw-limit", "x")).status, 500);
    EXPECT_EQ(RawClient(world.port).ask(get_request("/fast/throw")).body, "GET /fast/throw ") << "the ordinary way answers";
    EXPECT_EQ(reported, 3);
}

TEST(Server, AFieldThatWouldInjectIsNeverSent) {
    ServerWorld world;
    RawClient client(world.port);

    client.send(get_request("/inject", "Connection: close\r\n"));
    const auto all = client.read_all();

    EXPECT_TRUE(all.starts_with("HTTP/1.1 500 "));
    EXPECT_EQ(all.find("Set-Cookie"), std::string::npos);
}

TEST(Server, MayBeAskedToReset) {
    ServerWorld world;
    RawClient client(world.port);
    client.send(get_request("/reset"));

    EXPECT_EQ(client.read_all(), "");
    EXPECT_TRUE(client.was_reset());
}

TEST(Server, JoinsCookiesAndReplacesTheHostOfAnAbsoluteForm) {
    ServerWorld world;
    RawClient client(world.port);

    EXPECT_EQ(client.ask(get_request("/cookie", "Cookie: a=1\r\nCookie: b=2\r\n")).body, "GET /cookie joined");
    EXPECT_EQ(client.ask("GET http://real.test/host HTTP/1.1\r\nHost: other\r\n\r\n").body, "GET /host real.test");
}

TEST(Server, TheFastPathSeesTheFieldsItNeeds) {
    ServerWorld world;
    RawClient client(world.port);

    const auto answer = client.ask(get_request("/fast", "Authorization: Bearer k\r\nRENKEI-CONNECTION: c\r\nRenkei-Mailbox: m\r\n"));

    EXPECT_EQ(answer.body, "Bearer k|c|m|00000000000000000000ffff7f000001|plain");
    EXPECT_EQ(answer.headers.get("Cache-Control"), "no-store");
    EXPECT_EQ(client.ask(post_request("/fast", "")).body, "POST /fast ");
    EXPECT_EQ(client.ask("GET /fast HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nb").body, "GET /fast b");
    EXPECT_EQ(client.ask(get_request("/fast", "Renkei-Connection: a\r\nRenkei-Connection: b\r\n")).body, "GET /fast ");
}

TEST(Server, RecordsEachRequest) {
    ServerWorld world;
    RawClient client(world.port);
    client.ask(get_request("/fast"));
    client.ask(post_request("/a", "x"));
    client.ask("nonsense\r\n\r\n");

    const auto seen = world.sink.first(3);

    ASSERT_EQ(seen.size(), 3u);
    EXPECT_TRUE(seen[0].fast);
    EXPECT_EQ(seen[0].principal, "somebody");
    EXPECT_EQ(seen[0].route, "/fast");
    EXPECT_EQ(seen[1].method, "POST");
    EXPECT_EQ(seen[1].bytes, 9u);
    EXPECT_EQ(seen[1].request_id.size(), 32u);
    EXPECT_EQ(seen[2].status, 400);
}

TEST(Server, BelievesForwardedFieldsOfTrustedProxiesOnly) {
    const std::string fields = "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nX-Request-Id: 0123456789abcdef0123456789abcdef\r\n";
    ServerSettings trusting;
    trusting.trusted_proxies = {*core::AddressRange::parse("127.0.0.0/8")};
    ServerWorld strict, world(trusting);
    RawClient stranger(strict.port), client(world.port);

    EXPECT_TRUE(stranger.ask(get_request("/who", fields)).body.starts_with("GET /who  00000000000000000000ffff7f000001 plain "));
    EXPECT_NE(stranger.ask(get_request("/who", fields)).headers.get("Renkei-Request-Id"), "0123456789abcdef0123456789abcdef");
    const auto believed = client.ask(get_request("/who", fields));
    EXPECT_EQ(believed.body, "GET /who  00000000000000000000ffffcb007109 secure 0123456789abcdef0123456789abcdef");
    EXPECT_EQ(believed.headers.get("Renkei-Request-Id"), "0123456789abcdef0123456789abcdef");
    EXPECT_EQ(client.ask(get_request("/fast", fields)).body, "|||00000000000000000000ffffcb007109|secure");
    EXPECT_EQ(client.ask(get_request("/fast", fields + "Forwarded: for=10.0.0.1\r\n")).status, 400);
}

TEST(Server, RefusesMalformedRequestsAndCloses) {
    ServerWorld world;
    const std::vector<std::pair<std::string, int>> table{
        {"\x16\x03\x01\x02", 400},
        {"GET / HTTP/1.1\nHost: x\n\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
        {"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505},
        {"BREW / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 501},
        {"get / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 501},
        {"GET /?a=%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\n", 417},
    };
    for (const auto& [request, status] : table) {
        RawClient client(world.port);
        EXPECT_EQ(client.ask(request).status, status) << request;
        EXPECT_TRUE(client.closed()) << request;
    }
}

TEST(Server, ServesAThousandConnectionsAtOnce) {
    ServerWorld world;
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 1000; ++i) clients.push_back(std::make_unique<RawClient>(world.port));

    for (auto& client : clients) client->send(get_request("/fast"));
    const auto answered = std::ranges::count_if(clients, [](auto& client) { return client->read().status == 200; });

    EXPECT_EQ(answered, 1000);
    EXPECT_EQ(world.server.open_connections(), 1000u);
}

TEST(Server, SaysThatAnAddressCannotBeListenedOn) {
    ServerWorld world;
    app::EventLoops loops(1);
    Server other({}, loops, world.handler, world.random, nullptr);

    EXPECT_FALSE(other.listen({"127.0.0.1", world.port, {}})) << "the port is taken";
    EXPECT_FALSE(other.listen({"localhost", 0, {}}));
    EXPECT_FALSE(other.listen({"127.0.0.1", 0, TlsFiles{"/nowhere", "/nowhere"}}));
}

}  // namespace
}  // namespace renkei::http
