#include "tests/contract/store_world.hpp"

namespace renkei::testing {
namespace {

template <class World>
class StoreIdentity : public StoreContract<World> {};
TYPED_TEST_SUITE(StoreIdentity, StoreWorlds, StoreWorldNames);

core::Group a_group(std::string_view name, std::uint64_t number) { return {home, id_of<core::GroupId>(number), a_name(name), "Sales", std::nullopt}; }

TYPED_TEST(StoreIdentity, AWorkspaceComesBackAsItWasPut) {
    this->given({app::PutWorkspace{a_workspace()}});

    auto found = run_task(this->store().find_workspace(home));

    ASSERT_TRUE(found);
    EXPECT_EQ(show(*found), show(a_workspace()));
}

TYPED_TEST(StoreIdentity, TwoWorkspacesOfOneNameAreAConflict) {
    this->given({app::PutWorkspace{a_workspace()}});

    EXPECT_EQ(code_of(this->commit({app::PutWorkspace{a_workspace(elsewhere, "acme")}}, elsewhere)), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::PutWorkspace{a_workspace(home, "other")}})), Errc::conflict);
    EXPECT_EQ(run_task(this->store().all_workspaces())->size(), 1u);
}

TYPED_TEST(StoreIdentity, AllWorkspacesAreSortedByName) {
    this->given({app::PutWorkspace{a_workspace(home, "zeta")}});
    this->given({app::PutWorkspace{a_workspace(elsewhere, "alpha")}}, elsewhere);

    EXPECT_EQ(each(*run_task(this->store().all_workspaces()), name_text), (std::vector<std::string>{"alpha", "zeta"}));
}

TYPED_TEST(StoreIdentity, APersonIsFoundByIdAndByEmail) {
    this->given({app::PutPerson{a_person()}});

    EXPECT_EQ(show(*run_task(this->store().find_person(a_person().id))), show(a_person()));
    EXPECT_EQ(show(*run_task(this->store().find_person_by_email("hanako@acme.example"))), show(a_person()));
    EXPECT_EQ(code_of(run_task(this->store().find_person_by_email("HANAKO@acme.example"))), Errc::not_found);
    EXPECT_EQ(code_of(run_task(this->store().find_person(id_of<core::PersonId>(9)))), Errc::not_found);
}

TYPED_TEST(StoreIdentity, AnEmailAddressBelongsToOnePerson) {
    this->given({app::PutPerson{a_person(1)}});

    EXPECT_EQ(code_of(this->commit({app::PutPerson{a_person(2)}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::PutPerson{a_person(1, "taro@acme.example")}})), Errc::conflict);
}

TYPED_TEST(StoreIdentity, AMembershipIsReplacedByTheNextOne) {
    core::Membership member{home, a_person().id, {core::Role::administrator, core::Role::auditor}, {id_of<core::GroupId>(4), id_of<core::GroupId>(5)}};
    this->given({app::PutPerson{a_person()}, app::PutMembership{member}});
    EXPECT_EQ(show(*run_task(this->store().find_membership(home, a_person().id))), show(member));

    member.roles = {core::Role::user};
    member.groups = {};
    this->given({app::PutMembership{member}});

    EXPECT_EQ(show(*run_task(this->store().find_membership(home, a_person().id))), show(member));
}

TYPED_TEST(StoreIdentity, AMembershipNeedsItsPerson) {
    EXPECT_EQ(code_of(this->commit({app::PutMembership{{home, a_person().id, {}, {}}}})), Errc::not_found);
    EXPECT_EQ(code_of(run_task(this->store().find_membership(home, a_person().id))), Errc::not_found);
}

TYPED_TEST(StoreIdentity, GroupsAreListedByNameAndNamesAreUnique) {
    auto child = a_group("child", 2);
    child.parent = id_of<core::GroupId>(1);
    this->given({app::PutGroup{a_group("parent", 1)}, app::PutGroup{child}});

    EXPECT_EQ(show(*run_task(this->store().all_groups(home))), show(std::vector{child, a_group("parent", 1)}));
    EXPECT_EQ(code_of(this->commit({app::PutGroup{a_group("child", 3)}})), Errc::conflict);
}

TYPED_TEST(StoreIdentity, FoldersAreListedByNameAndNamesAreUnique) {
    auto mine = a_folder("mine");
    mine.private_to = a_person().id;
    auto standard = a_folder("all");
    standard.is_default = true;
    this->given({app::PutFolder{mine}, app::PutFolder{standard}});

    EXPECT_EQ(show(*run_task(this->store().all_folders(home))), show(std::vector{standard, mine}));
    auto again = a_folder("mine");
    again.id = id_of<core::FolderId>(77);
    EXPECT_EQ(code_of(this->commit({app::PutFolder{again}})), Errc::conflict);
}

TYPED_TEST(StoreIdentity, AFolderGrantIsReplacedAndNeedsItsFolder) {
    core::FolderGrant grant{home, a_folder().id, core::FolderGrant::Holder::group, id_of<core::GroupId>(3).bytes(), core::FolderRight::see};
    EXPECT_EQ(code_of(this->commit({app::PutFolderGrant{grant}})), Errc::not_found);
    this->given({app::PutFolder{a_folder()}, app::PutFolderGrant{grant}});

    grant.right = core::FolderRight::edit;
    this->given({app::PutFolderGrant{grant}});

    EXPECT_EQ(show(*run_task(this->store().all_folder_grants(home))), show(std::vector{grant}));
}

TYPED_TEST(StoreIdentity, AFolderGrantIsTakenBackExactlyOnceAndNoOtherGoesWithIt) {
    using Holder = core::FolderGrant::Holder;
    const auto holder = id_of<core::KeyId>(5).bytes();
    const core::FolderGrant key{home, a_folder().id, Holder::key, holder, core::FolderRight::use};
    auto person = key;  // the same id as another kind of holder, and another holder
    person.holder = Holder::person;
    auto other = key;
    other.holder_id = id_of<core::KeyId>(6).bytes();
    this->given({app::PutFolder{a_folder()}, app::PutFolderGrant{key}, app::PutFolderGrant{person}, app::PutFolderGrant{other}});
    const app::DeleteFolderGrant taken{home, a_folder().id, Holder::key, holder};

    EXPECT_EQ(code_of(this->commit({app::DeleteFolderGrant{home, id_of<core::FolderId>(99), Holder::key, holder}})), Errc::not_found);
    this->given({taken});

    const auto left = *run_task(this->store().all_folder_grants(home));
    EXPECT_EQ(left.size(), 2u);
    for (const auto& grant : left) EXPECT_FALSE(grant.holder == Holder::key && grant.holder_id == holder);
    EXPECT_EQ(code_of(this->commit({taken})), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::DeleteFolderGrant{home, a_folder().id, Holder::person, holder}, taken})), Errc::not_found);
    EXPECT_EQ(run_task(this->store().all_folder_grants(home))->size(), 2u) << "a unit is applied whole or not at all";
}

TYPED_TEST(StoreIdentity, SettingsOfTheInstallationAndOfAWorkspaceAreApart) {
    this->given({app::PutSetting{home, "a", "of home"}, app::PutSetting{{}, "a", "of all"}});
    this->given({app::PutSetting{home, "a", "of home, later"}});

    EXPECT_EQ(*run_task(this->store().find_setting(home, "a")), "of home, later");
    EXPECT_EQ(*run_task(this->store().find_setting({}, "a")), "of all");
    EXPECT_EQ(code_of(run_task(this->store().find_setting(home, "b"))), Errc::not_found);
}

core::ApiKey a_full_key() {
    auto key = a_key();
    key.rights.push_back({{core::Action::tokens_read},
                          {"microsoft"},
                          {a_folder().id},
                          {id_of<core::GroupId>(1)},
                          {"invoice-mail", "quote\"d"},
                          {"a@acme.example", "日本@acme.example"}});
    key.rights.push_back({});
    key.allowed_ranges = {*core::AddressRange::parse("10.0.0.0/8"), *core::AddressRange::parse("2001:db8::/32")};
    key.created_by = a_person().id;
    key.expires_at = at_start() + std::chrono::hours(1);
    return key;
}

TYPED_TEST(StoreIdentity, AKeyIsFoundByHashAndByNameWithAllItsRights) {
    this->given({app::InsertKey{a_full_key()}});

    EXPECT_EQ(show(*run_task(this->store().find_key_by_hash(a_full_key().hash))), show(a_full_key()));
    EXPECT_EQ(show(*run_task(this->store().find_key(home, a_name("robot")))), show(a_full_key()));
    EXPECT_EQ(code_of(run_task(this->store().find_key_by_hash(sha256("other")))), Errc::not_found);
    EXPECT_EQ(code_of(run_task(this->store().find_key(home, a_name("other")))), Errc::not_found);
}

TYPED_TEST(StoreIdentity, ATakenKeyNameOrHashIsAConflict) {
    this->given({app::InsertKey{a_key()}});
    auto same_hash = a_key("second");
    same_hash.hash = a_key().hash;
    auto same_name = a_key("third");
    same_name.name = a_name("robot");

    EXPECT_EQ(code_of(this->commit({app::InsertKey{same_hash}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::InsertKey{same_name}})), Errc::conflict);
}

TYPED_TEST(StoreIdentity, AKeyChangesOnlyFromTheVersionThatWasRead) {
    this->given({app::InsertKey{a_full_key()}});
    auto revoked = a_full_key();
    revoked.revoked_at = at_start() + std::chrono::minutes(1);
    revoked.version = 2;

    EXPECT_EQ(code_of(this->commit({app::UpdateKey{revoked, 7}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::UpdateKey{revoked, 1}})), fine);
    EXPECT_EQ(code_of(this->commit({app::UpdateKey{revoked, 1}})), Errc::conflict);

    EXPECT_EQ(show(*run_task(this->store().find_key(home, a_name("robot")))), show(revoked));
    EXPECT_EQ(code_of(this->commit({app::UpdateKey{a_key("unknown"), 1}})), Errc::not_found);
}

TYPED_TEST(StoreIdentity, KeysArePagedByName) {
    for (const auto* name : {"c", "a", "e", "b", "d"}) this->given({app::InsertKey{a_key(name)}});

    auto first = run_task(this->store().list_keys(home, {"", 2}));
    auto second = run_task(this->store().list_keys(home, {first->next, 2}));
    auto third = run_task(this->store().list_keys(home, {second->next, 2}));

    EXPECT_EQ(each(first->items, name_text), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(each(second->items, name_text), (std::vector<std::string>{"c", "d"}));
    EXPECT_EQ(each(third->items, name_text), (std::vector<std::string>{"e"}));
    EXPECT_EQ(third->next, "");
}

TYPED_TEST(StoreIdentity, APageThatEndsExactlyAtTheLastRowHasNoNext) {
    for (const auto* name : {"a", "b"}) this->given({app::InsertKey{a_key(name)}});

    EXPECT_EQ(run_task(this->store().list_keys(home, {"", 2}))->next, "");
    EXPECT_EQ(run_task(this->store().list_keys(home, {"", 0}))->items.size(), 1u);
    EXPECT_EQ(run_task(this->store().list_keys(home, {"zz", 2}))->items.size(), 0u);
}

TYPED_TEST(StoreIdentity, ADataKeyIsInsertedOnceAndThenReplaced) {
    this->given({app::PutDataKey{home, 1, std::string("\0one", 4), true}});

    EXPECT_EQ(code_of(this->commit({app::PutDataKey{home, 1, "two", true}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::PutDataKey{home, 2, "two", false}})), Errc::not_found);
    EXPECT_EQ(run_task(this->store().all_data_keys())->front().wrapped, std::string("\0one", 4));
    EXPECT_EQ(code_of(this->commit({app::PutDataKey{home, 1, "rewrapped", false}})), fine);

    auto rows = run_task(this->store().all_data_keys());
    ASSERT_EQ(rows->size(), 1u);
    EXPECT_EQ(rows->front().workspace, home);
    EXPECT_EQ(rows->front().version, 1u);
    EXPECT_EQ(rows->front().wrapped, "rewrapped");
}

}  // namespace
}  // namespace renkei::testing
