// B-01: one refresh, its failures, and what is remembered of them.
#include "tests/support/fake_provider_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;

std::string text_of(const Result<app::LiveToken>& token) {
    return token ? std::string(token->token.expose()) : std::string(error_row(token.error().code).slug);
}

TEST(TokenService, GivesTheStoredTokenWhileItLives) {
    TokenWorld world;
    world.given_a_signed_in_person();

    EXPECT_EQ(text_of(world.ask()), "first");
    EXPECT_EQ(world.provider.exchanges(), 0U);
}

TEST(TokenService, B01_RefreshesAnEndedTokenAndStoresItBeforeHandingItOut) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);

    const auto token = world.ask();

    ASSERT_TRUE(token);
    EXPECT_NE(text_of(token), "first");
    EXPECT_EQ(token->generation, 2U);
    EXPECT_EQ(world.grant().generation, 2U);
    EXPECT_TRUE(world.provider.alive(world.refresh_token()));
    EXPECT_FALSE(world.intent_stands());
    EXPECT_EQ(world.last_audit(), "token.refresh generation 2");
}

TEST(TokenService, B01_ReadsTheTokenBackAfterARestartWithoutAsking) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    const auto before = text_of(world.ask());

    world.start();

    EXPECT_EQ(text_of(world.ask()), before);
    EXPECT_EQ(world.provider.exchanges(), 1U);
}

TEST(TokenService, RefreshesWhenTheCallerWantsMoreValidityThanIsLeft) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(50min);

    EXPECT_EQ(text_of(world.ask(5min)), "first");
    EXPECT_NE(text_of(world.ask(20min)), "first");
}

TEST(TokenService, DoesNotRefreshEachTimeForACallerWhoWantsMoreThanATokenEverHas) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(40min);

    const auto one = text_of(world.ask(24h)), two = text_of(world.ask(24h));

    EXPECT_EQ(one, two);
    EXPECT_EQ(world.provider.exchanges(), 1U);
}

TEST(TokenService, B01_KeepsThePreviousRefreshTokenUntilTheNewOneHasWorked) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    ASSERT_TRUE(world.ask());

    EXPECT_EQ(world.previous_refresh_token(), world.first_refresh_token);
    EXPECT_FALSE(world.grant().proven);
    const auto second = world.refresh_token();
    world.clock.advance(2h);
    ASSERT_TRUE(world.ask());
    EXPECT_EQ(world.previous_refresh_token(), second);
}

TEST(TokenService, KeepsARefreshTokenThatTheProviderDoesNotRotate) {
    TokenWorld world({.rotates = false});
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    ASSERT_TRUE(world.ask());

    EXPECT_EQ(world.refresh_token(), world.first_refresh_token);
    EXPECT_EQ(world.previous_refresh_token(), "");
    EXPECT_TRUE(world.grant().proven);
}

// The answer that brought the current token may have been one of two: the one before it still works at such a provider.
TEST(TokenService, B01_TriesThePreviousRefreshTokenOnceWhenAnUnprovenOneIsRefused) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    ASSERT_TRUE(world.ask());
    world.clock.advance(2h);
    world.provider.refuse_with("invalid_grant");

    EXPECT_TRUE(world.ask());
    EXPECT_EQ(world.provider.exchanges(), 3U);
    EXPECT_EQ(world.grant().state, core::GrantState::active);
    EXPECT_TRUE(world.provider.alive(world.refresh_token()));
}

TEST(TokenService, B01_NeverShowsAnOldRefreshTokenToAStrictProvider) {
    TokenWorld world({.strict = true});
    world.catalog.tenanted.strict_rotation = true;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    ASSERT_TRUE(world.ask());
    world.clock.advance(2h);
    world.provider.refuse_with("invalid_grant");

    EXPECT_EQ(text_of(world.ask()), "reconnect-required");
    EXPECT_EQ(world.provider.exchanges(), 2U);
    EXPECT_EQ(world.provider.revoked_families(), 0U);
}

TEST(TokenService, B01_EndsTheGrantWhenTheProviderHasRevokedIt) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.provider.revoke_everything();
    world.clock.advance(2h);

    EXPECT_EQ(text_of(world.ask()), "reconnect-required");
    EXPECT_EQ(world.grant().state, core::GrantState::dead);
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::needs_user);
    EXPECT_NE(world.now_connection().state_detail.find("revoked"), std::string::npos);
    EXPECT_FALSE(world.intent_stands());
    EXPECT_TRUE(world.last_audit().starts_with("token.refresh reconnect-required"));
}

TEST(TokenService, AsksADeadGrantsProviderNeverAgain) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.provider.revoke_everything();
    world.clock.advance(2h);
    EXPECT_FALSE(world.ask());
    const auto asked = world.provider.exchanges();
    world.clock.advance(24h);

    EXPECT_EQ(text_of(world.ask()), "reconnect-required");
    EXPECT_EQ(world.provider.exchanges(), asked);
}

TEST(TokenService, B01_BelievesAnInvalidGrantOnlyIfTheGenerationHasNotMoved) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.hold();
    world.provider.refuse_with("invalid_grant");
    asio::io_context loop;
    std::optional<Result<app::LiveToken>> answer;
    asio::co_spawn(loop, world.tokens->token_for(world.now_connection(), 60s, "req"),
                   [&](std::exception_ptr, Result<app::LiveToken> token) { answer = std::move(token); });
    while (!world.provider.waits_for_release(1)) loop.poll_one();
    // Meanwhile the person has signed in again, in another place.
    auto grant = world.grant();
    grant.generation = 2;
    grant.refresh_token = *world.vault.seal(app::refresh_token_place(home, grant.id, 2), Secret(world.provider.new_refresh_token()));
    auto token = world.first_token(grant, 1h);
    token.generation = 2;
    token.token = *world.vault.seal(app::access_token_place(token.key, 2), Secret("from the new sign-in"));
    const auto intent = run_task(world.store.find_intent(home, grant.id)).value();
    world.commit({app::UpdateGrant{grant, 1}, app::PutToken{token}, app::EndRefresh{home, grant.id, intent.generation, intent.fence}});

    world.provider.release();
    loop.restart();
    loop.run();

    ASSERT_TRUE(answer);
    EXPECT_EQ(text_of(*answer), "from the new sign-in");
    EXPECT_EQ(world.grant().state, core::GrantState::active);
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::active);
}

TEST(TokenService, B01_DoesNotOverwriteAGrantThatMovedDuringTheExchange) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.provider.hold();
    asio::io_context loop;
    std::optional<Result<app::LiveToken>> answer;
    asio::co_spawn(loop, world.tokens->token_for(world.now_connection(), 60s, "req"),
                   [&](std::exception_ptr, Result<app::LiveToken> token) { answer = std::move(token); });
    while (!world.provider.waits_for_release(1)) loop.poll_one();
    auto grant = world.grant();
    grant.generation = 2;
    const auto reconnected = world.provider.new_refresh_token();
    grant.refresh_token = *world.vault.seal(app::refresh_token_place(home, grant.id, 2), Secret(reconnected));
    auto token = world.first_token(grant, 1h);
    token.generation = 2;
    token.token = *world.vault.seal(app::access_token_place(token.key, 2), Secret("from the new sign-in"));
    // The intent is left standing: the compare-and-swap alone must hold.
    world.commit({app::UpdateGrant{grant, 1}, app::PutToken{token}});

    world.provider.release();
    loop.restart();
    loop.run();

    ASSERT_TRUE(answer);
    EXPECT_EQ(text_of(*answer), "from the new sign-in");
    EXPECT_EQ(world.refresh_token(), reconnected);
}

TEST(TokenService, ARefreshIsTwoCommitsLeaseWithIntentAndOutcome) {
    TokenWorld world;
    world.given_a_signed_in_person();
    for (int i = 0; i < 3; ++i) {
        world.clock.advance(2h);
        const auto before = world.store.commits();
        ASSERT_TRUE(world.ask());
        EXPECT_EQ(world.store.commits() - before, 2U) << "also the first one, and also under a lease of its own that still lives";
        EXPECT_FALSE(world.intent_stands());
    }
}

// A token is asked for; `meanwhile` happens while the provider is being asked.
Result<app::LiveToken> ask_and_meanwhile(TokenWorld& world, const std::function<void()>& meanwhile) {
    world.provider.hold();
    asio::io_context loop;
    std::optional<Result<app::LiveToken>> answer;
    asio::co_spawn(loop, world.tokens->token_for(world.now_connection(), 60s, "req"),
                   [&](std::exception_ptr, Result<app::LiveToken> token) { answer = std::move(token); });
    while (!world.provider.waits_for_release(1)) loop.poll_one();
    meanwhile();
    world.provider.release();
    loop.restart();
    loop.run();
    return *std::move(answer);
}

// The connection is not read again before the outcome is stored: whoever edits it meanwhile must win.
TEST(TokenService, B01_AConnectionEditedDuringTheExchangeIsJudgedAsItThenStands) {
    using S = core::ConnectionState;
    struct {
        S before, meanwhile, after;
    } constexpr rows[] = {{S::active, S::paused, S::paused}, {S::degraded, S::paused, S::paused}, {S::active, S::needs_admin, S::active}};
    for (const auto& row : rows) {
        TokenWorld world;
        world.given_a_signed_in_person();
        world.edit([&](core::Connection& connection) { connection.state = row.before; });
        world.clock.advance(2h);
        ASSERT_TRUE(ask_and_meanwhile(world, [&] { world.edit([&](core::Connection& connection) { connection.state = row.meanwhile; }); }));

        EXPECT_EQ(world.now_connection().state, row.after) << core::text_of(row.before) << ", meanwhile " << core::text_of(row.meanwhile);
        EXPECT_EQ(world.grant().generation, 2U);
        EXPECT_FALSE(world.intent_stands());
    }
}

TEST(TokenService, B01_AConnectionRemovedDuringTheExchangeStaysRemoved) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    const auto answer = ask_and_meanwhile(world, [&] { world.commit({app::DeleteConnection{home, world.connection.id}}); });

    EXPECT_EQ(text_of(answer), "not-found");
    EXPECT_FALSE(run_task(world.store.find_connection_by_id(home, world.connection.id)));
}

TEST(TokenService, HandsNothingOutThatTheStoreDidNotTakeAndStoresItLater) {
    TokenWorld world({.strict = true});
    world.catalog.tenanted.strict_rotation = true;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.store.fail_commits_when([](const app::UnitOfWork& unit) -> std::optional<Errc> {
        for (const auto& change : unit)
            if (std::holds_alternative<app::PutToken>(change)) return Errc::storage_full;
        return std::nullopt;
    });

    EXPECT_EQ(text_of(world.ask()), "storage-full");
    EXPECT_EQ(world.grant().generation, 1U);
    world.store.revive();
    world.clock.advance(10s);

    EXPECT_TRUE(world.ask());
    EXPECT_EQ(world.grant().generation, 2U);
    EXPECT_TRUE(world.provider.alive(world.refresh_token()));
    EXPECT_EQ(world.provider.exchanges(), 1U);
}

TEST(TokenService, WritesNothingAndAsksNobodyWhenTheStoreIsFullBeforeTheIntent) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.store.fail_next_commits(1, Errc::storage_full);

    EXPECT_EQ(text_of(world.ask()), "storage-full");
    EXPECT_EQ(world.provider.exchanges(), 0U);
}

TEST(TokenService, RefusesBeforeAskingWhenTheConnectionIsNotToBeUsed) {
    TokenWorld world;
    world.given_a_signed_in_person();
    const auto in = [&](core::ConnectionState state) {
        world.edit([&](core::Connection& row) { row.state = state; });
        return text_of(world.ask());
    };

    EXPECT_EQ(in(core::ConnectionState::paused), "connection-paused");
    EXPECT_EQ(in(core::ConnectionState::draft), "connection-draft");
    EXPECT_EQ(in(core::ConnectionState::revoked), "reconnect-required");
    EXPECT_EQ(in(core::ConnectionState::needs_user), "reconnect-required");
    EXPECT_EQ(world.provider.exchanges(), 0U);
}

TEST(TokenService, SaysThatTheVaultIsLockedAndKeepsTheGrant) {
    TokenWorld world;
    world.given_a_signed_in_person();
    world.clock.advance(2h);
    world.vault.lock();

    EXPECT_EQ(text_of(world.ask()), "vault-locked");
    EXPECT_EQ(world.grant().state, core::GrantState::active);
    EXPECT_EQ(world.provider.exchanges(), 0U);
}

TEST(TokenService, A50_RefreshesClientCredentialsThroughTheSameJournal) {
    TokenWorld world;
    world.given_an_app_grant();
    world.clock.advance(2h);

    const auto token = world.ask();

    ASSERT_TRUE(token);
    EXPECT_EQ(token->generation, 2U);
    const auto asked = world.provider.requests().at(0);
    EXPECT_EQ(*find_field(asked.form, "grant_type"), "client_credentials");
    EXPECT_EQ(*find_field(asked.form, "scope"), "https://api.example/.default");
    EXPECT_EQ(asked.url, "https://login.example/tenant-1/oauth2/v2.0/token");
    EXPECT_FALSE(asked.options.may_repeat);
    EXPECT_FALSE(world.intent_stands());
}

TEST(TokenService, A50_NeverAsksAPersonBecauseOfAnAppsOwnAccess) {
    TokenWorld world;
    world.given_an_app_grant();
    world.clock.advance(2h);
    world.provider.refuse_with("invalid_grant");

    EXPECT_EQ(text_of(world.ask()), "needs-app-owner");
    EXPECT_EQ(world.grant().state, core::GrantState::active);
    EXPECT_EQ(world.now_connection().state, core::ConnectionState::needs_secret);
}

TEST(TokenService, TheProvidersRefusalOfATokenMakesTheNextCallRefresh) {
    TokenWorld world;
    world.given_a_signed_in_person();
    const auto first = world.ask();
    ASSERT_TRUE(first);
    world.clock.advance(1min);

    world.tokens->reject(first->key, first->generation);

    EXPECT_NE(text_of(world.ask()), "first");
    EXPECT_EQ(world.provider.exchanges(), 1U);
}

TEST(TokenService, IgnoresTheRefusalOfAGenerationThatIsNotCurrent) {
    TokenWorld world;
    world.given_a_signed_in_person();
    const auto first = world.ask();
    world.clock.advance(2h);
    const auto second = text_of(world.ask());
    world.clock.advance(1min);

    world.tokens->reject(first->key, first->generation);

    EXPECT_EQ(text_of(world.ask()), second);
    EXPECT_EQ(world.provider.exchanges(), 1U);
}

TEST(TokenService, DoesNotServeARefusedTokenWhenTheRefreshFails) {
    TokenWorld world;
    world.given_a_signed_in_person();
    const auto first = world.ask();
    world.clock.advance(1min);
    world.tokens->reject(first->key, first->generation);
    world.provider.next_faults({Fault::unavailable});

    EXPECT_EQ(text_of(world.ask()), "provider-unavailable");
    world.clock.advance(10s);
    EXPECT_NE(text_of(world.ask()), "first");
}

}  // namespace
}  // namespace renkei::testing
