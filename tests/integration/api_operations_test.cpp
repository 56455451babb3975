#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace renkei::testing {
namespace {

/// Counts what it is given; can be made to wait or throw.
class Counting final : public app::OperationKind {
public:
    explicit Counting(std::string_view name) : name_(name) {}
    std::string_view name() const override { return name_; }
    Task<core::OperationItem> work(core::WorkspaceId, std::uint64_t index, std::string target, std::string) override {
        ++done;
        if (target == "throws") throw std::runtime_error("a defect");
        if (on_item) on_item(index);
        co_return core::OperationItem{index, target, true, {}, "counted"};
    }
    std::atomic<int> done = 0;
    std::function<void(std::uint64_t)> on_item;

private:
    std::string name_;
};

class ApiOperations : public ::testing::Test {
protected:
    app::By by() {
        app::By out;
        out.principal.workspace = home;
        out.principal.name = "admin";
        out.request_id = "req-1";
        return out;
    }
    ApiWorld world;
};

TEST_F(ApiOperations, CheckingAllConnectionsRunsItemByItem) {
    world.add_connection("a");
    world.add_connection("b");
    world.commit(home, {[] {
                     auto draft = a_connection("c");
                     draft.state = core::ConnectionState::draft;
                     return app::InsertConnection{draft};
                 }()});

    const auto started = world.post("/v1/operations", R"({"kind":"connections.check","connections":["a","b"]})");
    const auto ended = world.wait_for_operation(started.text("id"));
    const auto items = world.get("/v1/operations/" + started.text("id") + "/items?limit=1");
    const auto rest = world.get("/v1/operations/" + started.text("id") + "/items?limit=1&cursor=" + items.text("next_cursor"));

    EXPECT_EQ(started.status, 202);
    EXPECT_EQ(started.headers.get("Location"), "/v1/operations/" + started.text("id"));
    EXPECT_EQ(ended.text("state"), "done");
    EXPECT_EQ(ended.json.at("done").as_int64(), 2);
    EXPECT_EQ(items.json.at("items").as_array().front().at("target").as_string(), "a");
    EXPECT_EQ(rest.json.at("items").as_array().front().at("target").as_string(), "b");
    EXPECT_EQ(rest.text("next_cursor"), "");
}

TEST_F(ApiOperations, AFailedItemSaysWhyAndTheOthersGoOn) {
    world.add_connection("a");
    auto broken = world.add_connection("b");
    world.post("/v1/connections/b/pause", "");

    const auto started = world.post("/v1/operations", R"({"kind":"connections.check"})");
    world.wait_for_operation(started.text("id"));
    const auto items = world.get("/v1/operations/" + started.text("id") + "/items").json.at("items").as_array();

    EXPECT_TRUE(items[0].at("ok").as_bool());
    EXPECT_FALSE(items[1].at("ok").as_bool());
    EXPECT_EQ(items[1].at("code").as_string(), "connection-paused");
}

TEST_F(ApiOperations, UnknownKindsConnectionsAndIdsAreRefused) {
    world.add_connection("a");
    EXPECT_EQ(world.post("/v1/operations", R"({"kind":"world.peace"})").text("field"), "kind");
    EXPECT_EQ(world.post("/v1/operations", R"({"kind":"connections.check","connections":["a","nothing"]})").text("field"), "connections");
    EXPECT_EQ(world.get("/v1/operations/xyz").status, 404);
    EXPECT_EQ(world.get("/v1/operations/00000000000000000000000000000000").status, 404);
    EXPECT_EQ(world.post("/v1/operations/00000000000000000000000000000000/cancel", "").status, 404);
}

TEST_F(ApiOperations, CancellingEndsItAfterTheItemInWork) {
    Counting kind("test.count");
    world.operations.add(kind);
    std::atomic<bool> reached = false, go_on = false;
    kind.on_item = [&](std::uint64_t index) {
        if (index != 1) return;
        reached = true;
        while (!go_on) std::this_thread::yield();
    };
    const auto operation = run_task(world.operations.start(by(), "test.count", {"a", "b", "c", "d"})).value();
    while (!reached) std::this_thread::yield();

    const auto asked = world.post("/v1/operations/" + operation.id.text() + "/cancel", "");
    go_on = true;
    const auto ended = world.wait_for_operation(operation.id.text());

    EXPECT_EQ(asked.status, 202);
    EXPECT_EQ(ended.text("state"), "cancelled");
    EXPECT_EQ(ended.json.at("done").as_int64(), 2);
    EXPECT_EQ(kind.done, 2);
}

TEST_F(ApiOperations, ARestartGoesOnWhereAStopHasCutItOff) {
    Counting kind("test.count"), again("test.count");
    app::EventLoops loops{1};
    loops.start();
    app::Operations before({world.store, loops, world.clock, world.random});
    before.add(kind);
    kind.on_item = [&](std::uint64_t index) {
        if (index == 1) world.store.die_before_next_commit();
    };
    const auto operation = run_task(before.start(by(), "test.count", {"a", "b", "c"})).value();
    while (!world.store.is_dead()) std::this_thread::yield();
    run_task([](app::Operations& work) -> Task<bool> {
        co_await work.stop();
        co_return true;
    }(before));
    world.store.revive();

    world.operations.add(again);
    ASSERT_TRUE(run_task(world.operations.resume()));
    const auto ended = world.wait_for_operation(operation.id.text());

    EXPECT_EQ(ended.text("state"), "done") << ended.body;
    EXPECT_EQ(kind.done, 2);
    EXPECT_EQ(again.done, 2) << "the item without a record is repeated, the recorded one is not";
    EXPECT_EQ(world.get("/v1/operations/" + operation.id.text() + "/items").json.at("items").as_array().size(), 3u);
    loops.stop();
    loops.join();
}

TEST_F(ApiOperations, ADefectInOneItemDoesNotStopTheRest) {
    Counting kind("test.count");
    world.operations.add(kind);

    const auto operation = run_task(world.operations.start(by(), "test.count", {"a", "throws", "c"})).value();
    const auto ended = world.wait_for_operation(operation.id.text());
    const auto items = world.get("/v1/operations/" + operation.id.text() + "/items").json.at("items").as_array();

    EXPECT_EQ(ended.text("state"), "done");
    EXPECT_EQ(items[1].at("code").as_string(), "internal");
    EXPECT_TRUE(items[2].at("ok").as_bool());
}

TEST_F(ApiOperations, EventsTellEachChangeAndEnd) {
    world.add_connection("a");
    const auto id = world.post("/v1/operations", R"({"kind":"connections.check"})").text("id");
    world.wait_for_operation(id);

    const auto events = world.get("/v1/operations/" + id + "/events");

    EXPECT_EQ(events.headers.get("Content-Type"), "text/event-stream");
    EXPECT_TRUE(events.body.starts_with("event: operation\nid: "));
    EXPECT_NE(events.body.find("\"state\":\"done\""), std::string::npos);
    EXPECT_TRUE(events.body.ends_with("\n\n"));
}

TEST_F(ApiOperations, AWeekLaterItIsGone) {
    const auto id = world.post("/v1/operations", R"({"kind":"connections.check"})").text("id");
    world.wait_for_operation(id);
    world.clock.advance(std::chrono::hours(24 * 7));

    EXPECT_EQ(world.get("/v1/operations/" + id).status, 410);
    EXPECT_EQ(world.get("/v1/operations/" + id + "/items").status, 410);
}

}  // namespace
}  // namespace renkei::testing
