#include "adapters/http/server_test_world.hpp"

namespace renkei::http {
namespace {

using namespace testing;

TEST(ServerStream, IsChunkedAndTheConnectionGoesOn) {
    ServerWorld world;
    RawClient client(world.port);

    const auto answer = client.ask(get_request("/stream"));

    EXPECT_EQ(answer.headers.get("Transfer-Encoding"), "chunked");
    EXPECT_TRUE(answer.whole);
    EXPECT_EQ(answer.body, "one two 3");
    EXPECT_EQ(client.ask(get_request("/next")).body, "GET /next ");
}

TEST(ServerStream, HasTheLengthThatTheHandlerSet) {
    ServerWorld world;
    RawClient client(world.port);

    const auto answer = client.ask(get_request("/stream/counted"));

    EXPECT_EQ(answer.headers.get("Content-Length"), "9");
    EXPECT_EQ(answer.body, "one two 3");
    EXPECT_EQ(client.ask(get_request("/next")).body, "GET /next ");
}

TEST(ServerStream, EndsWithTheConnectionForAnOldClient) {
    ServerWorld world;
    RawClient client(world.port);

    const auto answer = client.ask("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

    EXPECT_FALSE(answer.headers.has("Transfer-Encoding"));
    EXPECT_EQ(answer.headers.get("Connection"), "close");
    EXPECT_EQ(answer.body, "one two 3");
}

TEST(ServerStream, EachPieceLeavesAtOnce) {
    ServerWorld world;
    RawClient client(world.port);
    client.send(get_request("/stream/gated"));

    // The handler holds the second piece back until the first one has been seen.
    std::string seen;
    const auto head = client.read(true);
    world.handler.gate.wait_for(1);
    world.handler.gate.open();
    client.finish_sending();
    seen = client.read_all();

    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(seen, "4\r\none \r\n4\r\ntwo \r\n1\r\n3\r\n0\r\n\r\n");
}

TEST(ServerStream, AnErrorLeavesItWithoutAnEnd) {
    ServerWorld world;
    for (const auto* path : {"/stream/error", "/stream/exception", "/stream/counted-error", "/stream/short", "/stream/long"}) {
        RawClient client(world.port);
        const auto answer = client.ask(get_request(path));
        EXPECT_EQ(answer.status, 200) << path;
        EXPECT_FALSE(answer.whole) << path;
        EXPECT_TRUE(client.closed()) << path;
    }
}

TEST(ServerStream, AnErrorIsAResetWhereTheCloseWouldBeTheEnd) {
    ServerWorld world;
    RawClient client(world.port);
    client.send("GET /stream/error HTTP/1.0\r\n\r\n");
    client.read_all();

    EXPECT_TRUE(client.was_reset());
}

}  // namespace
}  // namespace renkei::http
