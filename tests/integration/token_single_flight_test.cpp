// B-01: one exchange however many ask, on however many event loops.
#include "tests/support/fake_provider_world.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;

/// Callers on several loops, each loop with a thread of its own.
class Crowd {
public:
    Crowd(TokenWorld& world, unsigned loops) : world_(world), loops_(loops) {
        for (auto& loop : loops_) loop = std::make_unique<asio::io_context>(1);
    }
    void ask(unsigned callers, std::chrono::seconds min_validity = 60s) {
        const auto connection = world_.now_connection();
        for (unsigned i = 0; i < callers; ++i)
            asio::co_spawn(*loops_[i % loops_.size()], world_.tokens->token_for(connection, min_validity, "req"),
                           [this](std::exception_ptr, Result<app::LiveToken> token) {
                               const std::lock_guard lock(mutex_);
                               if (token)
                                   tokens_.insert(std::string(token->token.expose()));
                               else
                                   errors_.insert(std::string(error_row(token.error().code).slug));
                               ++answered_;
                           });
    }
    /// `meanwhile` runs on this thread while the loops run.
    template <class Meanwhile>
    void run(Meanwhile meanwhile) {
        std::vector<std::jthread> threads;
        for (auto& loop : loops_) threads.emplace_back([&loop] { loop->run(); });
        meanwhile();
    }
    std::set<std::string> tokens() const { return tokens_; }
    std::set<std::string> errors() const { return errors_; }
    unsigned answered() const {
        const std::lock_guard lock(mutex_);
        return answered_;
    }

private:
    TokenWorld& world_;
    std::vector<std::unique_ptr<asio::io_context>> loops_;
    mutable std::mutex mutex_;
    std::set<std::string> tokens_, errors_;
    unsigned answered_ = 0;
};

TEST(TokenSingleFlight, B01_OneThousandCallersOfAnEndedGrantMakeOneExchange) {
    TokenWorld world({.strict = true});
    world.catalog.tenanted.strict_rotation = true;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.hold();
    Crowd crowd(world, 4);
    crowd.ask(1000);

    crowd.run([&] {
        while (!world.provider.waits_for_release(1)) std::this_thread::yield();
        world.provider.release();
    });

    EXPECT_EQ(crowd.answered(), 1000U);
    EXPECT_EQ(crowd.tokens().size(), 1U);
    EXPECT_TRUE(crowd.errors().empty());
    EXPECT_EQ(world.provider.exchanges(), 1U);
    EXPECT_EQ(world.provider.revoked_families(), 0U);
}

TEST(TokenSingleFlight, AFailureIsToldToEveryWaiterAndAskedOnce) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.next_faults({Fault::html});
    Crowd crowd(world, 3);
    crowd.ask(300);

    crowd.run([] {});

    EXPECT_EQ(crowd.answered(), 300U);
    EXPECT_EQ(crowd.errors(), std::set<std::string>{"provider-bad-answer"});
    EXPECT_EQ(world.provider.exchanges(), 1U);
}

TEST(TokenSingleFlight, AProviderThatNeverAnswersCostsACallerNoMoreThanItsDeadline) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.hold();
    Crowd crowd(world, 2);
    crowd.ask(10);

    crowd.run([&] {
        while (!world.provider.waits_for_release(1)) std::this_thread::yield();
        while (crowd.answered() < 10) {
            world.clock.advance(31s);
            std::this_thread::yield();
        }
        world.provider.release();
    });

    EXPECT_EQ(crowd.errors(), std::set<std::string>{"provider-timeout"});
    // The exchange was not cut off by those who gave up: its answer is stored.
    EXPECT_EQ(world.grant().generation, 2U);
    EXPECT_TRUE(world.provider.alive(world.refresh_token()));
}

TEST(TokenSingleFlight, RefusesMoreWaitersThanAllowed) {
    TokenWorld world;
    world.settings.most_waiters = 5;
    world.start();
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.hold();
    Crowd crowd(world, 1);
    crowd.ask(9);

    crowd.run([&] {
        while (!world.provider.waits_for_release(1) || crowd.answered() < 4) std::this_thread::yield();
        world.provider.release();
    });

    EXPECT_EQ(crowd.answered(), 9U);
    EXPECT_EQ(crowd.errors(), std::set<std::string>{"too-many-requests"});
    EXPECT_EQ(crowd.tokens().size(), 1U);
}

TEST(TokenSingleFlight, ShutdownWaitsForTheExchangeUnderWay) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.hold();
    asio::io_context loop;
    bool drained = false;
    asio::co_spawn(loop, world.tokens->token_for(world.now_connection(), 60s, "req"), [](std::exception_ptr, Result<app::LiveToken>) {});
    while (!world.provider.waits_for_release(1)) loop.poll_one();
    asio::co_spawn(loop, world.tokens->drain(10s), [&](std::exception_ptr) { drained = true; });
    loop.poll();
    EXPECT_FALSE(drained);

    world.provider.release();
    loop.restart();
    loop.run();

    EXPECT_TRUE(drained);
    EXPECT_EQ(world.grant().generation, 2U);
}

TEST(TokenCache, CostsLittleBesideTheTokenItself) {
    app::TokenCache cache(1000);
    auto token = std::make_shared<app::CachedToken>();
    token->scopes = cache.share("Mail.Read Mail.Send");
    auto other = cache.share("Mail.Read Mail.Send");

    EXPECT_EQ(token->scopes, other);
    EXPECT_LE(sizeof(app::CachedToken), 320U);
}

TEST(TokenCache, NeverHoldsMoreThanItsBound) {
    app::TokenCache cache(640);
    CountingRandom random;
    for (int i = 0; i < 5000; ++i) {
        auto token = std::make_shared<app::CachedToken>();
        token->connection = random.make<core::ConnectionId>();
        token->key.grant = random.make<core::GrantId>();
        token->generation = 1;
        cache.publish(std::move(token));
    }

    EXPECT_LE(cache.size(), 640U);
    EXPECT_GE(cache.size(), 500U);
}

TEST(TokenCache, NeverGoesBackToAnEarlierGeneration) {
    app::TokenCache cache(100);
    const auto publish = [&](std::uint64_t generation) {
        auto token = std::make_shared<app::CachedToken>();
        token->generation = generation;
        cache.publish(std::move(token));
    };
    publish(3);
    publish(2);

    EXPECT_EQ(cache.find({})->generation, 3U);
}

TEST(TokenService, TheFastPathGivesNothingThatIsAboutToEnd) {
    TokenWorld world;
    world.given_a_signed_in_person();
    EXPECT_EQ(world.tokens->cached(world.connection.id, 60s), nullptr);
    ASSERT_TRUE(world.ask());

    const auto token = world.tokens->cached(world.connection.id, 60s);
    ASSERT_NE(token, nullptr);
    EXPECT_EQ(token->token.expose(), "first");
    world.clock.advance(59min + 30s);
    EXPECT_EQ(world.tokens->cached(world.connection.id, 60s), nullptr);
    world.tokens->forget(world.connection.id);
    EXPECT_EQ(world.tokens->cached(world.connection.id, 0s), nullptr);
}

}  // namespace
}  // namespace renkei::testing
