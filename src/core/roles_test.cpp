#include "core/roles.hpp"

#include "core/policy.hpp"

#include <gtest/gtest.h>

#include <set>

namespace renkei::core {
namespace {

constexpr TimePoint now = TimePoint(std::chrono::milliseconds(1'800'000'000'000));

Principal person_with(std::vector<Role> roles) {
    Person person;
    person.email = "hanako@acme.example";
    return principal_of(person, Membership{{}, {}, std::move(roles), {}});
}

std::set<std::string> words_of(Role role) {
    std::set<std::string> words;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Action::count_); ++i)
        if (role_may(role, static_cast<Action>(i))) words.emplace(text_of(static_cast<Action>(i)));
    return words;
}

TEST(Roles, H21_OnlyAnAdministratorMayWriteKeysAndRotateTheVault) {
    for (const auto role : all_roles()) {
        EXPECT_EQ(role_may(role, Action::keys_write), role == Role::administrator) << text_of(role);
        EXPECT_EQ(role_may(role, Action::vault_rotate), role == Role::administrator) << text_of(role);
    }
}

TEST(Roles, B09_NoRoleReadsTokensOrCallsAProvidersOwnApi) {
    for (const auto role : all_roles()) {
        EXPECT_FALSE(role_may(role, Action::tokens_read)) << text_of(role);
        EXPECT_FALSE(role_may(role, Action::native)) << text_of(role);
    }
}

TEST(Roles, H01_AUserAdministratorHandlesPeopleAndNothingOfTheConnections) {
    EXPECT_EQ(words_of(Role::user_administrator), (std::set<std::string>{"people:read", "people:write", "operations:read", "operations:write"}));
}

TEST(Roles, AnAuditorChangesNothingAndReadsNobodysMail) {
    for (const auto& word : words_of(Role::auditor)) EXPECT_TRUE(word.ends_with(":read")) << word;
    EXPECT_FALSE(words_of(Role::auditor).contains("mail:read"));
}

TEST(Roles, APersonMayWhatAnyOfTheirRolesMay) {
    const auto caller = person_with({Role::user, Role::auditor});
    EXPECT_TRUE(decide(caller, Action::mail_read, now).allowed);
    EXPECT_TRUE(decide(caller, Action::audit_read, now).allowed);
    EXPECT_FALSE(decide(caller, Action::connections_write, now).allowed);
    EXPECT_FALSE(decide(person_with({}), Action::mail_read, now).allowed);
}

TEST(Roles, AnInvitedMemberIsNobodyYet) {
    Membership invited{{}, {}, {Role::administrator}, {}};
    invited.active = false;
    EXPECT_TRUE(principal_of({}, invited).rights.empty());
}

TEST(Roles, H01_AUserAdministratorDecidesAboutNoAdministrator) {
    const auto caller = person_with({Role::user_administrator, Role::builder, Role::auditor});
    EXPECT_FALSE(may_handle(caller, Role::administrator, now));
    EXPECT_TRUE(may_handle(caller, Role::builder, now));
    EXPECT_FALSE(may_handle(person_with({Role::builder, Role::user, Role::auditor}), Role::user, now));
    EXPECT_TRUE(may_handle(person_with({Role::administrator}), Role::administrator, now));
}

TEST(Roles, AKeyWithALimitedRightIsNoAdministrator) {
    auto key = person_with({Role::administrator});
    key.kind = Principal::Kind::key;
    EXPECT_TRUE(may_handle(key, Role::administrator, now));
    key.rights[0].mailboxes = {"invoice@acme.example"};
    EXPECT_FALSE(may_handle(key, Role::administrator, now));
    key.expires_at = now;
    EXPECT_FALSE(may_handle(key, Role::user, now));
}

}  // namespace
}  // namespace renkei::core
