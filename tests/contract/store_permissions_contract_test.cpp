#include "tests/contract/store_world.hpp"

#include <fmt/format.h>

namespace renkei::testing {
namespace {

using core::Action;

std::string show(const core::Permission& row) {
    std::string actions;
    for (const auto action : row.actions) (actions += core::text_of(action)) += ' ';
    return fmt::format("{} {} {} {} {} {} {}{} {} {}", row.workspace.text(), row.id.text(), row.connection.text(), row.person ? row.person->text() : "-",
                       static_cast<int>(row.holder), id_text(row.holder_id), actions, row.until ? to_millis(*row.until) : 0, row.given_by,
                       to_millis(row.created_at));
}

core::Connection offered() {
    auto connection = a_connection("outlook");
    connection.mode = core::ConnectionMode::authorization_code;
    connection.token_type = core::TokenType::user_specific;
    return connection;
}

template <class World>
class StorePermissions : public StoreContract<World> {
protected:
    void SetUp() override {
        this->given(a_home_with_a_connection());
        this->given({app::InsertConnection{offered()}, app::PutPerson{a_person()}, app::PutPerson{a_person(2, "taro@acme.example")},
                     app::PutMembership{{home, a_person().id, {core::Role::user}, {}}}});
    }
    std::vector<core::Permission> stored(const core::Connection& connection = offered()) {
        return *run_task(this->store().permissions_of(home, connection.id));
    }
};
TYPED_TEST_SUITE(StorePermissions, StoreWorlds, StoreWorldNames);

TYPED_TEST(StorePermissions, APermissionComesBackWithEveryMember) {
    auto rule = a_permission(offered(), std::nullopt);
    rule.holder = core::Principal::Kind::person;
    rule.holder_id = a_person(2).id.bytes();
    rule.actions = {Action::mail_send, Action::native};
    rule.until = at_start() + std::chrono::hours(24);
    rule.created_at = at_start() + std::chrono::seconds(1);
    this->given({app::PutPermission{a_permission(offered())}, app::PutPermission{rule}});

    const auto rows = this->stored();
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(show(rows[0]), show(a_permission(offered())));
    EXPECT_EQ(show(rows[1]), show(rule));
    EXPECT_TRUE(this->stored(a_connection()).empty());
}

TYPED_TEST(StorePermissions, ASecondOneOfTheSamePersonToTheSameHolderTakesTheFirstOnesPlace) {
    this->given({app::PutPermission{a_permission(offered())}, app::PutPermission{a_permission(offered(), a_person(2).id)}});
    auto wider = a_permission(offered());
    wider.id = id_of<core::PermissionId>(7);
    wider.actions = {Action::mail_read, Action::mail_send};
    wider.created_at = at_start() + std::chrono::seconds(1);
    this->given({app::PutPermission{wider}});

    const auto rows = this->stored();
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(show(rows[0]), show(a_permission(offered(), a_person(2).id)));
    EXPECT_EQ(show(rows[1]), show(wider));
}

TYPED_TEST(StorePermissions, OneForAConnectionThatIsNotThereIsNotStored) {
    EXPECT_EQ(code_of(this->commit({app::PutPermission{a_permission(a_connection("nowhere"))}})), Errc::not_found);
}

TYPED_TEST(StorePermissions, WhatIsTakenBackIsGoneAtOnceAndOnlyOnce) {
    this->given({app::PutPermission{a_permission(offered())}});
    EXPECT_EQ(code_of(this->commit({app::DeletePermission{home, a_permission(offered()).id}})), fine);
    EXPECT_TRUE(this->stored().empty());
    EXPECT_EQ(code_of(this->commit({app::DeletePermission{home, a_permission(offered()).id}})), Errc::not_found);
}

TYPED_TEST(StorePermissions, APersonHasOneConnectionBelowAUserSpecificOne) {
    const auto mine = a_connection_below(offered());
    const auto taros = a_connection_below(offered(), a_person(2, "taro@acme.example"));
    this->given({app::InsertConnection{mine}, app::InsertConnection{taros}});
    auto again = mine;
    again.id = id_of<core::ConnectionId>(9);
    again.name = a_name("another-name");

    EXPECT_EQ(code_of(this->commit({app::InsertConnection{again}})), Errc::conflict);
    const auto found = run_task(this->store().find_connection_of_person(home, offered().id, a_person().id));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->name, mine.name);
    EXPECT_EQ(found->managed_by, offered().id);
    EXPECT_EQ(found->token_type, core::TokenType::shared);
    EXPECT_EQ(run_task(this->store().find_connection(home, offered().name))->token_type, core::TokenType::user_specific);
    EXPECT_EQ(run_task(this->store().connections_below(home, offered().id))->size(), 2u);
    EXPECT_EQ(code_of(run_task(this->store().find_connection_of_person(home, offered().id, id_of<core::PersonId>(3)))), Errc::not_found);
}

TYPED_TEST(StorePermissions, RemovingAConnectionTakesEverybodysOwnPermissionsAndTokensAlong) {
    const auto mine = a_connection_below(offered());
    const auto grant = a_grant(mine);
    this->given({app::InsertConnection{mine}, app::InsertGrant{grant}, app::PutToken{a_token(grant)}, app::PutPermission{a_permission(offered())}});
    EXPECT_EQ(code_of(this->commit({app::DeleteConnection{home, offered().id}})), fine);

    EXPECT_EQ(code_of(run_task(this->store().find_connection_by_id(home, mine.id))), Errc::not_found);
    EXPECT_EQ(code_of(run_task(this->store().find_grant(home, grant.id))), Errc::not_found);
    EXPECT_EQ(code_of(run_task(this->store().find_token(a_token(grant).key))), Errc::not_found);
    EXPECT_TRUE(this->stored().empty());
}

TYPED_TEST(StorePermissions, WhoLeavesTheWorkspaceTakesTheirConnectionsAndPermissionsAlong) {
    const auto mine = a_connection_below(offered());
    const auto taros = a_connection_below(offered(), a_person(2, "taro@acme.example"));
    auto to_me = a_permission(offered(), a_person(2).id);
    to_me.holder = core::Principal::Kind::person;
    to_me.holder_id = a_person().id.bytes();
    auto rule = a_permission(offered(), std::nullopt);
    this->given({app::InsertConnection{mine}, app::InsertConnection{taros}, app::InsertGrant{a_grant(mine)}, app::PutPermission{a_permission(offered())},
                 app::PutPermission{to_me}, app::PutPermission{rule}});
    EXPECT_EQ(code_of(this->commit({app::DeleteMembership{home, a_person().id, 1}})), fine);

    EXPECT_EQ(code_of(run_task(this->store().find_connection_by_id(home, mine.id))), Errc::not_found);
    EXPECT_EQ(code_of(run_task(this->store().find_grant(home, a_grant(mine).id))), Errc::not_found);
    EXPECT_TRUE(run_task(this->store().find_connection_by_id(home, taros.id)));
    ASSERT_EQ(this->stored().size(), 1u);
    EXPECT_EQ(show(this->stored()[0]), show(rule));
}

}  // namespace
}  // namespace renkei::testing
