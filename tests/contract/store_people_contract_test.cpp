// Members, groups and sessions: what every store promises about them.
#include "tests/contract/store_world.hpp"

namespace renkei::testing {
namespace {

using core::Role;

template <class World>
class StorePeople : public StoreContract<World> {
protected:
    void given_members() {
        this->given({app::PutPerson{a_person(1)}, app::PutPerson{a_person(2, "taro@acme.example")}, app::PutMembership{member(1, {Role::administrator})},
                     app::PutMembership{member(2, {Role::user})}});
        this->given({app::PutPerson{a_person(3, "ryoko@other.example")}, app::PutMembership{member(3, {Role::administrator}, elsewhere)}}, elsewhere);
    }
    static core::Membership member(std::uint64_t person, std::vector<Role> roles, core::WorkspaceId workspace = home) {
        return {workspace, id_of<core::PersonId>(person), std::move(roles), {}};
    }
    std::vector<std::string> emails(std::optional<core::GroupId> group = {}, app::PageRequest page = {}) {
        return each(run_task(this->store().list_members(home, group, page))->items, [](const app::Member& found) { return found.person.email; });
    }
};
TYPED_TEST_SUITE(StorePeople, StoreWorlds, StoreWorldNames);

core::Group a_group(std::string_view name, std::uint64_t number, std::optional<core::GroupId> parent = {}) {
    return {home, id_of<core::GroupId>(number), a_name(name), "Sales", parent};
}

core::Session a_session(std::uint64_t number = 1, std::uint64_t person = 1, core::WorkspaceId workspace = home) {
    core::Session session;
    session.workspace = workspace;
    session.id = id_of<core::SessionId>(number);
    session.person = id_of<core::PersonId>(person);
    session.hash = sha256("session " + std::to_string(number));
    session.address = "192.0.2.7";
    session.agent = "Browser/1.0";
    session.created_at = session.last_seen_at = at_start() + std::chrono::seconds(number);
    session.idle_until = at_start() + std::chrono::hours(8);
    session.ends_at = at_start() + std::chrono::hours(24);
    return session;
}

TYPED_TEST(StorePeople, H30_MembersAreListedByAddressWithTheirPersonAndNoOthers) {
    this->given_members();
    const auto page = *run_task(this->store().list_members(home, std::nullopt, {}));

    ASSERT_EQ(page.items.size(), 2u);
    EXPECT_EQ(show(page.items[0].person), show(a_person(1)));
    EXPECT_EQ(show(page.items[0].membership), show(this->member(1, {Role::administrator})));
    EXPECT_EQ(page.items[1].person.email, "taro@acme.example");
    EXPECT_EQ(page.next, "");
}

TYPED_TEST(StorePeople, MembersComeInPages) {
    this->given_members();
    const auto first = *run_task(this->store().list_members(home, std::nullopt, {"", 1}));

    EXPECT_EQ(first.items.size(), 1u);
    EXPECT_EQ(this->emails(std::nullopt, {first.next, 1}), (std::vector<std::string>{"taro@acme.example"}));
    EXPECT_TRUE(this->emails(std::nullopt, {"taro@acme.example", 1}).empty());
}

TYPED_TEST(StorePeople, K12_MembersOfAGroupAreThoseWhoStandInIt) {
    this->given_members();
    auto row = this->member(2, {Role::user});
    row.groups = {id_of<core::GroupId>(7), id_of<core::GroupId>(8)};
    this->given({app::PutMembership{row}});

    EXPECT_EQ(this->emails(id_of<core::GroupId>(8)), (std::vector<std::string>{"taro@acme.example"}));
    EXPECT_TRUE(this->emails(id_of<core::GroupId>(9)).empty());
}

TYPED_TEST(StorePeople, APersonsMembershipsAreFoundInEveryWorkspace) {
    this->given_members();
    this->given({app::PutMembership{this->member(1, {Role::auditor}, elsewhere)}}, elsewhere);

    EXPECT_EQ(run_task(this->store().memberships_of(id_of<core::PersonId>(1)))->size(), 2u);
    EXPECT_EQ(run_task(this->store().memberships_of(id_of<core::PersonId>(2)))->size(), 1u);
    EXPECT_TRUE(run_task(this->store().memberships_of(core::PersonId{}))->empty());
}

TYPED_TEST(StorePeople, APersonIsChangedAtTheVersionThatWasSeenAndKeepsTheAddress) {
    this->given_members();
    auto person = a_person(1, "somebody-else@acme.example");
    person.display_name = "山田 花子";
    person.password_hash = "new";
    person.version = 2;
    this->given({app::UpdatePerson{person, 1}});

    const auto found = *run_task(this->store().find_person(person.id));
    EXPECT_EQ(found.display_name, "山田 花子");
    EXPECT_EQ(found.password_hash, "new");
    EXPECT_EQ(found.version, 2u);
    EXPECT_EQ(found.email, "hanako@acme.example");
    EXPECT_EQ(code_of(this->commit({app::UpdatePerson{person, 1}})), Errc::conflict);
    person.id = id_of<core::PersonId>(99);
    EXPECT_EQ(code_of(this->commit({app::UpdatePerson{person, 2}})), Errc::not_found);
}

TYPED_TEST(StorePeople, AMembershipIsInsertedOnce) {
    this->given_members();
    auto invited = this->member(3, {Role::user});
    invited.active = false;
    invited.invited_name = "鈴木 良子";
    invited.since = at_start();
    this->given({app::InsertMembership{invited}});

    EXPECT_EQ(show(*run_task(this->store().find_membership(home, invited.person))), show(invited));
    EXPECT_EQ(code_of(this->commit({app::InsertMembership{invited}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::InsertMembership{this->member(99, {Role::user})}})), Errc::not_found);
}

TYPED_TEST(StorePeople, AMembershipOfAnotherWorkspaceIsOutOfReach) {
    this->given_members();
    auto strange = this->member(3, {Role::user}, elsewhere);

    EXPECT_EQ(code_of(this->commit({app::UpdateMembership{strange, 1}})), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::DeleteMembership{elsewhere, strange.person, 1}})), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::DeleteMembership{home, strange.person, 1}})), Errc::not_found);
    EXPECT_EQ(code_of(run_task(this->store().find_membership(home, strange.person))), Errc::not_found);
    EXPECT_EQ(run_task(this->store().find_membership(elsewhere, strange.person))->roles.front(), Role::administrator);
}

TYPED_TEST(StorePeople, OfTwoChangesToAMembershipOneLoses) {
    this->given_members();
    auto row = this->member(2, {Role::builder});
    row.version = 2;
    this->given({app::UpdateMembership{row, 1}});

    EXPECT_EQ(code_of(this->commit({app::UpdateMembership{row, 1}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::DeleteMembership{home, row.person, 1}})), Errc::conflict);
    EXPECT_EQ(show(*run_task(this->store().find_membership(home, row.person))), show(row));
}

TYPED_TEST(StorePeople, ARemovedMemberLosesSessionsAndOwnRightsInFolders) {
    this->given_members();
    const auto person = id_of<core::PersonId>(2);
    const core::FolderGrant own{home, a_folder().id, core::FolderGrant::Holder::person, person.bytes(), core::FolderRight::use};
    auto others = own;
    others.holder_id = id_of<core::PersonId>(1).bytes();
    this->given({app::PutFolder{a_folder()}, app::PutFolderGrant{own}, app::PutFolderGrant{others}, app::InsertSession{a_session(1, 2)},
                 app::InsertSession{a_session(2, 1)}});
    this->given({app::DeleteMembership{home, person, 1}, app::KeepAdministrator{home}});

    EXPECT_EQ(code_of(run_task(this->store().find_membership(home, person))), Errc::not_found);
    EXPECT_EQ(show(*run_task(this->store().all_folder_grants(home))), show(std::vector{others}));
    EXPECT_EQ(code_of(run_task(this->store().find_session(home, a_session(1).id))), Errc::not_found);
    EXPECT_EQ(code_of(run_task(this->store().find_session(home, a_session(2).id))), fine);
}

TYPED_TEST(StorePeople, H01_AUnitThatLeavesNoActiveAdministratorIsUndone) {
    this->given_members();
    auto invited = this->member(3, {Role::administrator});
    invited.active = false;
    auto lesser = this->member(2, {Role::user_administrator});
    this->given({app::PutMembership{invited}, app::PutMembership{lesser}});

    EXPECT_EQ(code_of(this->commit({app::DeleteMembership{home, id_of<core::PersonId>(1), 1}, app::KeepAdministrator{home}})), Errc::conflict);
    EXPECT_EQ(code_of(run_task(this->store().find_membership(home, id_of<core::PersonId>(1)))), fine);
    EXPECT_EQ(code_of(this->commit({app::KeepAdministrator{elsewhere}})), Errc::not_found);
}

TYPED_TEST(StorePeople, AGroupIsChangedAtTheVersionThatWasSeen) {
    this->given({app::PutGroup{a_group("sales", 1)}, app::PutGroup{a_group("tokyo", 2)}});
    auto moved = a_group("tokyo-sales", 2, id_of<core::GroupId>(1));
    moved.title = "東京営業部";
    moved.version = 2;
    this->given({app::UpdateGroup{moved, 1}});

    EXPECT_EQ(show(*run_task(this->store().all_groups(home))), show(std::vector{a_group("sales", 1), moved}));
    EXPECT_EQ(code_of(this->commit({app::UpdateGroup{moved, 1}})), Errc::conflict);
    moved.name = a_name("sales");
    moved.version = 3;
    EXPECT_EQ(code_of(this->commit({app::UpdateGroup{moved, 2}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::UpdateGroup{a_group("lost", 9), 1}})), Errc::not_found);
}

TYPED_TEST(StorePeople, AGroupNeverStandsBelowItself) {
    const auto first = id_of<core::GroupId>(1), second = id_of<core::GroupId>(2), third = id_of<core::GroupId>(3);
    this->given({app::PutGroup{a_group("a", 1)}, app::PutGroup{a_group("b", 2, first)}, app::PutGroup{a_group("c", 3, second)}});

    EXPECT_EQ(code_of(this->commit({app::UpdateGroup{a_group("a", 1, third), 1}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::UpdateGroup{a_group("a", 1, first), 1}})), Errc::conflict);
    // Two moves, each harmless alone.
    auto a_below_d = a_group("a", 1, id_of<core::GroupId>(4));
    this->given({app::PutGroup{a_group("d", 4)}, app::UpdateGroup{a_below_d, 1}});
    EXPECT_EQ(code_of(this->commit({app::UpdateGroup{a_group("d", 4, third), 1}})), Errc::conflict);
}

TYPED_TEST(StorePeople, AParentStandsInTheSameWorkspace) {
    auto strange = a_group("strange", 8);
    strange.workspace = elsewhere;
    this->given({app::PutGroup{strange}}, elsewhere);
    this->given({app::PutGroup{a_group("a", 1)}});

    EXPECT_EQ(code_of(this->commit({app::PutGroup{a_group("b", 2, strange.id)}})), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::UpdateGroup{a_group("a", 1, strange.id), 1}})), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::DeleteGroup{home, strange.id, 1}})), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::DeleteGroup{elsewhere, strange.id, 1}})), Errc::not_found);
}

TYPED_TEST(StorePeople, ARemovedGroupTakesItsRightsAlongAndIsLeftByItsMembers) {
    this->given_members();
    const auto group = id_of<core::GroupId>(1), other = id_of<core::GroupId>(2);
    auto row = this->member(2, {Role::user});
    row.groups = {group, other};
    const core::FolderGrant grant{home, a_folder().id, core::FolderGrant::Holder::group, group.bytes(), core::FolderRight::use};
    this->given({app::PutGroup{a_group("sales", 1)}, app::PutGroup{a_group("below", 2, group)}, app::PutMembership{row}, app::PutFolder{a_folder()},
                 app::PutFolderGrant{grant}});
    EXPECT_EQ(code_of(this->commit({app::DeleteGroup{home, group, 1}})), Errc::conflict) << "a group stands below it";
    this->given({app::UpdateGroup{a_group("below", 2), 1}});
    EXPECT_EQ(code_of(this->commit({app::DeleteGroup{home, group, 9}})), Errc::conflict) << "another version";
    this->given({app::DeleteGroup{home, group, 1}});

    const auto left = *run_task(this->store().find_membership(home, row.person));
    EXPECT_EQ(left.groups, std::vector{other});
    EXPECT_EQ(left.version, 2u);
    EXPECT_TRUE(run_task(this->store().all_folder_grants(home))->empty());
}

TYPED_TEST(StorePeople, ASessionIsFoundByItsHashAndOnlyInItsWorkspace) {
    this->given_members();
    this->given({app::InsertSession{a_session()}});

    EXPECT_EQ(show(*run_task(this->store().find_session_by_hash(a_session().hash))), show(a_session()));
    EXPECT_EQ(show(*run_task(this->store().find_session(home, a_session().id))), show(a_session()));
    EXPECT_EQ(code_of(run_task(this->store().find_session(elsewhere, a_session().id))), Errc::not_found);
    EXPECT_EQ(code_of(run_task(this->store().find_session_by_hash(sha256("another")))), Errc::not_found);
    EXPECT_TRUE(run_task(this->store().sessions_of(elsewhere, a_session().person))->empty());
    EXPECT_EQ(code_of(this->commit({app::DeleteSession{elsewhere, a_session().id}}, elsewhere)), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::InsertSession{a_session()}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::InsertSession{a_session(5, 99)}})), Errc::not_found) << "of nobody";
}

TYPED_TEST(StorePeople, ASessionIsTouchedNeverBeyondItsEnd) {
    this->given_members();
    this->given({app::InsertSession{a_session()}});
    const auto now = at_start() + std::chrono::hours(20);
    this->given({app::TouchSession{home, a_session().id, now, now + std::chrono::hours(8)}, app::TouchSession{home, a_session(9).id, now, now}});

    const auto found = *run_task(this->store().find_session(home, a_session().id));
    EXPECT_EQ(found.last_seen_at, now);
    EXPECT_EQ(found.idle_until, a_session().ends_at);
}

TYPED_TEST(StorePeople, SessionsEndOneByOneOrAllOfAPerson) {
    this->given_members();
    this->given({app::PutMembership{this->member(1, {Role::user}, elsewhere)}, app::InsertSession{a_session(4, 1, elsewhere)}}, elsewhere);
    this->given({app::InsertSession{a_session(1)}, app::InsertSession{a_session(2)}, app::InsertSession{a_session(3, 2)}});
    const auto ids_of = [&](std::uint64_t person, core::WorkspaceId workspace = home) {
        return each(*run_task(this->store().sessions_of(workspace, id_of<core::PersonId>(person))), [](const core::Session& row) { return row.id; });
    };
    EXPECT_EQ(ids_of(1), (std::vector{a_session(2).id, a_session(1).id})) << "newest first";

    this->given({app::DeleteSessionsOf{home, a_session().person, a_session(2).id}});
    EXPECT_EQ(ids_of(1), std::vector{a_session(2).id});
    EXPECT_EQ(ids_of(1, elsewhere).size(), 1u);
    EXPECT_EQ(code_of(this->commit({app::DeleteSessionsOf{{}, a_session().person}})), Errc::not_found) << "a workspace ends no sessions elsewhere";
    this->given({app::DeleteSessionsOf{{}, a_session().person}}, core::WorkspaceId{});
    EXPECT_TRUE(ids_of(1).empty());
    EXPECT_TRUE(ids_of(1, elsewhere).empty());
    EXPECT_EQ(ids_of(2).size(), 1u);
    this->given({app::DeleteSession{home, a_session(3).id}});
    EXPECT_EQ(code_of(this->commit({app::DeleteSession{home, a_session(3).id}})), Errc::not_found);
}

TYPED_TEST(StorePeople, SessionsThatHaveEndedAreSwept) {
    this->given_members();
    this->given({app::InsertSession{a_session()}});

    EXPECT_EQ(*run_task(this->store().sweep(a_session().idle_until - std::chrono::seconds(1))), 0u);
    EXPECT_EQ(*run_task(this->store().sweep(a_session().idle_until)), 1u);
    EXPECT_EQ(code_of(run_task(this->store().find_session(home, a_session().id))), Errc::not_found);
}

}  // namespace
}  // namespace renkei::testing
