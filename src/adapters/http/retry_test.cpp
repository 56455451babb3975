#include "adapters/http/retry.hpp"

#include "adapters/http/client_loopback_test.hpp"

#include <gtest/gtest.h>

namespace renkei::http {
namespace {

using namespace std::chrono_literals;
using testing::FakeClient;

struct World {
    World() {
        script->at_call = [this] { calls_at.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(clock.now() - start)); };
    }
    void answers(int status, Headers headers = {}) { script->answers.emplace_back(HttpResponse{status, std::move(headers), "body"}); }
    void fails(Errc code) { script->answers.emplace_back(fail(code, "planned")); }
    Result<HttpResponse> send(app::CallOptions options) {
        HttpRequest request{.method = Method::post, .url = "https://host.example/", .body = "body"};
        request.authorization = Secret("Bearer a");
        request.secret_body = Secret("b");
        return loop.run(client->send(std::move(request), std::move(options)), clock);
    }

    ManualClock clock;
    TimePoint start = clock.now();
    testing::FixedRandom random;
    std::shared_ptr<FakeClient::Script> script = std::make_shared<FakeClient::Script>();
    std::vector<std::chrono::milliseconds> calls_at;
    std::unique_ptr<app::HttpClient> client = with_retry(std::make_unique<FakeClient>(script), {}, clock, random);
    testing::TestLoop loop;
};

const app::CallOptions repeatable{.deadline = 60s, .may_repeat = true};

TEST(Retry, RepeatsPassingFaultsUntilTheAnswer) {
    World world;
    world.answers(503);
    world.fails(Errc::provider_unavailable);
    world.answers(429);
    world.answers(200);

    const auto answer = world.send(repeatable);

    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(world.calls_at.size(), 4u);
}

TEST(Retry, SendsTheWholeRequestEachTime) {
    World world;
    world.answers(502);
    world.answers(504);
    world.answers(200);

    ASSERT_TRUE(world.send(repeatable));

    for (const auto& request : world.script->requests) {
        EXPECT_EQ(request.method, Method::post);
        EXPECT_EQ(request.url, "https://host.example/");
        EXPECT_EQ(request.body, "body");
        EXPECT_EQ(request.authorization->expose(), "Bearer a");
        EXPECT_EQ(request.secret_body->expose(), "b");
    }
}

TEST(Retry, NeverRepeatsWhatMayNotBeRepeated) {
    for (const int status : {429, 502, 503, 504}) {
        World world;
        world.answers(status, {{"Retry-After", "1"}});
        EXPECT_EQ(world.send({})->status, status);
        EXPECT_EQ(world.calls_at.size(), 1u);
    }
    World world;
    world.fails(Errc::provider_unavailable);
    EXPECT_EQ(world.send({}).error().code, Errc::provider_unavailable);
    EXPECT_EQ(world.calls_at.size(), 1u);
}

TEST(Retry, OtherAnswersAndErrorsAreFinal) {
    for (const int status : {200, 301, 400, 401, 403, 404, 408, 409, 500, 501}) {
        World world;
        world.answers(status, {{"Retry-After", "1"}});
        EXPECT_EQ(world.send(repeatable)->status, status);
        EXPECT_EQ(world.calls_at.size(), 1u) << status;
    }
    for (const auto code : {Errc::provider_timeout, Errc::provider_bad_answer, Errc::tls_failed, Errc::egress_refused}) {
        World world;
        world.fails(code);
        EXPECT_EQ(world.send(repeatable).error().code, code);
        EXPECT_EQ(world.calls_at.size(), 1u);
    }
}

TEST(Retry, WaitsAsLongAsItIsAskedTo) {
    World world;
    world.answers(429, {{"Retry-After", "2.128"}});
    world.answers(503, {{"retry-after", http_date(world.start + 20s)}});
    world.answers(200);

    ASSERT_TRUE(world.send(repeatable));

    ASSERT_EQ(world.calls_at.size(), 3u);
    EXPECT_EQ(world.calls_at[1], 2128ms);
    EXPECT_EQ(world.calls_at[2], 20s);
}

TEST(Retry, BacksOffTwiceAsLongEachTimeWithJitter) {
    World world;
    for (int i = 0; i < 5; ++i) world.answers(503, {{"Retry-After", "nonsense"}});

    EXPECT_EQ(world.send(repeatable)->status, 503);

    ASSERT_EQ(world.calls_at.size(), 5u);
    auto expected = 1000ms;
    for (std::size_t i = 1; i < 5; ++i, expected *= 2) {
        const auto wait = world.calls_at[i] - world.calls_at[i - 1];
        EXPECT_GE(wait, expected);
        EXPECT_LE(wait, expected + expected / 2);
    }
}

TEST(Retry, HandsTheAnswerBackAtOnceIfTheWaitWouldPassTheDeadline) {
    World world;
    world.answers(429, {{"Retry-After", "30"}});

    const auto answer = world.send({.deadline = 30s, .may_repeat = true});

    EXPECT_EQ(answer->status, 429);
    EXPECT_EQ(answer->headers.get("Retry-After"), "30");
    EXPECT_EQ(answer->body, "body");
    EXPECT_EQ(world.clock.now(), world.start);
}

TEST(Retry, HandsTheErrorBackAtOnceIfTheWaitWouldPassTheDeadline) {
    World world;
    world.fails(Errc::provider_unavailable);

    EXPECT_EQ(world.send({.deadline = 900ms, .may_repeat = true}).error().code, Errc::provider_unavailable);
    EXPECT_EQ(world.clock.now(), world.start);
}

TEST(Retry, OneDeadlineIsLeftOverAllTries) {
    World world;
    world.answers(503, {{"Retry-After", "4"}});
    world.answers(503, {{"Retry-After", "4"}});
    world.answers(503, {{"Retry-After", "4"}});

    EXPECT_EQ(world.send({.deadline = 10s, .may_repeat = true})->status, 503);

    ASSERT_EQ(world.script->options.size(), 3u);
    EXPECT_LE(world.script->options[0].deadline, 10s);
    EXPECT_LE(world.script->options[1].deadline, 6s);
    EXPECT_LE(world.script->options[2].deadline, 2s);
    EXPECT_GT(world.script->options[2].deadline, 0s);
    EXPECT_EQ(world.clock.now() - world.start, 8s);
}

TEST(Retry, StreamsAreOpenedAgainAndUploadsAreNot) {
    World world;
    world.answers(503);
    world.answers(200);
    world.answers(503);

    const auto opened = world.loop.run(world.client->open({.url = "https://host.example/"}, repeatable), world.clock);
    const auto uploaded = world.loop.run(
        world.client->upload({.url = "https://host.example/"}, std::make_unique<testing::PiecesStream>(std::deque<Result<std::string>>{}), 0, repeatable),
        world.clock);

    EXPECT_EQ(opened->status, 200);
    EXPECT_EQ(uploaded->status, 503);
    EXPECT_EQ(world.calls_at.size(), 3u);
}

}  // namespace
}  // namespace renkei::http
