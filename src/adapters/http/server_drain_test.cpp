#include "adapters/http/server_test_world.hpp"

#include <future>

namespace renkei::http {
namespace {

using namespace testing;
using namespace std::chrono_literals;

TEST(ServerDrain, ClosesIdleConnectionsAtOnce) {
    ServerWorld world;
    RawClient idle(world.port), silent(world.port);
    ASSERT_EQ(idle.ask(get_request("/")).status, 200);

    EXPECT_TRUE(world.server.stop(10s));

    EXPECT_TRUE(idle.closed());
    EXPECT_EQ(silent.read().status, 0);
    EXPECT_EQ(world.server.open_connections(), 0u);
}

TEST(ServerDrain, LetsARunningRequestFinishAndClosesBehindIt) {
    ServerWorld world;
    RawClient client(world.port);
    client.send(get_request("/wait"));
    world.handler.gate.wait_for(1);

    auto stopped = std::async(std::launch::async, [&] { return world.server.stop(10s); });
    // New connections are refused as soon as the stop has begun; then the handler may go on.
    for (bool open = true; open;) {
        RawClient probe(world.port);
        open = probe.ask(get_request("/fast")).status != 0;
    }
    world.handler.gate.open();

    const auto answer = client.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.get("Connection"), "close");
    EXPECT_TRUE(client.closed());
    client.finish_sending();
    EXPECT_TRUE(stopped.get());
}

TEST(ServerDrain, GivesUpOnAHandlerThatDoesNotEnd) {
    ServerWorld world;
    RawClient client(world.port);
    client.send(get_request("/wait"));
    world.handler.gate.wait_for(1);

    EXPECT_FALSE(world.server.stop(20ms));

    EXPECT_EQ(client.read().status, 0);
}

TEST(ServerDrain, EndsAnUnfinishedHeadAndAReceiverThatDoesNotRead) {
    ServerWorld world;
    RawClient half(world.port), deaf(world.port, 4096);
    half.send(get_request("/") + "GET / HT");
    ASSERT_EQ(half.read().status, 200);
    deaf.send(get_request("/big"));

    EXPECT_TRUE(world.server.stop(20ms));

    EXPECT_TRUE(half.closed());
}

TEST(ServerDrain, StoppingTwiceOrWithoutAStartIsHarmless) {
    ServerWorld world;
    app::EventLoops loops(1);
    Server never_started({}, loops, world.handler, world.random, nullptr);

    EXPECT_TRUE(never_started.stop(1s));
    EXPECT_TRUE(world.server.stop(1s));
    EXPECT_TRUE(world.server.stop(1s));
}

TEST(ServerDrain, LoopsMayEndWithConnectionsOpen) {
    auto world = std::make_unique<ServerWorld>();
    RawClient idle(world->port), waiting(world->port);
    ASSERT_EQ(idle.ask(get_request("/")).status, 200);
    waiting.send(get_request("/wait"));
    world->handler.gate.wait_for(1);
    world->loops.stop();
    world->loops.join();

    world.reset();

    EXPECT_EQ(waiting.read().status, 0);
}

}  // namespace
}  // namespace renkei::http
