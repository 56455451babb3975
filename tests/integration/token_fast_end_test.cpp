#include "tests/support/token_fast_world.hpp"

#include <gtest/gtest.h>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;
using core::Action;

/// B-09: a decision that is kept ends at the moment at which what it came from changes or ends.
using TokenFastEnd = TokenFastTest;

TEST_F(TokenFastEnd, AnExpiredKeyIsNotFast) {
    auto key = a_key("short");
    key.rights = {{{Action::tokens_read}, {}, {}, {}, {}, {}}};
    key.expires_at = world.clock.now() + 2min;
    const auto text = world.add_key(key);
    warm(text);
    world.clock.advance(2min - 1ms);
    EXPECT_TRUE(is_fast_with(text));

    world.clock.advance(1ms);

    EXPECT_FALSE(is_fast_with(text));
    EXPECT_EQ(ordinary(text).status, 401);
}

TEST_F(TokenFastEnd, AnAddressOutsideTheKeysRangesIsNotFast) {
    auto key = a_key("near");
    key.rights = {{{Action::tokens_read}, {}, {}, {}, {}, {}}};
    key.allowed_ranges = {core::AddressRange::parse("192.0.2.0/28").value(), core::AddressRange::parse("2001:db8::/32").value()};
    const auto text = world.add_key(key);
    warm(text);
    const auto from = [&](std::string_view address) { return fast({.authorization = "Bearer " + text, .address = address}).has_value(); };

    EXPECT_TRUE(from("192.0.2.15"));
    EXPECT_TRUE(from("2001:db8::1"));
    EXPECT_FALSE(from("192.0.2.16"));
    EXPECT_FALSE(from("2001:db9::1"));
    EXPECT_EQ(ordinary(text, {}, "192.0.2.16").status, 401);
    EXPECT_FALSE(from("192.0.2.16"));
}

TEST_F(TokenFastEnd, ARevokedKeyIsNotFastFromThatMomentOn) {
    warm();
    const auto other = world.add_key("other", {Action::tokens_read});
    warm(other);

    ASSERT_EQ(world.ask({"DELETE", "/v1/keys/reader", {}, world.admin}).status, 204);

    EXPECT_FALSE(is_fast());
    EXPECT_EQ(ordinary().status, 401);
    EXPECT_TRUE(is_fast_with(other)) << "another key's decision stands";
}

TEST_F(TokenFastEnd, EveryChangeOfTheConnectionEndsTheDecision) {
    warm();
    edit([](core::Connection& row) { row.fence.mailboxes = {"sato@acme.example"}; });
    EXPECT_FALSE(is_fast());
    EXPECT_EQ(ordinary().status, 403);
    edit([](core::Connection& row) { row.fence.mailboxes = {"invoice@acme.example"}; });
    warm();

    ASSERT_EQ(world.post("/v1/connections/invoice-mail/pause", "").status, 200);
    EXPECT_FALSE(is_fast());
    EXPECT_EQ(ordinary().code(), "connection-paused");
    ASSERT_EQ(world.post("/v1/connections/invoice-mail/resume", "").status, 200);
    EXPECT_FALSE(is_fast()) << "a decision that ended does not come back";
    warm();

    world.commit(home, {app::DeleteConnection{home, connection().id}});
    EXPECT_FALSE(is_fast());
    EXPECT_EQ(ordinary().status, 404);
    EXPECT_FALSE(is_fast());
}

TEST_F(TokenFastEnd, AChangeOfOneConnectionLeavesTheOthersFast) {
    const auto other = world.add_connection("other-mail");
    warm();
    ASSERT_EQ(world.get("/v1/connections/other-mail/token", world.reader).status, 200);

    edit([](core::Connection& row) { row.title = "Another title"; });

    EXPECT_FALSE(is_fast());
    EXPECT_EQ(token_in(fast({.target = "/v1/connections/other-mail/token"}).value_or("")), "access token of other-mail");
}

TEST_F(TokenFastEnd, AFolderGrantThatChangesEndsTheDecision) {
    auto closed = a_folder("closed");
    world.commit(home, {app::PutFolder{closed}});
    edit([&](core::Connection& row) { row.folder = closed.id; });
    ASSERT_EQ(ordinary().status, 404) << "a folder that is not open to every key";
    const auto key = run_task(world.store.find_key(home, a_name("reader"))).value();
    const auto give = [&](core::FolderRight right) {
        world.commit(home, {app::PutFolderGrant{{home, closed.id, core::FolderGrant::Holder::key, key.id.bytes(), right}}});
    };
    give(core::FolderRight::use);
    warm();

    give(core::FolderRight::see);

    EXPECT_FALSE(is_fast());
    EXPECT_EQ(ordinary().status, 403);
    EXPECT_FALSE(is_fast());
}

TEST_F(TokenFastEnd, WhatDecisionsComeFromEndsThemAll) {
    const auto other = world.add_key("other", {Action::tokens_read});
    auto registration = run_task(world.store.find_registration_by_name(home, a_registration().name)).value();
    ++registration.version;
    core::Group group;
    group.workspace = home;
    group.id = id_of<core::GroupId>(9);
    group.name = a_name("sales");
    const auto person = a_person();
    world.commit(home, {app::PutPerson{person}});
    core::Membership member{home, person.id, {core::Role::user}, {}};
    core::Membership moved = member;
    moved.version = 2;
    core::Group renamed = group;
    renamed.version = 2;
    const app::UnitOfWork units[] = {{app::PutMembership{member}},
                                     {app::UpdateMembership{moved, 1}},
                                     {app::DeleteMembership{home, person.id, 2}},
                                     {app::InsertMembership{member}},
                                     {app::PutGroup{group}},
                                     {app::UpdateGroup{renamed, 1}},
                                     {app::DeleteGroup{home, group.id, 2}},
                                     {app::UpdateRegistration{registration, registration.version - 1}}};
    for (const auto& unit : units) {
        warm();
        warm(other);
        world.commit(home, unit);
        EXPECT_FALSE(is_fast()) << unit.front().index();
        EXPECT_FALSE(is_fast_with(other)) << unit.front().index();
    }
}

TEST_F(TokenFastEnd, WhatHasNothingToDoWithDecisionsEndsNone) {
    warm();

    world.commit(home, {app::AppendAudit{an_audit_row()}});
    world.add_key("newcomer", {Action::mail_read});
    world.add_connection("newcomer");

    EXPECT_TRUE(is_fast());
}

TEST_F(TokenFastEnd, ARotatedTokenIsNeverGivenAgain) {
    const auto other = world.add_key("other", {Action::tokens_read});
    warm();
    warm(other);
    world.clock.advance(40min);

    // Somebody asks for a life that the present token has not got any more.
    const auto renewed = world.get(std::string(token_target) + "?min_validity=1800", world.reader).text("access_token");
    ASSERT_NE(renewed, "access token of invoice-mail");
    ASSERT_FALSE(renewed.empty());

    EXPECT_EQ(token_in(fast({}).value_or("")), renewed);
    EXPECT_FALSE(is_fast_with(other)) << "its decision was for the old token";
    EXPECT_EQ(ordinary(other).text("access_token"), renewed);
    EXPECT_EQ(token_in(fast({.authorization = "Bearer " + other}).value_or("")), renewed);
}

TEST_F(TokenFastEnd, ATokenThatTheProviderRefusedIsNotFast) {
    warm();
    const auto token = world.tokens->cached(connection().id, 0s);
    ASSERT_NE(token, nullptr);
    world.clock.advance(5min);

    world.tokens->reject(token->key, token->generation);

    EXPECT_FALSE(is_fast());
    EXPECT_NE(ordinary().text("access_token"), "access token of invoice-mail");
    EXPECT_TRUE(is_fast());
}

TEST_F(TokenFastEnd, ATokenCloseToItsEndGoesTheOrdinaryWay) {
    warm();
    world.clock.advance(59min - 1ms);
    EXPECT_TRUE(is_fast());

    world.clock.advance(1ms);

    EXPECT_FALSE(is_fast());
    const auto renewed = ordinary();
    EXPECT_EQ(renewed.status, 200);
    EXPECT_NE(renewed.text("access_token"), "access token of invoice-mail");
    EXPECT_EQ(token_in(fast({}).value_or("")), renewed.text("access_token"));
}

TEST_F(TokenFastEnd, AChangeBetweenDecisionAndKeepingIsNotOverlooked) {
    const auto row = connection();
    const auto key = run_task(world.store.find_key(home, a_name("reader"))).value();
    const app::UnitOfWork changes[] = {{app::UpdateConnection{row, row.version}},
                                       {app::DeleteConnection{home, row.id}},
                                       {app::UpdateKey{key, key.version}},
                                       {app::PutFolderGrant{}},
                                       {app::PutGroup{}}};
    for (const auto& change : changes) {
        // The release's audit row is stored after the decision and before its keeping.
        world.store.fail_commits_when([&](const app::UnitOfWork& unit) -> std::optional<Errc> {
            const auto* row = unit.empty() ? nullptr : std::get_if<app::AppendAudit>(&unit.front());
            if (row != nullptr && row->row.action == "token.release") world.releases->committed(change);
            return std::nullopt;
        });
        ASSERT_EQ(ordinary().status, 200);
        EXPECT_EQ(world.releases->tickets(), 0U) << change.front().index();
        EXPECT_FALSE(is_fast()) << change.front().index();
    }
    world.store.fail_commits_when(nullptr);
    warm();
}

TEST_F(TokenFastEnd, B16_AReleaseThatCannotBeAuditedIsNoneAndKeepsNothing) {
    world.store.fail_next_commits(1);

    EXPECT_EQ(ordinary().status, 500);

    EXPECT_FALSE(is_fast());
}

TEST_F(TokenFastEnd, ATextThatJsonWouldHaveToEscapeStaysWithTheOrdinaryWay) {
    auto odd = world.add_connection("odd-mail");
    auto token = a_token(a_grant(odd));
    token.key.audience.clear();
    token.token = *world.vault.seal(app::access_token_place(token.key, 1), Secret("quoted\"token"));
    token.obtained_at = world.clock.now();
    token.expires_at = world.clock.now() + 1h;
    world.commit(home, {app::PutToken{token}});

    const auto answer = world.get("/v1/connections/odd-mail/token", world.reader);

    EXPECT_EQ(answer.text("access_token"), "quoted\"token");
    EXPECT_FALSE(fast({.target = "/v1/connections/odd-mail/token"}));
}

TEST_F(TokenFastEnd, MemoryIsBoundedAndWhatDoesNotFitIsAnsweredAllTheSame) {
    app::TokenReleases small({world.access, *world.tokens, world.store, world.store, world.clock}, 1);  // one in each of its shards
    const auto key = run_task(world.store.find_key(home, a_name("reader"))).value();
    for (int i = 0; i < 200; ++i) {
        const auto name = "c" + std::to_string(i);
        world.add_connection(name);
        EXPECT_TRUE(run_task(small.release({app::principal_of(key), "req"}, key.hash, a_name(name), {}, {}, 60s)));
    }

    EXPECT_GT(small.tickets(), 0U);
    EXPECT_LE(small.tickets(), 64U);
}

TEST_F(TokenFastEnd, NobodyButAKeyGetsAFastWay) {
    app::By by;
    by.principal.kind = core::Principal::Kind::system;
    by.principal.workspace = home;
    by.principal.name = "system";
    by.principal.rights = {{{Action::tokens_read}, {}, {}, {}, {}, {}}};

    EXPECT_TRUE(run_task(world.releases->release(by, world.vault.lookup_hash(Secret(world.reader)), a_name("invoice-mail"), {}, {}, 60s)));

    EXPECT_EQ(world.releases->tickets(), 0U);
    EXPECT_FALSE(is_fast());
}

}  // namespace
}  // namespace renkei::testing
