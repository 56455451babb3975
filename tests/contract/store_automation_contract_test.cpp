// Runs, sessions and values: every store alike.
#include "tests/contract/store_world.hpp"

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;

std::string show_run(const core::Run& run) {
    std::string out = run.id.text() + run.name + run.key.text() + to_hex(run.hash) + iso_text(run.created_at) + iso_text(run.ends_at);
    for (const auto& above : run.path) out += " " + above.text();
    return out + (run.ended_at ? " ended " + iso_text(*run.ended_at) : "");
}

std::string show_session(const core::AutomationSession& one) {
    std::string out = one.id.text() + std::string(core::text_of(one.kind)) + (one.name ? one.name->text() : "-") + one.run.text() + one.key.text() +
                      one.connection.text() + one.connection_name.text() + one.mailbox + one.act_as + to_hex(one.hash) + iso_text(one.ends_at) +
                      one.ended_because;
    for (const auto action : one.actions) out += core::text_of(action);
    return out + (one.ended_at ? iso_text(*one.ended_at) : "");
}

template <class World>
class StoreAutomation : public StoreContract<World> {
protected:
    void SetUp() override {
        this->given(a_home_with_a_connection());
        this->given({app::InsertKey{a_key()}, app::InsertRun{a_run()}});
    }
    core::AutomationSession session(std::uint64_t number = 1) {
        return *run_task(this->store().find_automation_session(home, an_automation_session(number).id));
    }
};
TYPED_TEST_SUITE(StoreAutomation, StoreWorlds, StoreWorldNames);

TYPED_TEST(StoreAutomation, A60_KeepsEveryMemberOfRunsAndSessions) {
    const auto child = a_run_below(a_run(), 2);
    this->given({app::InsertRun{child}, app::InsertAutomationSession{an_automation_session()}});

    EXPECT_EQ(show_run(*run_task(this->store().find_run(home, child.id))), show_run(child));
    EXPECT_EQ(show_run(*run_task(this->store().find_run_by_hash(child.hash))), show_run(child));
    EXPECT_EQ(show_session(this->session()), show_session(an_automation_session()));
    EXPECT_EQ(show_session(*run_task(this->store().find_automation_session_by_hash(an_automation_session().hash))), show_session(an_automation_session()));
    EXPECT_EQ(run_task(this->store().list_runs(home, {}))->items.size(), 2u);
    auto page = run_task(this->store().list_runs(home, {"", 1}));
    ASSERT_FALSE(page->next.empty());
    EXPECT_EQ(run_task(this->store().list_runs(home, {page->next, 1}))->items.size(), 1u);
    EXPECT_EQ(code_of(run_task(this->store().list_runs(home, {"nonsense", 1}))), Errc::bad_request);
}

TYPED_TEST(StoreAutomation, A60_AChildNeedsALiveParent) {
    const auto orphan = a_run_below(a_run(5), 6);
    EXPECT_EQ(code_of(this->commit({app::InsertRun{orphan}})), Errc::conflict);
    auto late = a_run_below(a_run(), 7);
    late.created_at = a_run().ends_at;
    EXPECT_EQ(code_of(this->commit({app::InsertRun{late}})), Errc::conflict) << "its parent's time is over";
    auto detached = a_run(8);
    detached.path = {a_run().id};
    EXPECT_EQ(code_of(this->commit({app::InsertRun{detached}})), Errc::conflict) << "a path ends with the run itself";
}

TYPED_TEST(StoreAutomation, A60_EndingARunEndsAllBelowAndTheirSessionsAndNoOthers) {
    const auto child = a_run_below(a_run(), 2);
    const auto grandchild = a_run_below(child, 3);
    const auto other = a_run_below(a_run(), 4);
    auto below = an_automation_session(2), beside = an_automation_session(3);
    below.run = grandchild.id;
    beside.run = other.id;
    this->given({app::InsertRun{child}, app::InsertRun{grandchild}, app::InsertRun{other}, app::InsertAutomationSession{an_automation_session()},
                 app::InsertAutomationSession{below}, app::InsertAutomationSession{beside}});

    EXPECT_EQ(code_of(this->commit({app::EndRun{home, child.id, at_start() + 1h}})), fine);

    EXPECT_EQ(run_task(this->store().find_run(home, grandchild.id))->ended_at, at_start() + 1h);
    EXPECT_EQ(this->session(2).ended_because, "run");
    EXPECT_FALSE(run_task(this->store().find_run(home, a_run().id))->ended_at);
    EXPECT_FALSE(run_task(this->store().find_run(home, other.id))->ended_at);
    EXPECT_FALSE(this->session(1).ended_at);
    EXPECT_FALSE(this->session(3).ended_at);
    EXPECT_EQ(code_of(this->commit({app::EndRun{home, child.id, at_start() + 2h}})), fine);
    EXPECT_EQ(run_task(this->store().find_run(home, child.id))->ended_at, at_start() + 1h) << "the first end counts";
    EXPECT_EQ(code_of(this->commit({app::InsertRun{a_run_below(child, 9)}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::EndRun{home, a_run(99).id, at_start()}})), Errc::not_found);
}

TYPED_TEST(StoreAutomation, A60_ARunHasALiveGlobalSessionOfANameOnce) {
    auto same = an_automation_session(2);
    same.name = an_automation_session().name;
    this->given({app::InsertAutomationSession{an_automation_session()}});
    EXPECT_EQ(code_of(this->commit({app::InsertAutomationSession{same}})), Errc::conflict);

    this->given({app::EndAutomationSession{home, an_automation_session().id, at_start(), "hand"}});

    EXPECT_EQ(code_of(this->commit({app::InsertAutomationSession{same}})), fine);
    const auto named = run_task(this->store().global_sessions_named(home, *same.name, {a_run().id}, at_start()));
    ASSERT_EQ(named->size(), 1u);
    EXPECT_EQ(named->front().id, same.id);
    EXPECT_TRUE(run_task(this->store().global_sessions_named(home, *same.name, {a_run(2).id}, at_start()))->empty());
    EXPECT_TRUE(run_task(this->store().global_sessions_named(home, *same.name, {a_run().id}, same.ends_at))->empty());
    EXPECT_EQ(code_of(this->commit({app::EndAutomationSession{home, an_automation_session(9).id, at_start(), "hand"}})), Errc::not_found);
}

TYPED_TEST(StoreAutomation, A60_EndsWithItsKeyAndGoesWithItsConnection) {
    this->given({app::InsertAutomationSession{an_automation_session()}});
    auto key = a_key();
    key.revoked_at = at_start() + 1h;
    key.version = 2;
    this->given({app::UpdateKey{key, 1}});
    EXPECT_EQ(this->session().ended_because, "key");
    EXPECT_EQ(run_task(this->store().find_run(home, a_run().id))->ended_at, key.revoked_at);

    this->given({app::DeleteConnection{home, a_connection().id}});
    EXPECT_EQ(code_of(run_task(this->store().find_automation_session(home, an_automation_session().id))), Errc::not_found);
}

TYPED_TEST(StoreAutomation, A60_EndedRunsAreSweptAfterAWeek) {
    this->given({app::InsertAutomationSession{an_automation_session()}, app::EndRun{home, a_run().id, at_start()}});
    EXPECT_TRUE(run_task(this->store().sweep(at_start() + 24h * 6)));
    EXPECT_TRUE(run_task(this->store().find_run(home, a_run().id)));
    EXPECT_TRUE(run_task(this->store().sweep(at_start() + 24h * 7)));
    EXPECT_EQ(code_of(run_task(this->store().find_run(home, a_run().id))), Errc::not_found);
    EXPECT_EQ(code_of(run_task(this->store().find_automation_session(home, an_automation_session().id))), Errc::not_found);
}

TYPED_TEST(StoreAutomation, A32_KeepsStoredCredentialsWithTheirVersions) {
    this->given({app::InsertStoredCredential{a_stored_credential()}});
    auto row = *run_task(this->store().find_stored_credential(home, a_stored_credential().name));
    ASSERT_EQ(row.versions.size(), 2u);
    EXPECT_EQ(row.versions.front().value.bytes, "sealed 2");
    EXPECT_EQ(row.versions.front().expires_at, at_start() + 1h);
    EXPECT_EQ(row.title, "経費");

    row.versions.insert(row.versions.begin(), {3, {"sealed 3"}, at_start(), std::nullopt});
    row.version = 2;
    EXPECT_EQ(code_of(this->commit({app::UpdateStoredCredential{row, 7}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::UpdateStoredCredential{row, 1}})), fine);
    EXPECT_EQ(run_task(this->store().list_stored_credentials(home, {}))->items.front().versions.size(), 3u);
    auto taken = a_stored_credential();
    taken.id = id_of<core::StoredCredentialId>(1);
    EXPECT_EQ(code_of(this->commit({app::InsertStoredCredential{taken}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::DeleteStoredCredential{home, row.id}})), fine);
    EXPECT_EQ(code_of(this->commit({app::DeleteStoredCredential{home, row.id}})), Errc::not_found);
}

TYPED_TEST(StoreAutomation, A32_AVariableIsReplacedAndItsVersionGrows) {
    this->given({app::PutVariable{a_variable()}});
    auto changed = a_variable();
    changed.value = "7";
    changed.type = core::VariableType::number;
    this->given({app::PutVariable{changed}});

    const auto row = *run_task(this->store().find_variable(home, a_variable().name));
    EXPECT_EQ(row.value, "7");
    EXPECT_EQ(row.type, core::VariableType::number);
    EXPECT_EQ(row.version, 2u);
    EXPECT_EQ(code_of(this->commit({app::DeleteVariable{home, a_variable().name}})), fine);
    EXPECT_EQ(code_of(this->commit({app::DeleteVariable{home, a_variable().name}})), Errc::not_found);
}

TYPED_TEST(StoreAutomation, A32_KeepsExternalVaultsAndReferencesOfRegistrationsAndConnections) {
    auto vault = an_external_vault();
    this->given({app::InsertExternalVault{vault}});
    vault.state_slug = "external-vault-sealed";
    vault.checked_at = at_start();
    vault.version = 2;
    EXPECT_EQ(code_of(this->commit({app::UpdateExternalVault{vault, 1}})), fine);
    const auto found = *run_task(this->store().find_external_vault(home, vault.name));
    EXPECT_EQ(found.state_slug, vault.state_slug);
    EXPECT_EQ(found.auth_secret.bytes, "sealed");
    EXPECT_EQ(found.auth, core::ExternalVaultAuth::app_role);
    EXPECT_EQ(found.cache_time, 300s);

    auto registration = a_registration("by-reference");
    registration.id = id_of<core::RegistrationId>(77);
    registration.sources = {{"client_id", "credential:app-id"}, {"tenant", "variable:t"}};
    registration.credentials.front().source = "vault:corp/app#secret";
    registration.credentials.front().bound_to = "microsoft https://login.example";
    this->given({app::InsertRegistration{registration}});
    const auto read = *run_task(this->store().find_registration(home, registration.id));
    EXPECT_EQ(read.sources, registration.sources);
    EXPECT_EQ(read.credentials.front().source, "vault:corp/app#secret");
    EXPECT_EQ(read.credentials.front().bound_to, registration.credentials.front().bound_to);
    auto connection = *run_task(this->store().find_connection_by_id(home, a_connection().id));
    connection.sources = {{"mailbox", "variable:box"}};
    const auto before = connection.version++;
    this->given({app::UpdateConnection{connection, before}});
    EXPECT_EQ(run_task(this->store().find_connection_by_id(home, connection.id))->sources, connection.sources);
}

}  // namespace
}  // namespace renkei::testing
