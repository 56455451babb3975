#include "tests/support/builders.hpp"

#include <stdexcept>

namespace renkei::testing {
namespace {

template <class IdType>
IdType id_from(std::string_view kind, std::string_view name) {
    const auto digest = sha256(std::string(kind) + ':' + std::string(name));
    IdBytes bytes;
    std::copy_n(digest.begin(), bytes.size(), bytes.begin());
    return IdType(bytes);
}

}  // namespace

core::Name a_name(std::string_view text) {
    auto name = core::Name::parse(text);
    if (!name) throw std::invalid_argument("not a name: " + std::string(text));
    return *name;
}

core::Workspace a_workspace(core::WorkspaceId id, std::string_view name) { return {id, a_name(name), "Acme Trading", at_start()}; }

core::Person a_person(std::uint64_t number, std::string email) {
    return {id_of<core::PersonId>(number), std::move(email), "Hanako Yamada", "$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA", "ja", at_start()};
}

core::Folder a_folder(std::string_view name) { return {home, id_from<core::FolderId>("folder", name), a_name(name), "Shared", std::nullopt, false}; }

core::ApiKey a_key(std::string_view name) {
    core::ApiKey key;
    key.workspace = home;
    key.id = id_from<core::KeyId>("key", name);
    key.name = a_name(name);
    key.hash = sha256(name);
    key.rights = {{{core::Action::mail_read, core::Action::mail_send}, {}, {}, {}, {}, {}}};
    key.created_at = at_start();
    return key;
}

core::ClientRegistration a_registration(std::string_view name) {
    core::ClientRegistration registration;
    registration.workspace = home;
    registration.id = id_from<core::RegistrationId>("registration", name);
    registration.name = a_name(name);
    registration.connector = "microsoft";
    registration.cloud = "global";
    registration.tenant = "common";
    registration.client_id = "6731de76-14a6-49ae-97bc-6eba6914391e";
    registration.credentials = {{1, {"sealed client secret"}, "", at_start(), std::nullopt}};
    registration.created_at = at_start();
    return registration;
}

core::Connection a_connection(std::string_view name) {
    core::Connection connection;
    connection.workspace = home;
    connection.id = id_from<core::ConnectionId>("connection", name);
    connection.name = a_name(name);
    connection.title = "Invoices";
    connection.connector = "microsoft";
    connection.registration = a_registration().id;
    connection.mailbox = "invoice@acme.example";
    connection.scopes = {"https://graph.microsoft.com/.default"};
    connection.fence.mailboxes = {"invoice@acme.example"};
    connection.folder = a_folder().id;
    connection.state = core::ConnectionState::active;
    connection.created_at = connection.updated_at = at_start();
    return connection;
}

core::Connection a_connection_below(const core::Connection& above, const core::Person& person) {
    auto connection = above;
    connection.name = a_name(above.name.text() + "." + person.email.substr(0, person.email.find('@')));
    connection.id = id_from<core::ConnectionId>("connection", connection.name.text());
    connection.token_type = core::TokenType::shared;
    connection.managed_by = above.id;
    connection.mode = core::ConnectionMode::authorization_code;
    connection.owner = person.id;
    connection.act_as = connection.mailbox = person.email;
    connection.fence.mailboxes = {person.email};
    return connection;
}

core::Permission a_permission(const core::Connection& connection, std::optional<core::PersonId> person) {
    core::Permission permission;
    permission.workspace = connection.workspace;
    permission.id = id_from<core::PermissionId>("permission", connection.name.text() + (person ? person->text() : "rule"));
    permission.connection = connection.id;
    permission.person = person;
    permission.holder_id = a_key().id.bytes();
    permission.actions = {core::Action::mail_read};
    permission.given_by = "hanako@acme.example";
    permission.created_at = at_start();
    return permission;
}

core::Grant a_grant(const core::Connection& connection) {
    core::Grant grant;
    grant.workspace = connection.workspace;
    grant.id = id_from<core::GrantId>("grant", connection.name.text());
    grant.connection = connection.id;
    grant.generation = 1;
    grant.credential_version = 1;
    grant.scopes = connection.scopes;
    grant.created_at = grant.updated_at = grant.last_used_at = at_start();
    return grant;
}

core::StoredToken a_token(const core::Grant& grant) {
    core::StoredToken token;
    token.key = {grant.workspace, grant.id, "https://graph.microsoft.com", ""};
    token.token = {"sealed access token"};
    token.generation = grant.generation;
    token.obtained_at = at_start();
    token.expires_at = at_start() + std::chrono::hours(1);
    token.scopes = "https://graph.microsoft.com/.default";
    return token;
}

core::Operation an_operation(std::uint64_t number) {
    core::Operation operation;
    operation.workspace = home;
    operation.id = id_of<core::OperationId>(number);
    operation.kind = "connections.check";
    operation.request = "{}";
    operation.total = 3;
    operation.principal_name = "robot";
    operation.created_at = operation.updated_at = at_start();
    operation.expires_at = at_start() + std::chrono::hours(24);
    return operation;
}

core::AuditRow an_audit_row(std::string_view action, std::string_view target) {
    core::AuditRow row;
    row.workspace = home;
    row.at = at_start();
    row.principal_kind = core::Principal::Kind::key;
    row.principal_id = a_key().id.bytes();
    row.principal_name = "robot";
    row.action = action;
    row.target = target;
    row.request_id = "req-1";
    return row;
}

app::UnitOfWork a_home_with_a_connection() {
    return {app::PutWorkspace{a_workspace()}, app::InsertRegistration{a_registration()}, app::InsertConnection{a_connection()}};
}

core::Run a_run(std::uint64_t number) {
    core::Run run;
    run.workspace = home;
    run.id = id_of<core::RunId>(700 + number);
    run.path = {run.id};
    run.name = "nightly";
    run.key = a_key().id;
    run.hash = sha256("run " + std::to_string(number));
    run.created_at = at_start();
    run.ends_at = at_start() + std::chrono::hours(24);
    return run;
}

core::Run a_run_below(const core::Run& parent, std::uint64_t number) {
    auto run = a_run(number);
    run.path = parent.path;
    run.path.push_back(run.id);
    return run;
}

core::AutomationSession an_automation_session(std::uint64_t number) {
    core::AutomationSession session;
    session.workspace = home;
    session.id = id_of<core::AutomationSessionId>(800 + number);
    session.kind = core::SessionKind::global;
    session.name = a_name("mail-" + std::to_string(number));
    session.run = a_run().id;
    session.key = a_key().id;
    session.connection = a_connection().id;
    session.connection_name = a_connection().name;
    session.actions = {core::Action::mail_read, core::Action::mail_send};
    session.mailbox = "invoice@acme.example";
    session.hash = sha256("session " + std::to_string(number));
    session.created_at = at_start();
    session.ends_at = at_start() + std::chrono::hours(8);
    return session;
}

core::StoredCredential a_stored_credential(std::string_view name) {
    core::StoredCredential row;
    row.workspace = home;
    row.id = id_of<core::StoredCredentialId>(900 + name.size());
    row.name = a_name(name);
    row.title = "経費";
    row.versions = {{2, {"sealed 2"}, at_start(), at_start() + std::chrono::hours(1)}, {1, {"sealed 1"}, at_start(), std::nullopt}};
    row.created_at = at_start();
    return row;
}

core::Variable a_variable(std::string_view name) { return {home, a_name(name), core::VariableType::text, "invoice@acme.example", 1, at_start()}; }

core::ExternalVault an_external_vault(std::string_view name) {
    core::ExternalVault vault;
    vault.workspace = home;
    vault.id = id_of<core::ExternalVaultId>(950 + name.size());
    vault.name = a_name(name);
    vault.auth = core::ExternalVaultAuth::app_role;
    vault.address = "https://vault.acme.example";
    vault.mount = "secret";
    vault.auth_id = "role";
    vault.auth_secret = {"sealed"};
    vault.created_at = at_start();
    return vault;
}

}  // namespace renkei::testing
