#include "tests/contract/store_world.hpp"

namespace renkei::testing {
namespace {

template <class World>
class StoreConnections : public StoreContract<World> {};
TYPED_TEST_SUITE(StoreConnections, StoreWorlds, StoreWorldNames);

core::ClientRegistration a_full_registration() {
    auto registration = a_registration("generic");
    registration.connector = "oauth";
    registration.auth_method = core::ClientAuthMethod::private_key_jwt;
    registration.credentials = {{3,
                                 {std::string("\0bytes\xff", 7)},
                                 "kid-3",
                                 at_start(),
                                 at_start() + std::chrono::hours(9),
                                 core::CredentialKind::certificate,
                                 {std::string(40, 'A'), std::string(64, 'B'), "CN=連携", "0C", at_start() - std::chrono::hours(1)}},
                                {2, {"a key"}, "", at_start(), std::nullopt, core::CredentialKind::private_key},
                                {1, {"older"}, "", at_start(), std::nullopt}};
    registration.assertion_algorithm = core::AssertionAlgorithm::rs256;
    registration.issuer = "https://issuer.example";
    registration.authorization_endpoint = "https://issuer.example/authorize";
    registration.token_endpoint = "https://issuer.example/token";
    return registration;
}

TYPED_TEST(StoreConnections, ARegistrationComesBackWithItsCredentialsInOrder) {
    this->given({app::InsertRegistration{a_full_registration()}, app::InsertRegistration{a_registration()}});

    EXPECT_EQ(show(*run_task(this->store().find_registration(home, a_full_registration().id))), show(a_full_registration()));
    EXPECT_EQ(show(*run_task(this->store().find_registration_by_name(home, a_name("generic")))), show(a_full_registration()));
    EXPECT_EQ(show(run_task(this->store().list_registrations(home, {"", 10}))->items), show(std::vector{a_full_registration(), a_registration()}));
}

TYPED_TEST(StoreConnections, ARegistrationNameIsTakenOnce) {
    this->given({app::InsertRegistration{a_registration()}});
    auto second = a_registration("second");
    second.name = a_registration().name;

    EXPECT_EQ(code_of(this->commit({app::InsertRegistration{second}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::InsertRegistration{a_registration()}})), Errc::conflict);
}

TYPED_TEST(StoreConnections, AnUpdatedRegistrationHasTheNewCredentialsOnly) {
    this->given({app::InsertRegistration{a_full_registration()}});
    auto changed = a_full_registration();
    changed.credentials = {{4, {"newest"}, "kid-4", at_start(), std::nullopt}, changed.credentials.front()};
    changed.client_id = "another";
    changed.auth_method = core::ClientAuthMethod::client_certificate;
    changed.assertion_algorithm = core::AssertionAlgorithm::ps256;
    changed.version = 2;

    EXPECT_EQ(code_of(this->commit({app::UpdateRegistration{changed, 9}})), Errc::conflict);
    EXPECT_EQ(show(*run_task(this->store().find_registration(home, changed.id))), show(a_full_registration()));
    EXPECT_EQ(code_of(this->commit({app::UpdateRegistration{changed, 1}})), fine);

    EXPECT_EQ(show(*run_task(this->store().find_registration(home, changed.id))), show(changed));
    EXPECT_EQ(code_of(this->commit({app::UpdateRegistration{a_registration("unknown"), 1}})), Errc::not_found);
}

TYPED_TEST(StoreConnections, ARegistrationCannotBeRenamedToATakenName) {
    this->given({app::InsertRegistration{a_registration("one")}, app::InsertRegistration{a_registration("two")}});
    auto renamed = a_registration("two");
    renamed.name = a_name("one");
    renamed.version = 2;

    EXPECT_EQ(code_of(this->commit({app::UpdateRegistration{renamed, 1}})), Errc::conflict);
}

TYPED_TEST(StoreConnections, ARegistrationInUseIsNotDeleted) {
    this->given(a_home_with_a_connection());
    const auto id = a_registration().id;

    EXPECT_EQ(code_of(this->commit({app::DeleteRegistration{home, id}})), Errc::conflict);
    EXPECT_TRUE(run_task(this->store().find_registration(home, id)));
    EXPECT_EQ(code_of(this->commit({app::DeleteConnection{home, a_connection().id}, app::DeleteRegistration{home, id}})), fine);
    EXPECT_EQ(code_of(run_task(this->store().find_registration(home, id))), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::DeleteRegistration{home, id}})), Errc::not_found);
}

TYPED_TEST(StoreConnections, AConnectionComesBackWithEveryMember) {
    auto connection = a_connection();
    connection.mode = core::ConnectionMode::authorization_code;
    connection.act_as = "user@acme.example";
    connection.fence.everything = true;
    connection.fence.mailboxes = {"a@acme.example", "b@acme.example"};
    connection.scopes = {"Mail.Read", "offline_access"};
    connection.owner = a_person().id;
    connection.state = core::ConnectionState::needs_user;
    connection.state_slug = "reconnect-required";
    connection.state_detail = "The person must sign in again. 日本語";
    connection.title = "";
    this->given({app::InsertRegistration{a_registration()}, app::InsertConnection{connection}});

    EXPECT_EQ(show(*run_task(this->store().find_connection(home, a_name("invoice-mail")))), show(connection));
    EXPECT_EQ(show(*run_task(this->store().find_connection_by_id(home, connection.id))), show(connection));
    EXPECT_EQ(code_of(run_task(this->store().find_connection(home, a_name("other")))), Errc::not_found);
}

TYPED_TEST(StoreConnections, AConnectionNeedsItsRegistration) { EXPECT_EQ(code_of(this->commit({app::InsertConnection{a_connection()}})), Errc::not_found); }

TYPED_TEST(StoreConnections, AConnectionNameIsTakenOnce) {
    this->given(a_home_with_a_connection());
    auto second = a_connection("second");
    second.name = a_connection().name;

    EXPECT_EQ(code_of(this->commit({app::InsertConnection{second}})), Errc::conflict);
    this->given({app::InsertConnection{a_connection("third")}});
    auto renamed = a_connection("third");
    renamed.name = a_connection().name;
    EXPECT_EQ(code_of(this->commit({app::UpdateConnection{renamed, 1}})), Errc::conflict);
}

TYPED_TEST(StoreConnections, AConnectionChangesOnlyFromTheVersionThatWasRead) {
    this->given(a_home_with_a_connection());
    auto paused = a_connection();
    paused.state = core::ConnectionState::paused;
    paused.fence.mailboxes.clear();
    paused.version = 2;
    paused.updated_at = at_start() + std::chrono::seconds(5);

    EXPECT_EQ(code_of(this->commit({app::UpdateConnection{paused, 2}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::UpdateConnection{paused, 1}})), fine);
    EXPECT_EQ(code_of(this->commit({app::UpdateConnection{paused, 1}})), Errc::conflict);

    EXPECT_EQ(show(*run_task(this->store().find_connection_by_id(home, paused.id))), show(paused));
    EXPECT_EQ(code_of(this->commit({app::UpdateConnection{a_connection("unknown"), 1}})), Errc::not_found);
}

TYPED_TEST(StoreConnections, ConnectionsArePagedByNameAndNoneIsSeenTwice) {
    this->given({app::InsertRegistration{a_registration()}});
    for (int i = 0; i < 25; ++i) this->given({app::InsertConnection{a_connection("c" + std::to_string(i))}});

    std::vector<std::string> seen;
    app::PageRequest request{"", 4};
    for (int pages = 0; pages < 10; ++pages) {
        auto page = run_task(this->store().list_connections(home, request));
        for (const auto& row : page->items) seen.push_back(row.name.text());
        request.after = page->next;
        // A row that comes in between does not move the pages.
        if (pages == 0) this->given({app::InsertConnection{a_connection("a-new-one")}});
        if (request.after.empty()) break;
    }

    EXPECT_EQ(seen.size(), 25u);
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_TRUE(std::ranges::adjacent_find(seen) == seen.end());
}

TYPED_TEST(StoreConnections, TheConnectionsOfARegistrationAreListed) {
    this->given({app::InsertRegistration{a_registration()}, app::InsertRegistration{a_registration("second")}});
    auto other = a_connection("other");
    other.registration = a_registration("second").id;
    this->given({app::InsertConnection{a_connection("b")}, app::InsertConnection{a_connection("a")}, app::InsertConnection{other}});

    EXPECT_EQ(each(*run_task(this->store().connections_of_registration(home, a_registration().id)), name_text), (std::vector<std::string>{"a", "b"}));
}

TYPED_TEST(StoreConnections, WithAConnectionGoItsGrantsTokensAndIntents) {
    this->given(a_home_with_a_connection());
    const auto grant = a_grant();
    this->given({app::InsertGrant{grant}, app::PutToken{a_token()}});
    auto lease = run_task(this->store().claim(home, app::refresh_lease_name(grant.id), "me", at_start(), std::chrono::seconds(30)));
    this->given({app::BeginRefresh{home, grant.id, 1, lease->fence, at_start()}});

    EXPECT_EQ(code_of(this->commit({app::DeleteConnection{home, a_connection().id}})), fine);

    EXPECT_EQ(code_of(run_task(this->store().find_connection_by_id(home, a_connection().id))), Errc::not_found);
    EXPECT_EQ(code_of(run_task(this->store().find_grant(home, grant.id))), Errc::not_found);
    EXPECT_EQ(code_of(run_task(this->store().find_token(a_token().key))), Errc::not_found);
    EXPECT_TRUE(run_task(this->store().all_intents())->empty());
    EXPECT_EQ(code_of(this->commit({app::DeleteConnection{home, a_connection().id}})), Errc::not_found);
}

}  // namespace
}  // namespace renkei::testing
