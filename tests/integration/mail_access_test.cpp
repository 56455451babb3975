// app/access: who has which right in which folder, and what a connection's state allows.
#include "tests/support/fake_mail_world.hpp"

namespace renkei::testing {
namespace {

using core::Action;
using core::FolderGrant;
using core::FolderRight;
using core::Role;
using Kind = core::Principal::Kind;

const auto somebody = id_of<core::PersonId>(7);
const auto sales = id_of<core::GroupId>(1);
const auto tokyo = id_of<core::GroupId>(2);

core::Folder folder_named(std::string_view name, bool is_default = false, std::optional<core::PersonId> private_to = {}) {
    auto folder = a_folder(name);
    folder.is_default = is_default;
    folder.private_to = private_to;
    return folder;
}

app::Standing standing_of(Kind kind, std::vector<Role> roles = {}, std::vector<core::GroupId> groups = {}) {
    app::Standing out;
    out.caller.kind = kind;
    out.caller.workspace = home;
    out.caller.id = somebody.bytes();
    out.roles = std::move(roles);
    out.groups = std::move(groups);
    out.folders = {folder_named("default", true), folder_named("shared"), folder_named("own", false, somebody),
                   folder_named("others", false, id_of<core::PersonId>(8))};
    return out;
}

TEST(Access, U82_WhatEachRoleHasInEachFolder) {
    using R = std::optional<FolderRight>;
    const R none, see = FolderRight::see, use = FolderRight::use, edit = FolderRight::edit;
    struct Row {
        Kind kind;
        std::vector<Role> roles;
        R in_default, in_shared, in_own, in_others;
    };
    const Row rows[] = {
        {Kind::person, {Role::administrator}, edit, edit, edit, see},
        {Kind::person, {Role::builder}, edit, none, edit, none},
        {Kind::person, {Role::user}, use, none, edit, none},
        {Kind::person, {Role::auditor}, see, see, edit, none},
        {Kind::person, {Role::user_administrator}, none, none, edit, none},
        {Kind::person, {Role::user, Role::auditor}, use, see, edit, none},
        {Kind::person, {}, none, none, none, none},  // no member of this workspace
        {Kind::key, {}, edit, none, none, none},
        {Kind::system, {}, edit, edit, edit, edit},
    };
    for (const auto& row : rows) {
        const auto standing = standing_of(row.kind, row.roles);
        SCOPED_TRACE(static_cast<int>(row.kind) * 10 + static_cast<int>(row.roles.size()));
        EXPECT_EQ(app::right_in_folder(standing, standing.folders[0].id), row.in_default);
        EXPECT_EQ(app::right_in_folder(standing, standing.folders[1].id), row.in_shared);
        EXPECT_EQ(app::right_in_folder(standing, standing.folders[2].id), row.in_own);
        EXPECT_EQ(app::right_in_folder(standing, standing.folders[3].id), row.in_others);
    }
}

TEST(Access, U82_GrantsReachPersonsGroupsAndKeysAndTheStrongestCounts) {
    const auto shared = folder_named("shared").id;
    const auto with = [&](app::Standing standing, FolderGrant::Holder holder, IdBytes id, FolderRight right) {
        standing.grants.push_back({home, shared, holder, id, right});
        return app::right_in_folder(standing, shared);
    };
    EXPECT_EQ(with(standing_of(Kind::person, {Role::user}), FolderGrant::Holder::person, somebody.bytes(), FolderRight::edit), FolderRight::edit);
    EXPECT_EQ(with(standing_of(Kind::person, {Role::user}, {sales}), FolderGrant::Holder::group, sales.bytes(), FolderRight::use), FolderRight::use);
    EXPECT_EQ(with(standing_of(Kind::key), FolderGrant::Holder::key, somebody.bytes(), FolderRight::use), FolderRight::use);
    EXPECT_EQ(with(standing_of(Kind::person, {Role::auditor}), FolderGrant::Holder::person, somebody.bytes(), FolderRight::use), FolderRight::use);
    EXPECT_EQ(with(standing_of(Kind::person, {Role::administrator}), FolderGrant::Holder::person, somebody.bytes(), FolderRight::see), FolderRight::edit);
}

TEST(Access, AGrantToAnotherHolderFolderOrWorkspaceGivesNothing) {
    const auto shared = folder_named("shared").id;
    auto standing = standing_of(Kind::key);
    standing.grants = {{home, shared, FolderGrant::Holder::key, id_of<core::KeyId>(99).bytes(), FolderRight::edit},
                       {home, shared, FolderGrant::Holder::person, somebody.bytes(), FolderRight::edit},  // the same bytes, another kind
                       {home, shared, FolderGrant::Holder::group, somebody.bytes(), FolderRight::edit},
                       {elsewhere, shared, FolderGrant::Holder::key, somebody.bytes(), FolderRight::edit},
                       {home, folder_named("default").id, FolderGrant::Holder::key, somebody.bytes(), FolderRight::edit}};
    EXPECT_EQ(app::right_in_folder(standing, shared), std::nullopt);
    EXPECT_EQ(app::right_in_folder(standing, id_of<core::FolderId>(404)), std::nullopt);
    standing.folders[0].workspace = elsewhere;
    EXPECT_EQ(app::right_in_folder(standing, standing.folders[0].id), std::nullopt);
}

TEST(Access, GroupsCountWithAllAboveThemEvenInACircle) {
    const core::Group tree[] = {{home, tokyo, a_name("tokyo"), "", sales}, {home, sales, a_name("sales"), "", tokyo}};
    const auto groups = app::with_groups_above({tokyo}, {std::begin(tree), std::end(tree)});
    EXPECT_EQ(groups, (std::vector<core::GroupId>{tokyo, sales}));
    EXPECT_EQ(app::with_groups_above({id_of<core::GroupId>(9)}, {}).size(), 1u);
}

TEST(Access, APersonActsByTheirMembershipAndGroupsFromTheStore) {
    MailWorld world;
    auto folder = a_folder("sales-only");
    world.must(world.store.commit(
        home, {app::PutPerson{a_person(7)}, app::PutGroup{{home, sales, a_name("sales"), "", {}}}, app::PutGroup{{home, tokyo, a_name("tokyo"), "", sales}},
               app::PutMembership{{home, somebody, {Role::user}, {tokyo}}}, app::PutFolder{folder},
               app::PutFolderGrant{{home, folder.id, FolderGrant::Holder::group, sales.bytes(), FolderRight::use}}}));
    world.change([&](core::Connection& c) { c.folder = folder.id; });
    auto by = world.by({Action::mail_read, Action::connections_write});
    by.principal.kind = Kind::person;
    by.principal.id = somebody.bytes();

    EXPECT_TRUE(run_task(world.access.authorize(by.principal, a_name("invoice-mail"), Action::mail_read)));
    EXPECT_EQ(run_task(world.access.authorize(by.principal, a_name("invoice-mail"), Action::connections_write)).error().code, Errc::denied);
    EXPECT_TRUE(run_task(world.access.authorize_folder(by.principal, folder.id, FolderRight::use)));
    EXPECT_EQ(run_task(world.access.authorize_folder(by.principal, folder.id, FolderRight::edit)).error().code, Errc::denied);
    by.principal.id = id_of<core::PersonId>(8).bytes();
    EXPECT_EQ(run_task(world.access.authorize(by.principal, a_name("invoice-mail"), Action::mail_read)).error().code, Errc::not_found);
    EXPECT_EQ(run_task(world.access.authorize_folder(by.principal, folder.id, FolderRight::see)).error().code, Errc::not_found);
}

TEST(Access, ARightOfAGroupCoversConnectionsWhoseOwnerStandsBelowIt) {
    MailWorld world;
    world.must(
        world.store.commit(home, {app::PutPerson{a_person(7)}, app::PutGroup{{home, sales, a_name("sales"), "", {}}},
                                  app::PutGroup{{home, tokyo, a_name("tokyo"), "", sales}}, app::PutMembership{{home, somebody, {Role::user}, {tokyo}}}}));
    auto by = world.by({Action::mail_read});
    by.principal.rights[0].groups = {sales};
    EXPECT_EQ(run_task(world.access.authorize(by.principal, a_name("invoice-mail"), Action::mail_read)).error().code, Errc::denied);
    world.change([](core::Connection& c) { c.owner = somebody; });
    EXPECT_TRUE(run_task(world.access.authorize(by.principal, a_name("invoice-mail"), Action::mail_read)));
    world.change([](core::Connection& c) { c.owner = id_of<core::PersonId>(99); });
    EXPECT_EQ(run_task(world.access.authorize(by.principal, a_name("invoice-mail"), Action::mail_read)).error().code, Errc::denied);
}

TEST(Access, ManagingAConnectionWorksInEveryState) {
    using S = core::ConnectionState;
    for (const auto state : {S::draft, S::active, S::expiring, S::degraded, S::needs_user, S::needs_admin, S::needs_secret, S::paused, S::revoked}) {
        MailWorld world;
        world.change([state](core::Connection& c) { c.state = state; });
        const auto by = world.by({Action::connections_read, Action::connections_write, Action::tokens_read, Action::mail_read}).principal;
        EXPECT_TRUE(run_task(world.access.authorize(by, a_name("invoice-mail"), Action::connections_read)));
        EXPECT_TRUE(run_task(world.access.authorize(by, a_name("invoice-mail"), Action::connections_write)));
        const bool usable = state == S::active || state == S::expiring || state == S::degraded;
        EXPECT_EQ(run_task(world.access.authorize(by, a_name("invoice-mail"), Action::tokens_read)).has_value(), usable);
        EXPECT_EQ(run_task(world.access.authorize(by, a_name("invoice-mail"), Action::mail_read)).has_value(), usable);
    }
}

TEST(Access, TheStatesOwnWordsAreHandedOn) {
    MailWorld world;
    world.change([](core::Connection& c) {
        c.state = core::ConnectionState::needs_secret;
        c.state_detail = "the client secret expired on 2026-11-01";
    });
    const auto refused = run_task(world.access.authorize(world.by().principal, a_name("invoice-mail"), Action::mail_read));
    EXPECT_EQ(refused.error().detail, "the client secret expired on 2026-11-01");
    EXPECT_EQ(refused.error().get("connection"), "invoice-mail");
}

TEST(Access, ATokensOnlyConnectorHasNoMailboxToFence) {
    MailWorld world;
    world.change([](core::Connection& c) {
        c.connector = "oauth";
        c.mailbox.clear();
        c.fence = {};
    });
    EXPECT_TRUE(run_task(world.access.authorize(world.by({Action::tokens_read}).principal, a_name("invoice-mail"), Action::tokens_read)));
    EXPECT_EQ(
        run_task(world.access.authorize(world.by({Action::tokens_read}).principal, a_name("invoice-mail"), Action::tokens_read, "a@acme.example")).error().code,
        Errc::outside_fence);
    world.change([](core::Connection& c) { c.connector = "microsoft"; });
    EXPECT_EQ(run_task(world.access.authorize(world.by({Action::tokens_read}).principal, a_name("invoice-mail"), Action::tokens_read)).error().code,
              Errc::outside_fence);
}

}  // namespace
}  // namespace renkei::testing
