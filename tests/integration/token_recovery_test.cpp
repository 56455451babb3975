// B-01: death between any two steps, recovery, refreshing ahead.
#include "tests/support/fake_provider_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;

template <class Kind>
bool holds(const app::UnitOfWork& unit) {
    return std::ranges::any_of(unit, [](const auto& change) { return std::holds_alternative<Kind>(change); });
}

enum class Death { before_intent, after_intent, before_commit, after_commit };

class DeathBetweenSteps : public ::testing::TestWithParam<std::tuple<Death, bool>> {
protected:
    Death death() const { return std::get<0>(GetParam()); }
    bool strict() const { return std::get<1>(GetParam()); }
    void dies(TokenWorld& world) {
        if (death() == Death::before_intent) world.store.die_before_commit_when(holds<app::BeginRefresh>);
        if (death() == Death::after_intent) world.store.die_after_commit_when(holds<app::BeginRefresh>);
        if (death() == Death::before_commit) world.store.die_before_commit_when(holds<app::PutToken>);
        if (death() == Death::after_commit) world.store.die_after_commit_when(holds<app::PutToken>);
        world.clock.advance(2h);
        EXPECT_FALSE(world.ask() && death() != Death::after_commit);
        world.store.revive();
        world.start();
        world.clock.advance(1s);
    }
};

TEST_P(DeathBetweenSteps, B01_LosesNoGrantButTheOneWhoseAnswerWasLostAtAStrictProvider) {
    TokenWorld world({.strict = strict()});
    world.catalog.tenanted.strict_rotation = strict();
    world.given_a_signed_in_person();
    dies(world);

    const auto report = TokenWorld::must(world.tokens->recover());
    const auto token = world.ask();

    const bool answer_lost = death() == Death::before_commit && strict();
    EXPECT_EQ(token.has_value(), !answer_lost);
    EXPECT_EQ(report.found, death() == Death::after_intent || death() == Death::before_commit ? 1U : 0U);
    EXPECT_EQ(report.lost, answer_lost ? 1U : 0U);
    EXPECT_EQ(report.found, report.kept + report.lost);
    EXPECT_EQ(world.grant().state, answer_lost ? core::GrantState::lost : core::GrantState::active);
    EXPECT_FALSE(world.intent_stands());
    if (!answer_lost) EXPECT_TRUE(world.provider.alive(world.refresh_token()));
    if (answer_lost) EXPECT_EQ(token.error().code, Errc::grant_lost);
}

INSTANTIATE_TEST_SUITE_P(EveryStep, DeathBetweenSteps,
                         ::testing::Combine(::testing::Values(Death::before_intent, Death::after_intent, Death::before_commit, Death::after_commit),
                                            ::testing::Bool()));

TEST(TokenRecovery, B01_AProviderThatIsDownLeavesTheWordUnknownUntilItIsBack) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.next_faults({Fault::answer_lost});
    EXPECT_FALSE(world.ask());
    world.start();
    world.provider.next_faults({Fault::unavailable});

    EXPECT_EQ(TokenWorld::must(world.tokens->recover()).waiting, 1U);
    EXPECT_EQ(world.grant().state, core::GrantState::rotation_unknown);
    world.clock.advance(30s);
    EXPECT_TRUE(world.ask());
    EXPECT_EQ(world.grant().state, core::GrantState::active);
}

TEST(TokenRecovery, B01_ARefusalThatBlamesTheAppDoesNotEndAGrantOfUnknownRotation) {
    TokenWorld world({.strict = true});
    world.catalog.tenanted.strict_rotation = true;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.store.die_after_commit_when(holds<app::BeginRefresh>);
    EXPECT_FALSE(world.ask());
    world.store.revive();
    world.start();
    world.provider.set_secret("changed");
    EXPECT_EQ(TokenWorld::must(world.tokens->recover()).waiting, 1U);
    EXPECT_TRUE(world.intent_stands());
    world.provider.set_secret("s3cret");
    world.clock.advance(30s);

    EXPECT_TRUE(world.ask());
    EXPECT_EQ(world.grant().state, core::GrantState::active);
}

TEST(TokenRecovery, B01_AnAppOnlyGrantSimplyAsksAgain) {
    TokenWorld world;
    world.given_an_app_grant();
    world.clock.advance(2h);
    world.store.die_before_commit_when(holds<app::PutToken>);
    EXPECT_FALSE(world.ask());
    world.store.revive();
    world.start();

    EXPECT_EQ(TokenWorld::must(world.tokens->recover()).kept, 1U);
    EXPECT_EQ(world.grant().state, core::GrantState::active);
    EXPECT_FALSE(world.intent_stands());
}

TEST(TokenRecovery, B01_OldAndNewTokenRefusedAtALenientProviderMeansThatThePersonMustSignIn) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.next_faults({Fault::answer_lost});
    EXPECT_FALSE(world.ask());
    world.provider.revoke_everything();
    world.start();

    const auto report = TokenWorld::must(world.tokens->recover());

    EXPECT_EQ(report.dead, 1U);
    EXPECT_EQ(world.grant().state, core::GrantState::dead);
}

TEST(TokenRecovery, AnotherOwnersClaimIsWaitedForAndNotOverrun) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    TokenWorld::must(world.store.claim(home, app::refresh_lease_name(world.grant().id), "another node", world.clock.now(), 3s));
    asio::io_context loop;
    std::optional<Result<app::LiveToken>> answer;
    asio::co_spawn(loop, world.tokens->token_for(world.now_connection(), 60s, "req"),
                   [&](std::exception_ptr, Result<app::LiveToken> token) { answer = std::move(token); });
    for (int i = 0; i < 50; ++i) loop.poll();
    EXPECT_EQ(world.provider.exchanges(), 0U);

    for (int i = 0; i < 400 && !answer; ++i) {
        world.clock.advance(250ms);
        loop.restart();
        loop.poll();
    }

    ASSERT_TRUE(answer);
    EXPECT_TRUE(*answer);
    EXPECT_EQ(world.provider.exchanges(), 1U);
}

TEST(RefreshAhead, B01_RenewsATokenInUseBeforeItEnds) {
    TokenWorld world;
    world.given_a_signed_in_person();
    ASSERT_TRUE(world.ask());
    EXPECT_EQ(run_task([](TokenWorld& w) -> Task<std::uint64_t> { co_return co_await w.tokens->refresh_ahead_once(); }(world)), 0U);
    world.clock.advance(56min);

    EXPECT_EQ(run_task(world.tokens->refresh_ahead_once()), 1U);
    EXPECT_EQ(world.grant().generation, 2U);
    EXPECT_NE(world.tokens->cached(world.connection.id, 60s), nullptr);
}

TEST(RefreshAhead, LeavesAGrantAloneThatNobodyUses) {
    TokenWorld world;
    world.given_a_signed_in_person(200h);
    world.clock.advance(199h);

    EXPECT_EQ(run_task(world.tokens->refresh_ahead_once()), 0U);
    EXPECT_EQ(world.provider.exchanges(), 0U);
}

TEST(RefreshAhead, DoesNotTouchAConnectionThatWaitsForSomebody) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.edit([](core::Connection& row) { row.state = core::ConnectionState::needs_secret; });
    world.clock.advance(58min);

    EXPECT_EQ(run_task(world.tokens->refresh_ahead_once()), 0U);
    EXPECT_EQ(world.provider.exchanges(), 0U);
}

TEST(RefreshAhead, B01_ResolvesAnUnknownRotationAlsoWhenNobodyAsks) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.next_faults({Fault::answer_lost});
    EXPECT_FALSE(world.ask());
    world.clock.advance(1min);
    EXPECT_EQ(run_task(world.tokens->refresh_ahead_once()), 0U);
    world.clock.advance(2min);

    EXPECT_EQ(run_task(world.tokens->refresh_ahead_once()), 1U);
    EXPECT_EQ(world.grant().state, core::GrantState::active);
    EXPECT_FALSE(world.intent_stands());
}

TEST(RefreshAhead, StopsAtOnceWhenToldTo) {
    TokenWorld world;
    asio::io_context loop;
    bool ended = false;
    asio::co_spawn(loop, world.tokens->run_refresh_ahead(), [&](std::exception_ptr) { ended = true; });
    loop.poll();
    EXPECT_FALSE(ended);

    world.tokens->stop();
    loop.restart();
    loop.run();

    EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace renkei::testing
