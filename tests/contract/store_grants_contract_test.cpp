#include "tests/contract/store_world.hpp"

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;

template <class World>
class StoreGrants : public StoreContract<World> {
protected:
    void SetUp() override {
        this->given(a_home_with_a_connection());
        this->given({app::InsertGrant{a_grant()}});
    }
    app::Lease claim(std::string owner = "me") {
        auto lease = run_task(this->store().claim(home, app::refresh_lease_name(a_grant().id), std::move(owner), at_start(), 30s));
        if (!lease) throw std::runtime_error("no lease");
        return *lease;
    }
    Result<void> begin(std::uint64_t generation, std::uint64_t fence) {
        return this->commit({app::BeginRefresh{home, a_grant().id, generation, fence, at_start()}});
    }
    Result<void> claim_and_begin(std::string owner, std::uint64_t fence, TimePoint now = at_start()) {
        return this->commit({app::ClaimLease{home, app::refresh_lease_name(a_grant().id), std::move(owner), fence, now, now + 30s},
                             app::BeginRefresh{home, a_grant().id, 1, fence + 1, now}});
    }
    Result<void> end(std::uint64_t generation, std::uint64_t fence) { return this->commit({app::EndRefresh{home, a_grant().id, generation, fence}}); }
};
TYPED_TEST_SUITE(StoreGrants, StoreWorlds, StoreWorldNames);

TYPED_TEST(StoreGrants, AGrantComesBackWithEveryMember) {
    auto grant = a_grant();
    grant.id = id_of<core::GrantId>(5);
    grant.subject_kind = core::SubjectKind::act_as;
    grant.subject = "boss@acme.example";
    grant.generation = 1ull << 40;
    grant.refresh_token = {std::string("\x00\xff\x01", 3)};
    grant.previous_refresh_token = {"before"};
    grant.proven = false;
    grant.identity = {"https://login.example/tid/v2.0", "tid", "oid", "boss@acme.example"};
    grant.state = core::GrantState::rotation_unknown;
    grant.failure_slug = "rotation-unknown";
    this->given({app::InsertGrant{grant}});

    EXPECT_EQ(show(*run_task(this->store().find_grant(home, grant.id))), show(grant));
    EXPECT_EQ(run_task(this->store().grants_of_connection(home, a_connection().id))->size(), 2u);
}

TYPED_TEST(StoreGrants, AConnectionHasOneGrantPerSubject) {
    auto second = a_grant();
    second.id = id_of<core::GrantId>(5);

    EXPECT_EQ(code_of(this->commit({app::InsertGrant{second}})), Errc::conflict);
    second.subject = "somebody";
    EXPECT_EQ(code_of(this->commit({app::InsertGrant{second}})), fine);
    second.id = id_of<core::GrantId>(6);
    second.connection = id_of<core::ConnectionId>(404);
    EXPECT_EQ(code_of(this->commit({app::InsertGrant{second}})), Errc::not_found);
}

TYPED_TEST(StoreGrants, AGrantChangesOnlyFromTheGenerationThatWasRead) {
    auto rotated = a_grant();
    rotated.generation = 2;
    rotated.refresh_token = {"new"};
    rotated.last_used_at = at_start() + 1h;

    EXPECT_EQ(code_of(this->commit({app::UpdateGrant{rotated, 5}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::UpdateGrant{rotated, 1}})), fine);
    EXPECT_EQ(code_of(this->commit({app::UpdateGrant{rotated, 1}})), Errc::conflict);

    EXPECT_EQ(show(*run_task(this->store().find_grant(home, rotated.id))), show(rotated));
    rotated.id = id_of<core::GrantId>(404);
    EXPECT_EQ(code_of(this->commit({app::UpdateGrant{rotated, 2}})), Errc::not_found);
}

TYPED_TEST(StoreGrants, TheStateOfAGrantChangesWithoutANewGeneration) {
    auto dead = a_grant();
    dead.state = core::GrantState::dead;

    EXPECT_EQ(code_of(this->commit({app::UpdateGrant{dead, 1}})), fine);
    EXPECT_EQ(run_task(this->store().find_grant(home, dead.id))->state, core::GrantState::dead);
}

TYPED_TEST(StoreGrants, ATokenIsKeptPerAudienceAndScopeSetAndReplaced) {
    auto narrow = a_token();
    narrow.key.scope_set = "Mail.Read";
    narrow.token = {std::string("\0narrow", 7)};
    this->given({app::PutToken{a_token()}, app::PutToken{narrow}});
    auto fresh = a_token();
    fresh.token = {"fresh"};
    fresh.generation = 2;
    fresh.expires_at = at_start() + 2h;

    this->given({app::PutToken{fresh}});

    EXPECT_EQ(show(*run_task(this->store().find_token(a_token().key))), show(fresh));
    EXPECT_EQ(show(*run_task(this->store().find_token(narrow.key))), show(narrow));
    auto unknown = a_token().key;
    unknown.audience = "https://other.example";
    EXPECT_EQ(code_of(run_task(this->store().find_token(unknown))), Errc::not_found);
}

TYPED_TEST(StoreGrants, ATokenNeedsItsGrant) {
    auto token = a_token();
    token.key.grant = id_of<core::GrantId>(404);

    EXPECT_EQ(code_of(this->commit({app::PutToken{token}})), Errc::not_found);
}

TYPED_TEST(StoreGrants, DeletingTheTokensOfAGrantLeavesOthers) {
    auto other = a_grant();
    other.id = id_of<core::GrantId>(5);
    other.subject = "other";
    this->given({app::InsertGrant{other}, app::PutToken{a_token()}, app::PutToken{a_token(other)}});

    EXPECT_EQ(code_of(this->commit({app::DeleteTokens{home, a_grant().id}})), fine);
    EXPECT_EQ(code_of(this->commit({app::DeleteTokens{home, a_grant().id}})), fine);

    EXPECT_EQ(code_of(run_task(this->store().find_token(a_token().key))), Errc::not_found);
    EXPECT_TRUE(run_task(this->store().find_token(a_token(other).key)));
}

TYPED_TEST(StoreGrants, ExpiringTokensAreThoseOfUsedActiveGrantsSoonestFirst) {
    std::vector<core::Grant> grants;
    for (unsigned i = 0; i < 5; ++i) {
        auto grant = a_grant();
        grant.id = id_of<core::GrantId>(10 + i);
        grant.subject = "s" + std::to_string(i);
        grant.last_used_at = at_start() + std::chrono::minutes(i);
        if (i == 3) grant.state = core::GrantState::dead;
        auto token = a_token(grant);
        token.expires_at = at_start() + 1h - std::chrono::minutes(i);
        this->given({app::InsertGrant{grant}, app::PutToken{token}});
        grants.push_back(grant);
    }

    const auto grant_of = [](const core::StoredToken& token) { return token.key.grant; };
    auto found = run_task(this->store().tokens_expiring(at_start() + 1h, at_start() + 1min, 10));
    EXPECT_EQ(each(*found, grant_of), (std::vector{grants[4].id, grants[2].id, grants[1].id}));
    EXPECT_EQ(each(*run_task(this->store().tokens_expiring(at_start() + 1h, at_start() + 1min, 1)), grant_of), (std::vector{grants[4].id}));
    EXPECT_TRUE(run_task(this->store().tokens_expiring(at_start() + 56min, at_start(), 10))->empty());
}

TYPED_TEST(StoreGrants, ARefreshBeginsWithGrantTokenRegistrationAndFenceOfOneMoment) {
    const app::RefreshQuestion question{home, a_connection().id, a_registration().id, true};
    auto first = run_task(this->store().find_refresh(question));
    ASSERT_TRUE(first);
    EXPECT_EQ(show(first->grant), show(a_grant()));
    EXPECT_FALSE(first->token);
    EXPECT_EQ(first->fence, 0u);

    auto narrow = a_token();
    narrow.key.audience = "https://graph.example";
    auto whole = a_token();
    whole.key.audience = whole.key.scope_set = "";
    const auto lease = this->claim();
    this->given({app::PutToken{narrow}, app::PutToken{whole}});

    auto rows = run_task(this->store().find_refresh(question));
    ASSERT_TRUE(rows && rows->token && rows->registration);
    EXPECT_EQ(show(*rows->token), show(whole));
    EXPECT_EQ(show(*rows->registration), show(*run_task(this->store().find_registration(home, a_registration().id))));
    EXPECT_EQ(rows->fence, lease.fence);
}

TYPED_TEST(StoreGrants, ARefreshOfTheAppDoesNotBeginWithAPersonsGrantNorTheOtherWay) {
    app::RefreshQuestion question{home, a_connection().id, a_registration().id, false};
    EXPECT_EQ(code_of(run_task(this->store().find_refresh(question))), Errc::not_found) << "there is only the app's";
    auto of_person = a_grant();
    of_person.id = id_of<core::GrantId>(5);
    of_person.subject_kind = core::SubjectKind::person;
    this->given({app::InsertGrant{of_person}});
    const auto asked = [&](const app::RefreshQuestion& of) {
        auto rows = run_task(this->store().find_refresh(of));
        return rows ? std::optional(rows->grant.id) : std::nullopt;
    };

    EXPECT_EQ(asked(question), of_person.id);
    question.of_app = true;
    EXPECT_EQ(asked(question), a_grant().id);
    question.registration = id_of<core::RegistrationId>(404);
    auto unregistered = run_task(this->store().find_refresh(question));
    EXPECT_TRUE(unregistered && !unregistered->registration);
    question.connection = id_of<core::ConnectionId>(404);
    EXPECT_EQ(code_of(run_task(this->store().find_refresh(question))), Errc::not_found);
}

TYPED_TEST(StoreGrants, LeaseAndIntentAreOneCommitUnderTheFenceThatWasRead) {
    EXPECT_EQ(code_of(this->claim_and_begin("me", 0)), fine);
    EXPECT_EQ(run_task(this->store().find_intent(home, a_grant().id))->fence, 1u);
    ASSERT_TRUE(this->end(1, 1));

    EXPECT_EQ(code_of(this->claim_and_begin("me", 0)), Errc::conflict) << "the fence has grown";
    EXPECT_EQ(code_of(this->claim_and_begin("me", 2)), Errc::conflict);
    EXPECT_EQ(code_of(this->claim_and_begin("me", 1)), fine) << "the same owner may go on";
    EXPECT_EQ(run_task(this->store().find_intent(home, a_grant().id))->fence, 2u);
}

TYPED_TEST(StoreGrants, TheLeaseOfAnotherIsNotClaimedWithTheIntentBeforeItEnds) {
    ASSERT_TRUE(this->claim_and_begin("me", 0));
    ASSERT_TRUE(this->end(1, 1));

    EXPECT_EQ(code_of(this->claim_and_begin("you", 1, at_start() + 29s)), Errc::conflict);
    EXPECT_EQ(code_of(run_task(this->store().find_intent(home, a_grant().id))), Errc::not_found);
    EXPECT_EQ(code_of(this->claim_and_begin("you", 1, at_start() + 30s)), fine);
    EXPECT_EQ(code_of(this->claim_and_begin("me", 1, at_start() + 31s)), Errc::conflict) << "an older fence";
    EXPECT_EQ(run_task(this->store().find_intent(home, a_grant().id))->fence, 2u);
}

TYPED_TEST(StoreGrants, AnIntentThatStandsKeepsTheLeaseFromMoving) {
    ASSERT_TRUE(this->claim_and_begin("me", 0));

    EXPECT_EQ(code_of(this->claim_and_begin("me", 1)), Errc::conflict);

    EXPECT_EQ(run_task(this->store().find_refresh({home, a_connection().id, a_registration().id, true}))->fence, 1u);
    EXPECT_EQ(code_of(this->end(1, 1)), fine) << "who announced it may still end it";
}

TYPED_TEST(StoreGrants, AUnitThatExpectsAConnectionIsRefusedWhenItChangedOrWent) {
    EXPECT_EQ(code_of(this->commit({app::ExpectConnection{home, a_connection().id, a_connection().version}})), fine);
    EXPECT_EQ(code_of(this->commit({app::PutToken{a_token()}, app::ExpectConnection{home, a_connection().id, a_connection().version + 1}})), Errc::conflict);
    EXPECT_EQ(code_of(run_task(this->store().find_token(a_token().key))), Errc::not_found) << "nothing of the unit is stored";
    ASSERT_TRUE(this->commit({app::DeleteConnection{home, a_connection().id}}));
    EXPECT_EQ(code_of(this->commit({app::ExpectConnection{home, a_connection().id, a_connection().version}})), Errc::not_found);
}

TYPED_TEST(StoreGrants, ARefreshIsAnnouncedUnderTheLeasesFence) {
    const auto lease = this->claim();

    EXPECT_EQ(code_of(this->begin(1, lease.fence)), fine);

    auto intent = run_task(this->store().find_intent(home, a_grant().id));
    ASSERT_TRUE(intent);
    EXPECT_EQ(intent->generation, 1u);
    EXPECT_EQ(intent->fence, lease.fence);
    EXPECT_EQ(intent->at, at_start());
    EXPECT_EQ(run_task(this->store().all_intents())->size(), 1u);
}

TYPED_TEST(StoreGrants, ARefreshIsNotAnnouncedTwice) {
    const auto lease = this->claim();
    ASSERT_TRUE(this->begin(1, lease.fence));

    EXPECT_EQ(code_of(this->begin(1, lease.fence)), Errc::conflict);
}

TYPED_TEST(StoreGrants, ARefreshOfAnotherGenerationOrFenceOrWithoutALeaseIsAConflict) {
    EXPECT_EQ(code_of(this->begin(1, 1)), Errc::conflict);
    const auto old = this->claim();
    const auto lease = this->claim();

    EXPECT_EQ(code_of(this->begin(1, old.fence)), Errc::conflict);
    EXPECT_EQ(code_of(this->begin(1, lease.fence + 1)), Errc::conflict);
    EXPECT_EQ(code_of(this->begin(2, lease.fence)), Errc::conflict);
    ASSERT_TRUE(run_task(this->store().release(home, lease)));
    EXPECT_EQ(code_of(this->begin(1, lease.fence)), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::BeginRefresh{home, id_of<core::GrantId>(404), 1, 1, at_start()}})), Errc::not_found);
    EXPECT_TRUE(run_task(this->store().all_intents())->empty());
}

TYPED_TEST(StoreGrants, OnlyTheAnnouncedRefreshEnds) {
    const auto lease = this->claim();
    ASSERT_TRUE(this->begin(1, lease.fence));

    EXPECT_EQ(code_of(this->end(2, lease.fence)), Errc::conflict);
    EXPECT_EQ(code_of(this->end(1, lease.fence + 1)), Errc::conflict);
    EXPECT_EQ(code_of(this->end(1, lease.fence)), fine);
    EXPECT_EQ(code_of(this->end(1, lease.fence)), Errc::conflict);
    EXPECT_EQ(code_of(run_task(this->store().find_intent(home, a_grant().id))), Errc::not_found);
}

TYPED_TEST(StoreGrants, ALeaseIsHeldAgainstOthersUntilItEnds) {
    auto mine = run_task(this->store().claim(home, "sweep", "me", at_start(), 30s));
    ASSERT_TRUE(mine);
    EXPECT_EQ(mine->until, at_start() + 30s);

    EXPECT_EQ(code_of(run_task(this->store().claim(home, "sweep", "you", at_start() + 29s, 30s))), Errc::conflict);
    auto yours = run_task(this->store().claim(home, "sweep", "you", at_start() + 30s, 30s));
    ASSERT_TRUE(yours);
    EXPECT_GT(yours->fence, mine->fence);
    EXPECT_EQ(code_of(run_task(this->store().release(home, *mine))), Errc::conflict);
    EXPECT_EQ(code_of(run_task(this->store().claim(home, "sweep", "me", at_start() + 31s, 30s))), Errc::conflict);
}

TYPED_TEST(StoreGrants, TheFenceOfALeaseOnlyGrows) {
    std::uint64_t last = 0;
    for (int i = 0; i < 5; ++i) {
        auto lease = run_task(this->store().claim(home, "sweep", i % 2 == 0 ? "me" : "you", at_start(), 30s));
        ASSERT_TRUE(lease);
        EXPECT_GT(lease->fence, last);
        last = lease->fence;
        EXPECT_EQ(code_of(run_task(this->store().release(home, *lease))), fine);
        EXPECT_EQ(code_of(run_task(this->store().release(home, *lease))), Errc::conflict);
    }
    EXPECT_EQ(code_of(run_task(this->store().release(home, {"unknown", "me", 1, at_start()}))), Errc::not_found);
}

TYPED_TEST(StoreGrants, TheSameOwnerClaimsAgainWithANewFence) {
    auto first = run_task(this->store().claim(home, "sweep", "me", at_start(), 30s));
    auto second = run_task(this->store().claim(home, "sweep", "me", at_start() + 1s, 30s));

    ASSERT_TRUE(second);
    EXPECT_EQ(second->fence, first->fence + 1);
    EXPECT_EQ(code_of(run_task(this->store().release(home, *first))), Errc::conflict);
}

TYPED_TEST(StoreGrants, LeasesOfTwoWorkspacesDoNotMeet) {
    ASSERT_TRUE(run_task(this->store().claim(home, "sweep", "me", at_start(), 30s)));

    auto there = run_task(this->store().claim(elsewhere, "sweep", "you", at_start(), 30s));
    ASSERT_TRUE(there);
    EXPECT_EQ(there->fence, 1u);
}

}  // namespace
}  // namespace renkei::testing
