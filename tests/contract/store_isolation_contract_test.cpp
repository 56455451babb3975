#include "tests/contract/store_world.hpp"

#include <functional>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;

core::FenceRow a_fence_row() {
    core::FenceRow row;
    row.workspace = home;
    row.connection = a_connection().id;
    row.entry = {core::FenceKind::mailbox, "invoice@acme.example"};
    row.names = {{"invoice@acme.example", ""}};
    return row;
}

template <class World>
class StoreIsolation : public StoreContract<World> {
protected:
    void SetUp() override {
        this->given(a_home_with_a_connection());
        core::Membership member{home, a_person().id, {core::Role::user}, {}};
        this->given({app::PutPerson{a_person()},
                     app::PutMembership{member},
                     app::PutGroup{{home, id_of<core::GroupId>(1), a_name("g"), "", std::nullopt}},
                     app::PutFolder{a_folder()},
                     app::PutFolderGrant{{home, a_folder().id, core::FolderGrant::Holder::key, a_key().id.bytes(), core::FolderRight::use}},
                     app::InsertKey{a_key()},
                     app::InsertConnection{a_connection_below()},
                     app::PutPermission{a_permission()},
                     app::InsertGrant{a_grant()},
                     app::PutToken{a_token()},
                     app::PutFenceEntry{a_fence_row(), ""},
                     app::PutFenceCheck{home, a_connection().id, std::nullopt, at_start(), at_start()},
                     app::InsertOperation{an_operation()},
                     app::PutOperationItem{home, an_operation().id, {}},
                     app::PutIdempotency{home, "s", {}, "", at_start(), true},
                     app::PutSetting{home, "s", "v"},
                     app::InsertConsent{a_consent()},
                     app::InsertRun{a_run()},
                     app::InsertAutomationSession{an_automation_session()},
                     app::InsertStoredCredential{a_stored_credential()},
                     app::PutVariable{a_variable()},
                     app::InsertExternalVault{an_external_vault()},
                     app::InsertOneTime{home, "connect", sha256("c"), "", {}, at_start() + 1h},
                     app::PutDataKey{home, 1, "w", true},
                     app::AppendAudit{an_audit_row()}});
        lease_ = *run_task(this->store().claim(home, app::refresh_lease_name(a_grant().id), "me", at_start(), 1h));
        this->given({app::BeginRefresh{home, a_grant().id, 1, lease_.fence, at_start()}});
    }
    app::Lease lease_;
};
TYPED_TEST_SUITE(StoreIsolation, StoreWorlds, StoreWorldNames);

/// Reads under `workspace` what belongs to home: how many rows came, or the refusal.
struct Look {
    std::string_view name;
    std::function<std::string(app::Store&, core::WorkspaceId)> ask;
};
template <class T>
std::string outcome(const Result<T>& result) {
    return result ? "found" : result.error().code == Errc::not_found ? "not_found" : "other error";
}
template <class T>
std::string outcome(const Result<std::vector<T>>& result) {
    return result && !result->empty() ? "found" : result ? "empty" : "other error";
}
template <class T>
std::string outcome(const Result<app::Page<T>>& result) {
    return result && !result->items.empty() ? "found" : result ? "empty" : "other error";
}

std::vector<Look> every_look() {
    using S = app::Store;
    using W = core::WorkspaceId;
    return {
        {"find_workspace", [](S& s, W w) { return outcome(run_task(s.find_workspace(w))); }},
        {"find_membership", [](S& s, W w) { return outcome(run_task(s.find_membership(w, a_person().id))); }},
        {"all_groups", [](S& s, W w) { return outcome(run_task(s.all_groups(w))); }},
        {"all_folders", [](S& s, W w) { return outcome(run_task(s.all_folders(w))); }},
        {"all_folder_grants", [](S& s, W w) { return outcome(run_task(s.all_folder_grants(w))); }},
        {"find_setting", [](S& s, W w) { return outcome(run_task(s.find_setting(w, "s"))); }},
        {"find_key", [](S& s, W w) { return outcome(run_task(s.find_key(w, a_key().name))); }},
        {"find_key_by_id", [](S& s, W w) { return outcome(run_task(s.find_key_by_id(w, a_key().id))); }},
        {"find_run", [](S& s, W w) { return outcome(run_task(s.find_run(w, a_run().id))); }},
        {"list_runs", [](S& s, W w) { return outcome(run_task(s.list_runs(w, {}))); }},
        {"find_automation_session", [](S& s, W w) { return outcome(run_task(s.find_automation_session(w, an_automation_session().id))); }},
        {"list_automation_sessions", [](S& s, W w) { return outcome(run_task(s.list_automation_sessions(w, {}))); }},
        {"global_sessions_named",
         [](S& s, W w) { return outcome(run_task(s.global_sessions_named(w, *an_automation_session().name, {a_run().id}, at_start()))); }},
        {"find_stored_credential", [](S& s, W w) { return outcome(run_task(s.find_stored_credential(w, a_stored_credential().name))); }},
        {"list_stored_credentials", [](S& s, W w) { return outcome(run_task(s.list_stored_credentials(w, {}))); }},
        {"find_variable", [](S& s, W w) { return outcome(run_task(s.find_variable(w, a_variable().name))); }},
        {"list_variables", [](S& s, W w) { return outcome(run_task(s.list_variables(w, {}))); }},
        {"find_external_vault", [](S& s, W w) { return outcome(run_task(s.find_external_vault(w, an_external_vault().name))); }},
        {"list_external_vaults", [](S& s, W w) { return outcome(run_task(s.list_external_vaults(w, {}))); }},
        {"list_keys", [](S& s, W w) { return outcome(run_task(s.list_keys(w, {}))); }},
        {"find_connection", [](S& s, W w) { return outcome(run_task(s.find_connection(w, a_connection().name))); }},
        {"find_connection_by_id", [](S& s, W w) { return outcome(run_task(s.find_connection_by_id(w, a_connection().id))); }},
        {"list_connections", [](S& s, W w) { return outcome(run_task(s.list_connections(w, {}))); }},
        {"find_registration", [](S& s, W w) { return outcome(run_task(s.find_registration(w, a_registration().id))); }},
        {"find_registration_by_name", [](S& s, W w) { return outcome(run_task(s.find_registration_by_name(w, a_registration().name))); }},
        {"list_registrations", [](S& s, W w) { return outcome(run_task(s.list_registrations(w, {}))); }},
        {"connections_of_registration", [](S& s, W w) { return outcome(run_task(s.connections_of_registration(w, a_registration().id))); }},
        {"connections_below", [](S& s, W w) { return outcome(run_task(s.connections_below(w, a_connection().id))); }},
        {"find_connection_of_person", [](S& s, W w) { return outcome(run_task(s.find_connection_of_person(w, a_connection().id, a_person().id))); }},
        {"permissions_of", [](S& s, W w) { return outcome(run_task(s.permissions_of(w, a_connection().id))); }},
        {"find_grant", [](S& s, W w) { return outcome(run_task(s.find_grant(w, a_grant().id))); }},
        {"grants_of_connection", [](S& s, W w) { return outcome(run_task(s.grants_of_connection(w, a_connection().id))); }},
        {"find_refresh",
         [](S& s, W w) {
             return outcome(run_task(s.find_refresh({w, a_connection().id, a_registration().id, a_grant().subject_kind == core::SubjectKind::app})));
         }},
        {"find_token", [](S& s, W w) { return outcome(run_task(s.find_token({w, a_grant().id, a_token().key.audience, ""}))); }},
        {"fence_rows", [](S& s, W w) { return outcome(run_task(s.fence_rows(w, a_connection().id))); }},
        {"find_in_fence",
         [](S& s, W w) {
             const auto found = run_task(s.find_in_fence(w, a_connection().id, "invoice@acme.example"));
             return std::string(!found ? "other error" : found->hits.empty() && !found->check ? "empty" : "found");
         }},
        {"fence_check",
         [](S& s, W w) {
             const auto found = run_task(s.fence_check(w, a_connection().id));
             return std::string(!found ? "other error" : *found ? "found" : "empty");
         }},
        {"find_intent", [](S& s, W w) { return outcome(run_task(s.find_intent(w, a_grant().id))); }},
        {"find_consent", [](S& s, W w) { return outcome(run_task(s.find_consent(w, a_consent().id))); }},
        {"consents_of", [](S& s, W w) { return outcome(run_task(s.consents_of(w, a_connection().id))); }},
        {"list_consents", [](S& s, W w) { return outcome(run_task(s.list_consents(w, {}))); }},
        {"find_operation", [](S& s, W w) { return outcome(run_task(s.find_operation(w, an_operation().id))); }},
        {"list_operations", [](S& s, W w) { return outcome(run_task(s.list_operations(w, {}))); }},
        {"operation_items", [](S& s, W w) { return outcome(run_task(s.operation_items(w, an_operation().id, {}))); }},
        {"find_idempotency", [](S& s, W w) { return outcome(run_task(s.find_idempotency(w, "s"))); }},
        {"list_audit", [](S& s, W w) { return outcome(run_task(s.list_audit(w, {}, {}))); }},
    };
}

TYPED_TEST(StoreIsolation, NoReadFindsARowOfAnotherWorkspace) {
    for (const auto& look : every_look()) {
        EXPECT_EQ(look.ask(this->store(), home), "found") << look.name;
        const auto abroad = look.ask(this->store(), elsewhere);
        EXPECT_TRUE(abroad == "not_found" || abroad == "empty") << look.name << ": " << abroad;
    }
}

TYPED_TEST(StoreIsolation, ALeaseOfAnotherWorkspaceCannotBeReleased) {
    EXPECT_EQ(code_of(run_task(this->store().release(elsewhere, this->lease_))), Errc::not_found);
    EXPECT_EQ(code_of(run_task(this->store().release(home, this->lease_))), fine);
}

/// Changes of rows that home has, with `workspace` where its id stands.
std::vector<app::Change> changes_in(core::WorkspaceId workspace) {
    const auto in = [&](auto row) {
        row.workspace = workspace;
        return row;
    };
    auto token = a_token();
    token.key.workspace = workspace;
    auto audit = in(an_audit_row());
    return {app::PutMembership{in(core::Membership{home, a_person().id, {core::Role::administrator}, {}})},
            app::PutGroup{in(core::Group{home, id_of<core::GroupId>(2), a_name("h"), "", std::nullopt})},
            app::InsertMembership{in(core::Membership{home, a_person().id, {core::Role::administrator}, {}})},
            app::UpdateMembership{in(core::Membership{home, a_person().id, {core::Role::administrator}, {}}), 1},
            app::DeleteMembership{workspace, a_person().id, 1},
            app::KeepAdministrator{workspace},
            app::UpdateGroup{in(core::Group{home, id_of<core::GroupId>(2), a_name("h"), "", std::nullopt}), 1},
            app::DeleteGroup{workspace, id_of<core::GroupId>(2), 1},
            app::InsertSession{in(core::Session{})},
            app::TouchSession{workspace, {}, at_start(), at_start()},
            app::DeleteSession{workspace, {}},
            app::DeleteSessionsOf{workspace, a_person().id},
            app::PutFolder{in(a_folder("second"))},
            app::PutFolderGrant{in(core::FolderGrant{home, a_folder().id, core::FolderGrant::Holder::key, a_key().id.bytes(), core::FolderRight::edit})},
            app::DeleteFolderGrant{workspace, a_folder().id, core::FolderGrant::Holder::key, a_key().id.bytes()},
            app::InsertKey{in(a_key("second"))},
            app::UpdateKey{in(a_key()), 1},
            app::InsertRegistration{in(a_registration("second"))},
            app::UpdateRegistration{in(a_registration()), 1},
            app::DeleteRegistration{workspace, a_registration().id},
            app::InsertConnection{in(a_connection("second"))},
            app::UpdateConnection{in(a_connection()), 1},
            app::DeleteConnection{workspace, a_connection().id},
            app::PutPermission{in(a_permission())},
            app::DeletePermission{workspace, a_permission().id},
            app::InsertGrant{in(a_grant())},
            app::UpdateGrant{in(a_grant()), 1},
            app::PutToken{token},
            app::DeleteTokens{workspace, a_grant().id},
            app::ClaimLease{workspace, app::refresh_lease_name(a_grant().id), "me", 1, at_start(), at_start() + 1h},
            app::ExpectConnection{workspace, a_connection().id, 1},
            app::BeginRefresh{workspace, a_grant().id, 1, 1, at_start()},
            app::EndRefresh{workspace, a_grant().id, 1, 1},
            app::PutFenceEntry{in(a_fence_row()), ""},
            app::DropFenceEntry{workspace, a_connection().id, a_fence_row().entry},
            app::PutFenceCheck{workspace, a_connection().id, std::nullopt, at_start(), at_start()},
            app::DueFence{workspace, a_connection().id, at_start()},
            app::InsertOperation{in(an_operation(2))},
            app::UpdateOperation{in(an_operation()), 1},
            app::PutOperationItem{workspace, an_operation().id, {}},
            app::InsertConsent{in(a_consent(2))},
            app::UpdateConsent{in(a_consent()), 1},
            app::InsertRun{in(a_run(2))},
            app::EndRun{workspace, a_run().id, at_start()},
            app::InsertAutomationSession{in(an_automation_session(2))},
            app::EndAutomationSession{workspace, an_automation_session().id, at_start(), "hand"},
            app::InsertStoredCredential{in(a_stored_credential("second-secret"))},
            app::UpdateStoredCredential{in(a_stored_credential()), 1},
            app::DeleteStoredCredential{workspace, a_stored_credential().id},
            app::PutVariable{in(a_variable("second"))},
            app::DeleteVariable{workspace, a_variable().name},
            app::InsertExternalVault{in(an_external_vault("second"))},
            app::UpdateExternalVault{in(an_external_vault()), 1},
            app::DeleteExternalVault{workspace, an_external_vault().id},
            app::InsertOneTime{workspace, "connect", sha256("d"), "", {}, at_start()},
            app::UseOneTime{workspace, "connect", sha256("c"), at_start()},
            app::PutIdempotency{workspace, "s", {}, "stolen", at_start(), false},
            app::DeleteIdempotency{workspace, "s"},
            app::PutDataKey{workspace, 1, "stolen", false},
            app::PutSetting{workspace, "s", "stolen"},
            app::AppendAudit{audit},
            app::PutWorkspace{a_workspace(workspace, "third")}};
}

TYPED_TEST(StoreIsolation, AUnitCannotHoldAChangeOfAnotherWorkspace) {
    for (const auto& change : changes_in(home)) EXPECT_EQ(code_of(this->commit({change}, elsewhere)), Errc::not_found) << change.index();
    EXPECT_EQ(changes_in(home).size() + 2, std::variant_size_v<app::Change>) << "every kind but those of persons, who are the installation's";
}

TYPED_TEST(StoreIsolation, AChangeUnderAnotherWorkspaceReachesNoRowOfHome) {
    const auto before = show(*run_task(this->store().find_connection_by_id(home, a_connection().id))) +
                        show(*run_task(this->store().find_grant(home, a_grant().id))) + show(*run_task(this->store().find_token(a_token().key))) +
                        show(*run_task(this->store().find_key(home, a_key().name))) + show(*run_task(this->store().find_operation(home, an_operation().id)));

    for (const auto& change : changes_in(elsewhere)) static_cast<void>(this->commit({change}, elsewhere));

    EXPECT_EQ(before, show(*run_task(this->store().find_connection_by_id(home, a_connection().id))) +
                          show(*run_task(this->store().find_grant(home, a_grant().id))) + show(*run_task(this->store().find_token(a_token().key))) +
                          show(*run_task(this->store().find_key(home, a_key().name))) + show(*run_task(this->store().find_operation(home, an_operation().id))));
    EXPECT_TRUE(run_task(this->store().find_intent(home, a_grant().id)));
    EXPECT_FALSE(run_task(this->store().find_one_time("connect", sha256("c")))->used);
    EXPECT_EQ(run_task(this->store().find_idempotency(home, "s"))->answer, "");
    EXPECT_EQ(*run_task(this->store().find_setting(home, "s")), "v");
    EXPECT_EQ(run_task(this->store().all_data_keys())->front().wrapped, "w");
}

TYPED_TEST(StoreIsolation, RowsThatNeedAParentDoNotFindTheOneOfAnotherWorkspace) {
    auto connection = a_connection("abroad");
    connection.workspace = elsewhere;
    auto token = a_token();
    token.key.workspace = elsewhere;

    EXPECT_EQ(code_of(this->commit({app::InsertConnection{connection}}, elsewhere)), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::PutToken{token}}, elsewhere)), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::PutOperationItem{elsewhere, an_operation().id, {}}}, elsewhere)), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::UseOneTime{elsewhere, "connect", sha256("c"), at_start()}}, elsewhere)), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::EndRefresh{elsewhere, a_grant().id, 1, 1}}, elsewhere)), Errc::not_found);
}

TYPED_TEST(StoreIsolation, NamesOfOneWorkspaceAreFreeInAnother) {
    auto key = a_key();
    key.workspace = elsewhere;
    key.hash = sha256("another");
    auto registration = a_registration();
    registration.workspace = elsewhere;
    auto connection = a_connection();
    connection.workspace = elsewhere;

    EXPECT_EQ(code_of(this->commit({app::InsertKey{key}, app::InsertRegistration{registration}, app::InsertConnection{connection}}, elsewhere)), fine);
}

TYPED_TEST(StoreIsolation, AUnitIsAppliedWholeOrNotAtAll) {
    auto second = a_connection("second");
    auto changed = a_connection();
    changed.version = 2;
    const app::UnitOfWork failing{app::InsertConnection{second},     app::UpdateConnection{changed, 1},
                                  app::PutSetting{home, "s", "new"}, app::DeleteTokens{home, a_grant().id},
                                  app::AppendAudit{an_audit_row()},  app::UseOneTime{home, "connect", sha256("c"), at_start()},
                                  app::DeleteIdempotency{home, "s"}, app::UpdateKey{a_key(), 99}};

    EXPECT_EQ(code_of(this->commit(failing)), Errc::conflict);

    EXPECT_EQ(code_of(run_task(this->store().find_connection(home, second.name))), Errc::not_found);
    EXPECT_EQ(run_task(this->store().find_connection(home, changed.name))->version, 1u);
    EXPECT_EQ(*run_task(this->store().find_setting(home, "s")), "v");
    EXPECT_TRUE(run_task(this->store().find_token(a_token().key)));
    EXPECT_EQ(run_task(this->store().list_audit(home, {}, {}))->items.size(), 1u);
    EXPECT_FALSE(run_task(this->store().find_one_time("connect", sha256("c")))->used);
    EXPECT_TRUE(run_task(this->store().find_idempotency(home, "s")));
}

TYPED_TEST(StoreIsolation, TheInstallationMayTouchEveryWorkspaceAndAnEmptyUnitIsFine) {
    EXPECT_EQ(code_of(this->commit({app::PutDataKey{home, 1, "rewrapped", false}, app::PutSetting{{}, "vault.check", "x"}}, {})), fine);
    EXPECT_EQ(code_of(this->commit({app::PutSetting{{}, "setup", "done"}}, home)), fine);
    EXPECT_EQ(code_of(this->commit({})), fine);
}

}  // namespace
}  // namespace renkei::testing
