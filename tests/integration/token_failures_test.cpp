// B-01: passing faults, broken answers, the app's own credential, back-off.
#include "tests/support/fake_provider_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;

std::string text_of(const Result<app::LiveToken>& token) {
    return token ? std::string(token->token.expose()) : std::string(error_row(token.error().code).slug);
}

struct FaultCase {
    Fault fault;
    std::string_view slug;
};
class PassingFault : public ::testing::TestWithParam<FaultCase> {};

TEST_P(PassingFault, B01_UsesTheOldTokenWhileItLives) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(50min);
    world.provider.next_faults({GetParam().fault});

    EXPECT_EQ(text_of(world.ask(20min)), "first");
    EXPECT_EQ(world.provider.exchanges() + (GetParam().fault == Fault::not_reached ? 1 : 0), 1U);
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::active);
}

TEST_P(PassingFault, B01_IsNamedWhenTheOldTokenHasEndedAndDoesNotBreakTheConnection) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.next_faults({GetParam().fault});

    EXPECT_EQ(text_of(world.ask()), GetParam().slug);
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::active);
    EXPECT_NE(world.grant().state, core::GrantState::dead);
}

TEST_P(PassingFault, B01_IsOvercomeByTheNextCallAfterTheBackOff) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.next_faults({GetParam().fault});
    EXPECT_FALSE(world.ask());
    world.clock.advance(30s);

    EXPECT_TRUE(world.ask());
    EXPECT_EQ(world.grant().state, core::GrantState::active);
    EXPECT_FALSE(world.intent_stands());
    EXPECT_TRUE(world.provider.alive(world.refresh_token()));
}

TEST_P(PassingFault, B01_OfAnAppOnlyGrantLeavesNoIntent) {
    TokenWorld world;
    world.given_an_app_grant();
    world.clock.advance(2h);
    world.provider.next_faults({GetParam().fault});

    EXPECT_EQ(text_of(world.ask()), GetParam().slug);
    EXPECT_FALSE(world.intent_stands());
    EXPECT_EQ(world.grant().state, core::GrantState::active);
}

INSTANTIATE_TEST_SUITE_P(EveryKind, PassingFault,
                         ::testing::Values(FaultCase{Fault::not_reached, "provider-unavailable"}, FaultCase{Fault::answer_lost, "provider-unavailable"},
                                           FaultCase{Fault::timeout, "provider-timeout"}, FaultCase{Fault::cut_answer, "provider-bad-answer"},
                                           FaultCase{Fault::html, "provider-bad-answer"}, FaultCase{Fault::wrong_type, "provider-bad-answer"},
                                           FaultCase{Fault::huge, "provider-bad-answer"}, FaultCase{Fault::unavailable, "provider-unavailable"},
                                           FaultCase{Fault::throttled, "provider-throttled"}, FaultCase{Fault::server_error, "provider-unavailable"}));

TEST(TokenFailures, B01_AnAnswerLostOnTheWireLeavesTheIntentAndTheWordUnknown) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.next_faults({Fault::answer_lost});

    EXPECT_FALSE(world.ask());
    EXPECT_TRUE(world.intent_stands());
    EXPECT_EQ(world.grant().state, core::GrantState::rotation_unknown);
}

TEST(TokenFailures, B01_ARequestThatNeverLeftChangesNothing) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.next_faults({Fault::not_reached});

    EXPECT_FALSE(world.ask());
    EXPECT_FALSE(world.intent_stands());
    EXPECT_EQ(world.grant().state, core::GrantState::active);
}

// The one loss that nobody can prevent, and it is called by its name.
TEST(TokenFailures, B01_ReportsAGrantAsLostWhenAStrictProvidersAnswerWasLost) {
    TokenWorld world({.strict = true});
    world.catalog.tenanted.strict_rotation = true;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.next_faults({Fault::answer_lost});
    EXPECT_EQ(text_of(world.ask()), "provider-unavailable");
    world.clock.advance(30s);

    EXPECT_EQ(text_of(world.ask()), "grant-lost");
    EXPECT_EQ(world.grant().state, core::GrantState::lost);
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::needs_user);
    EXPECT_EQ(world.now_connection().state_slug, "grant-lost");
    EXPECT_EQ(text_of(world.ask()), "grant-lost");
    EXPECT_EQ(world.tokens->counters().lost, 1U);
    EXPECT_EQ(world.provider.exchanges(), 2U);
}

TEST(TokenFailures, B01_TheSameLossIsNoLossWhereOldTokensGoOnWorking) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.next_faults({Fault::answer_lost});
    EXPECT_FALSE(world.ask());
    world.clock.advance(30s);

    EXPECT_TRUE(world.ask());
    EXPECT_EQ(world.grant().state, core::GrantState::active);
}

TEST(TokenFailures, B01_AnAppsBrokenSecretNeverAsksPeopleToSignIn) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.set_secret("changed at the provider");

    EXPECT_EQ(text_of(world.ask()), "needs-app-owner");
    EXPECT_EQ(world.grant().state, core::GrantState::active);
    EXPECT_EQ(world.refresh_token(), world.first_refresh_token);
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::needs_secret);
    EXPECT_FALSE(world.intent_stands());
}

TEST(TokenFailures, B01_WorksAgainByItselfOnceTheSecretIsRight) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.set_secret("changed at the provider");
    EXPECT_FALSE(world.ask());
    world.provider.set_secret("s3cret");
    world.clock.advance(30s);

    EXPECT_TRUE(world.ask());
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::active);
    EXPECT_EQ(world.now_connection().state_slug, "");
}

TEST(TokenFailures, ServesTheOldTokenWhileItLivesThoughTheSecretIsBroken) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(50min);
    world.provider.set_secret("changed at the provider");

    EXPECT_EQ(text_of(world.ask(20min)), "first");
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::needs_secret);
}

TEST(TokenFailures, SendsTheAdministratorWhenAPolicyBlocks) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.refuse_with("interaction_required", {53003});

    EXPECT_EQ(text_of(world.ask()), "needs-admin");
    EXPECT_EQ(world.grant().state, core::GrantState::active);
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::needs_admin);
    EXPECT_NE(world.now_connection().state_detail.find("53003"), std::string::npos);
}

TEST(TokenFailures, NeverShowsTheProvidersOwnWords) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.refuse_with("invalid_grant", {700082});

    const auto token = world.ask();

    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().detail.find("own words"), std::string::npos);
    EXPECT_EQ(world.now_connection().state_detail, "the refresh token was not used for 90 days (provider's code 700082)");
}

TEST(TokenFailures, B01_DoesNotHammerAProviderThatIsDown) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.next_faults(std::vector<Fault>(1000, Fault::unavailable));

    for (int i = 0; i < 600; ++i) {
        EXPECT_EQ(text_of(world.ask()), "provider-unavailable");
        world.clock.advance(1s);
    }

    EXPECT_LE(world.provider.exchanges(), 12U);
    EXPECT_GE(world.provider.exchanges(), 6U);
}

TEST(TokenFailures, WaitsAsLongAsTheProviderAsks) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.next_faults({Fault::throttled});
    EXPECT_FALSE(world.ask());

    world.clock.advance(6s);
    EXPECT_EQ(text_of(world.ask()), "provider-throttled");
    EXPECT_EQ(world.provider.exchanges(), 1U);
    world.clock.advance(2s);
    EXPECT_TRUE(world.ask());
}

TEST(TokenFailures, TakesAnAnswerWithoutExpiryForOneHour) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.next_faults({Fault::without_expiry});

    const auto token = world.ask();

    ASSERT_TRUE(token);
    EXPECT_EQ(token->expires_at, world.clock.now() + 1h);
}

TEST(TokenFailures, AnEndedAccessTokenWithoutRefreshTokenNeedsTheUser) {
    TokenWorld world;
    world.given_a_signed_in_person();
    auto grant = world.grant();
    grant.refresh_token = {};
    world.commit({app::UpdateGrant{grant, 1}});
    world.clock.advance(2h);

    EXPECT_EQ(text_of(world.ask()), "reconnect-required");
    EXPECT_EQ(world.provider.exchanges(), 0U);
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::needs_user);
}

TEST(TokenFailures, LeavesAPausedConnectionPaused) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    const auto as_it_was = world.now_connection();
    world.edit([](core::Connection& row) { row.state = core::ConnectionState::paused; });
    world.provider.revoke_everything();

    EXPECT_FALSE(run_task(world.tokens->token_for(as_it_was, 60s, "req")));
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::paused);
}

}  // namespace
}  // namespace renkei::testing
