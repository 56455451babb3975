#include "adapters/http/server_test_world.hpp"

namespace renkei::http {
namespace {

using namespace testing;
using namespace std::chrono_literals;

// Deadlines of milliseconds: the tests wait for the server to act, never for a time.
ServerSettings impatient() {
    ServerSettings settings;
    settings.sweep_interval = 5ms;
    settings.head_deadline = 40ms;
    settings.body_deadline = 40ms;
    settings.idle_deadline = 40ms;
    settings.write_deadline = 40ms;
    settings.linger_deadline = 40ms;
    settings.shrink_after = 10ms;
    settings.min_rate = 1u << 30;
    return settings;
}

TEST(ServerLimits, RefusesAHeadThatIsTooLarge) {
    ServerWorld world;
    RawClient client(world.port), other(world.port), line(world.port);

    EXPECT_EQ(client.ask(get_request("/", "A: " + std::string(17'000, 'a') + "\r\n")).status, 431);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(other.ask(get_request("/ok", "A: " + std::string(15'000, 'a') + "\r\n")).status, 200);
    EXPECT_EQ(line.ask("GET /" + std::string(20'000, 'a')).status, 431);
}

TEST(ServerLimits, RefusesTooManyFields) {
    ServerWorld world;
    RawClient client(world.port);
    std::string fields;
    for (int i = 0; i < 300; ++i) fields += "A: b\r\n";

    EXPECT_EQ(client.ask(get_request("/", fields)).status, 431);
}

TEST(ServerLimits, RefusesABodyByItsLengthBeforeReadingIt) {
    ServerWorld world;
    RawClient client(world.port);

    EXPECT_EQ(client.ask("POST /tiny HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n").status, 413);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(RawClient(world.port).ask(post_request("/tiny", "0123456789")).status, 200);
}

TEST(ServerLimits, RefusesChunksThatBecomeTooLarge) {
    ServerWorld world;
    RawClient client(world.port);

    EXPECT_EQ(client.ask("POST /tiny HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n8\r\n01234567\r\n").status, 413);
    EXPECT_TRUE(client.closed());
}

TEST(ServerLimits, TheRefusalArrivesThoughTheClientGoesOnSending) {
    ServerWorld world;
    RawClient client(world.port);
    client.send("POST /tiny HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" + std::string(500'000, 'x'));

    EXPECT_EQ(client.read().status, 413);
}

TEST(ServerLimits, RefusesConnectionsBeyondTheirNumber) {
    ServerSettings settings;
    settings.connections = 2;
    ServerWorld world(settings, {}, 1);
    RawClient first(world.port), second(world.port);
    ASSERT_EQ(first.ask(get_request("/")).status, 200);
    ASSERT_EQ(second.ask(get_request("/")).status, 200);

    RawClient third(world.port);
    EXPECT_EQ(third.read().status, 503);
    EXPECT_TRUE(third.closed());
    EXPECT_EQ(first.ask(get_request("/")).status, 200);
}

TEST(ServerLimits, CutsOffASlowHead) {
    ServerWorld world(impatient());
    RawClient client(world.port);
    client.send("GET / HTTP/1.1\r\nHost:");

    EXPECT_EQ(client.read().status, 408);
    EXPECT_TRUE(client.closed());
}

TEST(ServerLimits, CutsOffASlowHeadOnAKeptConnection) {
    ServerWorld world(impatient());
    RawClient client(world.port);
    client.send(get_request("/") + "G");

    EXPECT_EQ(client.read().status, 200);
    EXPECT_EQ(client.read().status, 408);
}

TEST(ServerLimits, ClosesAConnectionThatSaysNothing) {
    ServerWorld world(impatient());
    RawClient silent(world.port);

    EXPECT_TRUE(silent.closed());
}

TEST(ServerLimits, ClosesAnIdleConnection) {
    ServerWorld world(impatient());
    RawClient client(world.port);
    ASSERT_EQ(client.ask(get_request("/")).status, 200);

    EXPECT_TRUE(client.closed());
}

TEST(ServerLimits, CutsOffASlowBody) {
    ServerWorld world(impatient());
    RawClient counted(world.port), chunked(world.port);
    counted.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
    chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");

    EXPECT_EQ(counted.read().status, 408);
    EXPECT_EQ(chunked.read().status, 408);
}

TEST(ServerLimits, CutsOffAReceiverThatDoesNotRead) {
    ServerWorld world(impatient());
    RawClient client(world.port, 4096);
    client.send(get_request("/big"));

    const auto seen = world.sink.first(1);  // written only after the server has given up

    ASSERT_EQ(seen.size(), 1u);
    EXPECT_FALSE(client.read().whole);
}

TEST(ServerLimits, AnIdleConnectionWithoutABufferIsServedAgain) {
    auto settings = impatient();
    settings.idle_deadline = 60s;
    ServerWorld world(settings);
    RawClient client(world.port), clock(world.port);
    ASSERT_EQ(client.ask(get_request("/")).status, 200);
    // By the time that a silent connection has been closed, the other one has been idle for longer than shrink_after.
    ASSERT_TRUE(clock.closed());

    EXPECT_EQ(client.ask(get_request("/again")).body, "GET /again ");
    EXPECT_EQ(client.ask(post_request("/b", "x")).body, "POST /b x");
}

TEST(ServerLimits, ALongAnswerToAReaderArrivesWhole) {
    ServerWorld world;
    RawClient client(world.port);

    const auto answer = client.ask(get_request("/big"));

    EXPECT_TRUE(answer.whole);
    EXPECT_EQ(answer.body.size(), 8u << 20);
}

}  // namespace
}  // namespace renkei::http
