// app/fence_resolver, fence_facts: entries are decided by directory ids (B-05).
#include "tests/support/fence_world.hpp"

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;
using core::FenceState;
using core::FenceTrouble;
using core::TouchedAs;

TEST(FenceResolver, B05_AnEntryIsResolvedWhenItIsUsedFirstAndThenNoMore) {
    FenceWorld world;

    const auto granted = world.ask("invoice@acme.example");
    const auto asked = world.directory.asked;

    ASSERT_TRUE(granted) << granted.error().detail;
    EXPECT_EQ(granted->directory_id, FenceWorld::invoices_id);
    EXPECT_TRUE(world.ask("invoice@acme.example"));
    EXPECT_EQ(world.directory.asked, asked);
    EXPECT_EQ(world.directory.tokens.front(), "token-1") << "the connection's own token";
}

TEST(FenceResolver, B05_AliasAndIdOfAnAllowedMailboxAreAllowedAndMeanTheSameMailbox) {
    FenceWorld world;
    world.look();

    for (const auto* who : {"billing@acme.example", " Billing@ACME.example ", FenceWorld::invoices_id, "11111111-1111-1111-1111-111111111111"}) {
        const auto granted = world.ask(who);
        ASSERT_TRUE(granted) << who << ": " << granted.error().detail;
        EXPECT_EQ(granted->directory_id, FenceWorld::invoices_id);
    }
    for (const auto* who : {"ceo@acme.example", "boss@acme.example", FenceWorld::ceo_id}) EXPECT_EQ(world.refusal(who), Errc::outside_fence) << who;
}

TEST(FenceResolver, B05_AnAliasIsKnownAlsoBeforeTheFirstRound) {
    FenceWorld world;
    EXPECT_TRUE(world.ask("billing@acme.example"));

    const auto asked = world.directory.asked;
    EXPECT_EQ(world.refusal("ceo@acme.example"), Errc::outside_fence);
    EXPECT_EQ(world.directory.asked, asked) << "the directory is asked about the list, and once";
}

TEST(FenceResolver, B05_AnEntryMayBeADirectoryId) {
    FenceWorld world({false, {FenceWorld::invoices_id}, {}, {}});
    world.look();

    EXPECT_TRUE(world.ask("billing@acme.example"));
    EXPECT_EQ(world.refusal("ceo@acme.example"), Errc::outside_fence);
}

TEST(FenceResolver, B05_AnAddressThatChangedItsOwnerIsRefusedAuditedAndWaitsForAnAdministrator) {
    FenceWorld world;
    world.look();
    world.directory.move("moved@acme.example", FenceWorld::new_owner_id);
    EXPECT_EQ(world.ask("moved@acme.example")->directory_id, FenceWorld::moved_id) << "until the next look the call goes to the old owner";

    world.look();

    EXPECT_EQ(world.refusal("moved@acme.example"), Errc::fence_moved);
    EXPECT_EQ(world.refusal("new@acme.example"), Errc::outside_fence);
    EXPECT_EQ(world.row("moved@acme.example").directory_id, FenceWorld::moved_id);
    EXPECT_EQ(world.row("moved@acme.example").found_id, FenceWorld::new_owner_id);
    EXPECT_EQ(world.audited("fence."), std::vector<std::string>{"fence.changed"});
    world.look();
    EXPECT_EQ(world.audited("fence."), std::vector<std::string>{"fence.changed"}) << "told once";
    EXPECT_EQ(world.refusal("moved@acme.example"), Errc::fence_moved);
}

TEST(FenceResolver, B05_AnAddressThatComesBackToItsOwnerIsAllowedAgain) {
    FenceWorld world;
    world.look();
    world.directory.move("moved@acme.example", FenceWorld::new_owner_id);
    world.look();
    world.directory.move("moved@acme.example", FenceWorld::moved_id);

    world.look();

    EXPECT_TRUE(world.ask("moved@acme.example"));
    EXPECT_EQ(world.audited("fence."), (std::vector<std::string>{"fence.changed", "fence.resolved"}));
}

TEST(FenceResolver, B05_AMailboxThatIsGoneIsRefusedAndAudited) {
    FenceWorld world;
    world.look();
    world.directory.people.erase(FenceWorld::invoices_id);

    world.look();

    EXPECT_EQ(world.refusal("invoice@acme.example"), Errc::outside_fence);
    EXPECT_EQ(world.refusal(FenceWorld::invoices_id), Errc::outside_fence);
    EXPECT_EQ(world.row("invoice@acme.example").state, FenceState::missing);
    EXPECT_EQ(world.audited("fence."), std::vector<std::string>{"fence.missing"});
}

TEST(FenceResolver, B05_WithoutTheRightToReadTheDirectoryAddressesAreJudgedByTheirSpelling) {
    FenceWorld world;
    world.directory.refusal = Error{Errc::denied, "scripted"};

    EXPECT_TRUE(world.ask("invoice@acme.example"));

    EXPECT_EQ(world.ask("invoice@acme.example")->directory_id, "");
    EXPECT_EQ(world.row("invoice@acme.example").trouble, FenceTrouble::no_right);
    EXPECT_EQ(world.refusal("billing@acme.example"), Errc::outside_fence);
    EXPECT_EQ(world.refusal(FenceWorld::invoices_id), Errc::outside_fence);
    EXPECT_EQ(world.refusal("hanako@acme.example"), Errc::outside_fence) << "whoever stands in the group is not known";
}

// Falling back to the spelling would let an address in that has moved meanwhile.
TEST(FenceResolver, B05_ARightThatIsTakenAwayLeavesWhatWasResolved) {
    FenceWorld world;
    world.look();
    world.directory.refusal = Error{Errc::denied, "scripted"};
    world.directory.move("moved@acme.example", FenceWorld::new_owner_id);

    world.look();

    EXPECT_EQ(world.ask("moved@acme.example")->directory_id, FenceWorld::moved_id);
    EXPECT_EQ(world.row("moved@acme.example").state, FenceState::resolved);
    EXPECT_EQ(world.row("moved@acme.example").trouble, FenceTrouble::no_right);
}

TEST(FenceResolver, B05_WhileTheDirectoryCannotBeAskedAnUnresolvedEntryIsRefused) {
    FenceWorld world;
    world.directory.refusal = Error{Errc::provider_unavailable, "scripted"};

    EXPECT_EQ(world.refusal("invoice@acme.example"), Errc::fence_unknown);
    const auto asked = world.directory.asked;
    EXPECT_EQ(world.refusal("invoice@acme.example"), Errc::fence_unknown);
    EXPECT_EQ(world.directory.asked, asked) << "not again at once";
    world.directory.refusal.reset();
    world.base.clock.advance(31s);
    EXPECT_TRUE(world.ask("invoice@acme.example"));
}

TEST(FenceResolver, B05_WhatWasResolvedOutlivesADirectoryThatIsDown) {
    FenceWorld world;
    world.look();
    world.directory.refusal = Error{Errc::provider_unavailable, "scripted"};
    world.base.clock.advance(48h);
    world.look();

    EXPECT_EQ(world.ask("billing@acme.example")->directory_id, FenceWorld::invoices_id);
    EXPECT_TRUE(world.ask("h@acme.example"));
    world.base.clock.advance(25h);
    world.look();
    EXPECT_TRUE(world.ask("billing@acme.example"));
    EXPECT_EQ(world.refusal("h@acme.example"), Errc::fence_unknown) << "members of groups count for three days";
}

TEST(FenceResolver, B05_MembersOfAGroupAreAllowedWhileTheyAreMembers) {
    FenceWorld world;
    EXPECT_EQ(world.ask("h@acme.example")->directory_id, FenceWorld::hanako_id);
    EXPECT_TRUE(world.ask("hanako@acme.example", TouchedAs::free_busy));
    EXPECT_EQ(world.refusal("sales@acme.example"), Errc::outside_fence) << "the group's own mailbox is no member";

    world.directory.groups["sales@acme.example"].members = {FenceWorld::ceo_id};
    world.look();

    EXPECT_EQ(world.refusal("hanako@acme.example"), Errc::outside_fence);
    EXPECT_TRUE(world.ask("boss@acme.example"));
}

TEST(FenceResolver, B05_AGroupsAddressThatMovedToAnotherGroupIsRefused) {
    FenceWorld world;
    world.look();
    world.directory.groups["sales@acme.example"] = {FenceWorld::new_owner_id, {FenceWorld::ceo_id}};
    world.look();

    EXPECT_EQ(world.row("group:sales@acme.example").state, FenceState::changed);
    EXPECT_FALSE(world.ask("ceo@acme.example"));
    EXPECT_EQ(world.refusal("hanako@acme.example"), Errc::fence_moved);
}

TEST(FenceResolver, B05_AGroupThatIsTooLargeOpensNothing) {
    FenceWorld world;
    world.directory.group_refusal = Error{Errc::payload_too_large, "scripted"};
    world.look();

    EXPECT_EQ(world.row("group:sales@acme.example").trouble, FenceTrouble::too_large);
    EXPECT_EQ(world.refusal("hanako@acme.example"), Errc::outside_fence);
}

TEST(FenceResolver, B05_AnEntryThatWasTakenOffIsForgotten) {
    FenceWorld world;
    world.look();
    world.base.change([](core::Connection& c) { c.fence.mailboxes = {"invoice@acme.example"}; });

    EXPECT_EQ(world.refusal("moved@acme.example"), Errc::outside_fence) << "at once, before the rows are gone";
    world.look();
    world.base.change([](core::Connection& c) { c.fence.mailboxes = {"invoice@acme.example", "moved@acme.example"}; });
    world.directory.move("moved@acme.example", FenceWorld::new_owner_id);
    EXPECT_EQ(world.ask("moved@acme.example")->directory_id, FenceWorld::new_owner_id) << "put on the list anew";
}

TEST(FenceResolver, B05_ADeniedTokenIsReplacedOnce) {
    FenceWorld world;
    world.directory.refusal = Error{Errc::unauthenticated, "scripted"};

    EXPECT_EQ(world.refusal("invoice@acme.example"), Errc::fence_unknown);

    EXPECT_EQ(world.directory.tokens.at(0), "token-1");
    EXPECT_EQ(world.directory.tokens.at(1), "token-2");
}

TEST(FenceResolver, B05_WhoMayNotUseTheConnectionSetsOffNoQuestion) {
    FenceWorld world;

    EXPECT_FALSE(run_task(
        world.access.authorize(world.by({core::Action::mail_send}).principal, a_name("invoice-mail"), core::Action::mail_read, "invoice@acme.example")));

    EXPECT_EQ(world.directory.asked, 0);
}

TEST(FenceResolver, B05_ARightLimitedToAnAddressCoversItsOtherNames) {
    FenceWorld world;
    world.look();
    auto caller = world.by().principal;
    caller.rights[0].mailboxes = {"invoice@acme.example"};
    const auto allowed = [&](std::string who) {
        return run_task(world.access.authorize(caller, a_name("invoice-mail"), core::Action::mail_read, who)).has_value();
    };

    EXPECT_TRUE(allowed("billing@acme.example"));
    EXPECT_TRUE(allowed(FenceWorld::invoices_id));
    EXPECT_FALSE(allowed("moved@acme.example"));
    EXPECT_FALSE(allowed("hanako@acme.example"));
}

TEST(FenceResolver, B05_EachConnectionIsLookedAtOnceADay) {
    FenceWorld world;
    const auto round = [&] { return run_task(world.resolver.look_at_due()); };

    EXPECT_EQ(round(), 1U);
    EXPECT_EQ(round(), 0U);
    world.base.clock.advance(21h);
    EXPECT_EQ(round(), 0U);
    world.base.clock.advance(3h);
    EXPECT_EQ(round(), 1U);
    world.directory.refusal = Error{Errc::provider_unavailable, "scripted"};
    world.base.clock.advance(24h);
    EXPECT_EQ(round(), 1U);
    world.directory.refusal.reset();
    world.base.clock.advance(9min);
    EXPECT_EQ(round(), 0U);
    world.base.clock.advance(7min);
    EXPECT_EQ(round(), 1U) << "again after ten to fifteen minutes";
}

TEST(FenceResolver, B05_WhoHoldsTheClaimLooksAndNobodyElse) {
    FenceWorld world;
    const auto name = "fence:" + world.connection().id.text();
    ASSERT_TRUE(run_task(world.base.store.claim(home, name, "another process", world.base.clock.now(), 10min)));

    EXPECT_EQ(run_task(world.resolver.look_at_due()), 0U);
    EXPECT_EQ(world.directory.asked, 0);
    world.base.clock.advance(11min);
    EXPECT_EQ(run_task(world.resolver.look_at_due()), 1U) << "a process that died holds it no longer than that";
}

TEST(FenceResolver, B05_ALookThatCannotBeStoredIsMadeAgain) {
    FenceWorld world;
    world.base.store.fail_commits_when([](const app::UnitOfWork& unit) -> std::optional<Errc> {
        return std::holds_alternative<app::PutFenceCheck>(unit.back()) ? std::optional(Errc::storage_failed) : std::nullopt;
    });

    EXPECT_EQ(run_task(world.resolver.look_at_due()), 0U);
    world.base.store.fail_commits_when(nullptr);
    EXPECT_EQ(run_task(world.resolver.look_at_due()), 1U);
}

TEST(FenceResolver, B05_AnEntryThatIsAddedMeanwhileIsNotForgotten) {
    FenceWorld world;
    const auto old = world.connection();
    world.base.change([](core::Connection& c) { c.fence.mailboxes.insert(c.fence.mailboxes.begin(), "ceo@acme.example"); });

    const auto looked = run_task(world.resolver.look_at_all(old, "test", app::FenceResolver::For::background));

    EXPECT_EQ(looked.error().code, Errc::conflict);
    EXPECT_EQ(run_task(world.resolver.look_at_due()), 1U);
    EXPECT_EQ(world.row("ceo@acme.example").state, FenceState::resolved);
}

TEST(FenceResolver, B05_AConnectionThatDoesNotWorkIsNotLookedAt) {
    FenceWorld world;
    world.base.change([](core::Connection& c) { c.state = core::ConnectionState::needs_admin; });

    EXPECT_EQ(run_task(world.resolver.look_at_due()), 0U);
    EXPECT_FALSE(world.ask("invoice@acme.example"));
    EXPECT_EQ(world.directory.asked, 0);
}

TEST(FenceResolver, B05_AFenceThatAllowsEverythingAsksNobody) {
    FenceWorld world({true, {}, {}, {}});

    EXPECT_TRUE(world.ask("ceo@acme.example"));
    EXPECT_EQ(world.directory.asked, 0);
}

}  // namespace
}  // namespace renkei::testing
