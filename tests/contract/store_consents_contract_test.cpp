#include "base/encoding.hpp"
#include "tests/contract/store_world.hpp"

namespace renkei::testing {

core::ConsentRequest a_consent(std::uint64_t number) {
    core::ConsentRequest row;
    row.workspace = home;
    row.id = id_of<core::ConsentId>(number);
    row.connection = a_connection().id;
    row.scopes = {"https://graph.example/Mail.Read", "openid"};
    row.asked_by = "hanako@acme.example";
    row.tenant = "tenant-1";
    row.link = sha256("link " + std::to_string(number));
    row.created_at = at_start() + std::chrono::seconds(number);
    row.expires_at = at_start() + std::chrono::days(7);
    return row;
}

namespace {

using namespace std::chrono_literals;

std::string show_consent(const core::ConsentRequest& row) {
    std::string scopes;
    for (const auto& scope : row.scopes) scopes += scope + ",";
    return row.workspace.text() + row.id.text() + row.connection.text() + scopes + row.asked_by + "|" + row.tenant + "|" +
           std::string(core::text_of(row.state)) + "|" + row.granted_tenant + "|" + row.reason + "|" + to_hex(row.link) + to_hex(row.browser) +
           iso_text(row.created_at) + iso_text(row.expires_at) + (row.decided_at ? iso_text(*row.decided_at) : "-") + std::to_string(row.version);
}

template <class World>
class StoreConsents : public StoreContract<World> {
protected:
    StoreConsents() { this->given(a_home_with_a_connection()); }
    Result<core::ConsentRequest> found(unsigned number = 1) { return run_task(this->store().find_consent(home, id_of<core::ConsentId>(number))); }
};
TYPED_TEST_SUITE(StoreConsents, StoreWorlds, StoreWorldNames);

TYPED_TEST(StoreConsents, B13_OneIsFoundByIdAndByTheHashOfItsLink) {
    this->given({app::InsertConsent{a_consent()}});

    EXPECT_EQ(show_consent(*this->found()), show_consent(a_consent()));
    EXPECT_EQ(show_consent(*run_task(this->store().find_consent_by_link(sha256("link 1")))), show_consent(a_consent()));
    EXPECT_EQ(code_of(run_task(this->store().find_consent_by_link(sha256("link 2")))), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::InsertConsent{a_consent()}})), Errc::conflict);
    auto same_link = a_consent(2);
    same_link.link = a_consent().link;
    EXPECT_EQ(code_of(this->commit({app::InsertConsent{same_link}})), Errc::conflict);
}

TYPED_TEST(StoreConsents, B13_OneChangesOnlyFromTheVersionThatWasRead) {
    this->given({app::InsertConsent{a_consent()}});
    auto decided = a_consent();
    decided.state = core::ConsentState::granted;
    decided.granted_tenant = "tenant-1";
    decided.browser = sha256("browser");
    decided.scopes = {"openid"};
    decided.decided_at = at_start() + 1h;
    decided.version = 2;

    EXPECT_EQ(code_of(this->commit({app::UpdateConsent{decided, 2}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::UpdateConsent{decided, 1}})), fine);
    EXPECT_EQ(show_consent(*this->found()), show_consent(decided));
    EXPECT_EQ(code_of(this->commit({app::UpdateConsent{decided, 1}})), Errc::conflict) << "decided twice";
    EXPECT_EQ(code_of(this->commit({app::UpdateConsent{a_consent(9), 1}})), Errc::not_found);
}

TYPED_TEST(StoreConsents, B13_AnotherWorkspaceKnowsNoneOfThem) {
    this->given({app::PutWorkspace{a_workspace(elsewhere, "other")}}, elsewhere);
    this->given({app::InsertConsent{a_consent()}});

    EXPECT_EQ(code_of(run_task(this->store().find_consent(elsewhere, a_consent().id))), Errc::not_found);
    EXPECT_TRUE(run_task(this->store().list_consents(elsewhere, {}))->items.empty());
    EXPECT_TRUE(run_task(this->store().consents_of(elsewhere, a_connection().id))->empty());
    auto theirs = a_consent(2);
    theirs.workspace = elsewhere;
    EXPECT_EQ(code_of(this->commit({app::InsertConsent{theirs}}, elsewhere)), Errc::not_found) << "the connection is another workspace's";
    EXPECT_EQ(code_of(this->commit({app::InsertConsent{a_consent(3)}}, elsewhere)), Errc::not_found) << "a row of another workspace";
}

TYPED_TEST(StoreConsents, B13_TheyAreListedNewestFirstInPages) {
    for (unsigned i = 1; i <= 5; ++i) this->given({app::InsertConsent{a_consent(i)}});
    const auto number = [](const core::ConsentRequest& row) { return row.id.bytes()[15]; };

    const auto first = run_task(this->store().list_consents(home, {"", 3}));
    const auto second = run_task(this->store().list_consents(home, {first->next, 3}));

    EXPECT_EQ(each(first->items, number), (std::vector<std::uint8_t>{5, 4, 3}));
    EXPECT_EQ(each(second->items, number), (std::vector<std::uint8_t>{2, 1}));
    EXPECT_EQ(second->next, "");
    EXPECT_EQ(each(*run_task(this->store().consents_of(home, a_connection().id)), number), (std::vector<std::uint8_t>{5, 4, 3, 2, 1}));
    for (const auto* cursor : {"x", "12", "12.zz", "."}) EXPECT_EQ(code_of(run_task(this->store().list_consents(home, {cursor, 3}))), Errc::bad_request);
}

TYPED_TEST(StoreConsents, B13_OneGoesWithItsConnectionAndLongAfterItsEnd) {
    this->given({app::InsertConsent{a_consent(1)}, app::InsertConsent{a_consent(2)}});
    auto later = a_consent(3);
    later.expires_at += 24h;
    this->given({app::InsertConsent{later}});

    EXPECT_EQ(*run_task(this->store().sweep(at_start() + 30 * 24h)), 0u) << "decided ones are worth reading for a while";
    EXPECT_EQ(*run_task(this->store().sweep(at_start() + 37 * 24h)), 2u);
    EXPECT_EQ(code_of(this->found(1)), Errc::not_found);
    EXPECT_EQ(code_of(this->found(3)), fine);

    this->given({app::DeleteConnection{home, a_connection().id}});
    EXPECT_EQ(code_of(this->found(3)), Errc::not_found);
}

TYPED_TEST(StoreConsents, U31_ARegistrationKeepsWhatItsTenantWasResolvedTo) {
    auto row = *run_task(this->store().find_registration(home, a_connection().registration));
    row.resolved_tenant = "8f1c6e0a-0000-4000-8000-000000000001";
    const auto before = row.version++;
    this->given({app::UpdateRegistration{row, before}});

    EXPECT_EQ(run_task(this->store().find_registration(home, row.id))->resolved_tenant, row.resolved_tenant);
}

}  // namespace
}  // namespace renkei::testing
