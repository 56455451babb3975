#include "adapters/storage/sqlite/rows.hpp"

#include "adapters/storage/sqlite/codec.hpp"

#include <cstring>

namespace renkei::sqlite {
namespace {

core::Name read_name(Use& row, int column) { return core::Name::parse(row.view(column)).value_or(core::Name{}); }
std::uint64_t read_count(Use& row, int column) { return static_cast<std::uint64_t>(row.number(column)); }
std::uint32_t read_small(Use& row, int column) { return static_cast<std::uint32_t>(row.number(column)); }

// Reads on, column after column.
class Cursor {
public:
    explicit Cursor(Use& row) : row_(row) {}
    int next() { return column_++; }
    std::string text() { return row_.text(next()); }
    core::Name name() { return read_name(row_, next()); }
    core::Sealed sealed() { return {row_.blob(next())}; }
    TimePoint time() { return row_.time(next()); }
    std::uint64_t count() { return read_count(row_, next()); }
    std::uint32_t small() { return read_small(row_, next()); }
    bool flag() { return row_.flag(next()); }
    std::vector<std::string> texts() { return decode_texts(row_.view(next())); }
    template <class IdType>
    void into(IdType& id) {
        id = row_.id<IdType>(next());
    }

private:
    Use& row_;
    int column_ = 0;
};

}  // namespace

core::Workspace read_workspace(Use& row) { return {row.id<core::WorkspaceId>(0), read_name(row, 1), row.text(2), row.time(3)}; }
core::Person read_person(Use& row) { return {row.id<core::PersonId>(0), row.text(1), row.text(2), row.text(3), row.text(4), row.time(5), read_count(row, 6)}; }
core::Membership read_membership(Use& row) {
    return {row.id<core::WorkspaceId>(0),
            row.id<core::PersonId>(1),
            decode_roles(row.view(2)),
            decode_groups(row.view(3)),
            row.flag(4),
            row.text(5),
            row.time(6),
            read_count(row, 7)};
}
core::Group read_group(Use& row) {
    return {row.id<core::WorkspaceId>(0), row.id<core::GroupId>(1), read_name(row, 2), row.text(3), row.maybe_id<core::GroupId>(4), read_count(row, 5)};
}
core::Session read_session(Use& row) {
    return {row.id<core::WorkspaceId>(0),
            row.id<core::SessionId>(1),
            row.id<core::PersonId>(2),
            row.digest(3),
            row.text(4),
            row.text(5),
            row.time(6),
            row.time(7),
            row.time(8),
            row.time(9)};
}
app::Member read_member(Use& row) {
    return {read_membership(row), {row.id<core::PersonId>(8), row.text(9), row.text(10), row.text(11), row.text(12), row.time(13), read_count(row, 14)}};
}
core::Folder read_folder(Use& row) {
    return {row.id<core::WorkspaceId>(0), row.id<core::FolderId>(1), read_name(row, 2), row.text(3), row.maybe_id<core::PersonId>(4), row.flag(5)};
}
core::FolderGrant read_folder_grant(Use& row) {
    return {row.id<core::WorkspaceId>(0), row.id<core::FolderId>(1), static_cast<core::FolderGrant::Holder>(row.number(2)), row.bytes16(3),
            static_cast<core::FolderRight>(row.number(4))};
}

core::ApiKey read_key(Use& row) {
    core::ApiKey key;
    key.workspace = row.id<core::WorkspaceId>(0);
    key.id = row.id<core::KeyId>(1);
    key.name = read_name(row, 2);
    key.hash = row.digest(3);
    key.rights = decode_rights(row.view(4));
    auto ranges = decode_ranges(row.view(5));
    if (ranges) {
        key.allowed_ranges = *std::move(ranges);
    } else {
        key.rights.clear();
    }
    key.created_by = row.maybe_id<core::PersonId>(6);
    key.created_at = row.time(7);
    key.expires_at = row.maybe_time(8);
    key.revoked_at = row.maybe_time(9);
    key.version = read_count(row, 10);
    return key;
}

core::ClientRegistration read_registration(Use& row) {
    core::ClientRegistration registration;
    registration.workspace = row.id<core::WorkspaceId>(0);
    registration.id = row.id<core::RegistrationId>(1);
    registration.name = read_name(row, 2);
    registration.connector = row.text(3);
    registration.cloud = row.text(4);
    registration.tenant = row.text(5);
    registration.client_id = row.text(6);
    registration.auth_method = core::parse_client_auth_method(row.view(7)).value_or(core::ClientAuthMethod::none);
    registration.issuer = row.text(8);
    registration.authorization_endpoint = row.text(9);
    registration.token_endpoint = row.text(10);
    registration.version = read_count(row, 11);
    registration.created_at = row.time(12);
    registration.assertion_algorithm = core::parse_assertion_algorithm(row.view(13)).value_or(core::AssertionAlgorithm::ps256);
    registration.resolved_tenant = row.text(14);
    registration.sources = decode_sources(row.view(15));
    return registration;
}

core::CredentialVersion read_credential(Use& row) {
    return {read_small(row, 0),
            {row.blob(1)},
            row.text(2),
            row.time(3),
            row.maybe_time(4),
            core::parse_credential_kind(row.view(5)).value_or(core::CredentialKind::secret),
            {row.text(6), row.text(7), row.text(8), row.text(9), row.maybe_time(10)},
            row.text(11),
            row.text(12)};
}

core::Connection read_connection(Use& row) {
    core::Connection connection;
    connection.workspace = row.id<core::WorkspaceId>(0);
    connection.id = row.id<core::ConnectionId>(1);
    connection.name = read_name(row, 2);
    connection.title = row.text(3);
    connection.connector = row.text(4);
    connection.registration = row.id<core::RegistrationId>(5);
    connection.mode = core::parse_connection_mode(row.view(6)).value_or(core::ConnectionMode::client_credentials);
    connection.act_as = row.text(7);
    connection.mailbox = row.text(8);
    connection.scopes = decode_texts(row.view(9));
    connection.fence = decode_fence(row.view(11), row.flag(10));
    connection.owner = row.maybe_id<core::PersonId>(12);
    connection.folder = row.id<core::FolderId>(13);
    connection.state = core::parse_connection_state(row.view(14)).value_or(core::ConnectionState::paused);
    connection.state_slug = row.text(15);
    connection.state_detail = row.text(16);
    connection.version = read_count(row, 17);
    connection.created_at = row.time(18);
    connection.updated_at = row.time(19);
    connection.token_type = core::parse_token_type(row.view(20)).value_or(core::TokenType::user_specific);
    connection.managed_by = row.maybe_id<core::ConnectionId>(21);
    connection.sources = decode_sources(row.view(22));
    return connection;
}

core::Permission read_permission(Use& row) {
    return {row.id<core::WorkspaceId>(0),
            row.id<core::PermissionId>(1),
            row.id<core::ConnectionId>(2),
            row.maybe_id<core::PersonId>(3),
            static_cast<core::Principal::Kind>(row.number(4)),
            row.bytes16(5),
            decode_actions(row.view(6)),
            row.maybe_time(7),
            row.text(8),
            row.time(9)};
}

core::Grant read_grant(Use& row) {
    core::Grant grant;
    Cursor from(row);
    from.into(grant.workspace);
    from.into(grant.id);
    from.into(grant.connection);
    grant.subject_kind = static_cast<core::SubjectKind>(from.count());
    grant.subject = from.text();
    grant.generation = from.count();
    grant.refresh_token = from.sealed();
    grant.previous_refresh_token = from.sealed();
    grant.proven = from.flag();
    grant.credential_version = from.small();
    grant.scopes = from.texts();
    grant.identity = {from.text(), from.text(), from.text(), from.text()};
    grant.state = grant_state_of(from.text());
    grant.failure_slug = from.text();
    grant.created_at = from.time();
    grant.updated_at = from.time();
    grant.last_used_at = from.time();
    return grant;
}

core::StoredToken read_token(Use& row) {
    core::StoredToken token;
    Cursor from(row);
    from.into(token.key.workspace);
    from.into(token.key.grant);
    token.key.audience = from.text();
    token.key.scope_set = from.text();
    token.token = from.sealed();
    token.generation = from.count();
    token.obtained_at = from.time();
    token.expires_at = from.time();
    token.scopes = from.text();
    return token;
}

app::RefreshIntent read_intent(Use& row) {
    return {row.id<core::WorkspaceId>(0), row.id<core::GrantId>(1), read_count(row, 2), read_count(row, 3), row.time(4)};
}

core::Operation read_operation(Use& row) {
    core::Operation operation;
    Cursor from(row);
    from.into(operation.workspace);
    from.into(operation.id);
    operation.kind = from.text();
    operation.request = from.text();
    operation.state = operation_state_of(from.text());
    operation.done = from.count();
    operation.total = from.count();
    operation.cancel_requested = from.flag();
    operation.principal_name = from.text();
    operation.failure_slug = from.text();
    operation.created_at = from.time();
    operation.updated_at = from.time();
    operation.expires_at = from.time();
    operation.version = from.count();
    return operation;
}

core::OperationItem read_item(Use& row) { return {read_count(row, 0), row.text(1), row.flag(2), row.text(3), row.text(4)}; }

core::ConsentRequest read_consent(Use& row) {
    core::ConsentRequest consent;
    Cursor from(row);
    from.into(consent.workspace);
    from.into(consent.id);
    from.into(consent.connection);
    consent.scopes = from.texts();
    consent.asked_by = from.text();
    consent.tenant = from.text();
    consent.state = core::parse_consent_state(from.text()).value_or(core::ConsentState::expired);
    consent.granted_tenant = from.text();
    consent.reason = from.text();
    consent.link = row.digest(from.next());
    consent.browser = row.digest(from.next());
    consent.created_at = from.time();
    consent.expires_at = from.time();
    consent.decided_at = row.maybe_time(from.next());
    consent.version = from.count();
    return consent;
}

core::Run read_run(Use& row) {
    core::Run run;
    run.workspace = row.id<core::WorkspaceId>(0);
    run.id = row.id<core::RunId>(1);
    const auto path = row.blob(2);
    for (std::size_t at = 0; at + sizeof(IdBytes) <= path.size(); at += sizeof(IdBytes)) {
        IdBytes bytes;
        std::memcpy(bytes.data(), path.data() + at, bytes.size());
        run.path.emplace_back(bytes);
    }
    run.name = row.text(3);
    run.key = row.id<core::KeyId>(4);
    run.hash = row.digest(5);
    run.created_at = row.time(6);
    run.ends_at = row.time(7);
    run.ended_at = row.maybe_time(8);
    return run;
}

core::AutomationSession read_automation_session(Use& row) {
    core::AutomationSession session;
    session.workspace = row.id<core::WorkspaceId>(0);
    session.id = row.id<core::AutomationSessionId>(1);
    session.kind = core::parse_session_kind(row.view(2)).value_or(core::SessionKind::local);
    if (!row.view(3).empty()) session.name = read_name(row, 3);
    session.run = row.id<core::RunId>(4);
    session.key = row.id<core::KeyId>(5);
    session.connection = row.id<core::ConnectionId>(6);
    session.connection_name = read_name(row, 7);
    session.actions = decode_actions(row.view(8));
    session.mailbox = row.text(9);
    session.act_as = row.text(10);
    session.hash = row.digest(11);
    session.created_at = row.time(12);
    session.ends_at = row.time(13);
    session.ended_at = row.maybe_time(14);
    session.ended_because = row.text(15);
    return session;
}

core::StoredCredential read_stored_credential(Use& row) {
    core::StoredCredential credential;
    credential.workspace = row.id<core::WorkspaceId>(0);
    credential.id = row.id<core::StoredCredentialId>(1);
    credential.name = read_name(row, 2);
    credential.title = row.text(3);
    credential.version = read_count(row, 4);
    credential.created_at = row.time(5);
    return credential;
}

core::Variable read_variable(Use& row) {
    core::Variable variable;
    variable.workspace = row.id<core::WorkspaceId>(0);
    variable.name = read_name(row, 1);
    variable.type = core::parse_variable_type(row.view(2)).value_or(core::VariableType::text);
    variable.value = row.text(3);
    variable.version = read_count(row, 4);
    variable.updated_at = row.time(5);
    return variable;
}

core::ExternalVault read_external_vault(Use& row) {
    core::ExternalVault vault;
    vault.workspace = row.id<core::WorkspaceId>(0);
    vault.id = row.id<core::ExternalVaultId>(1);
    vault.name = read_name(row, 2);
    vault.kind = core::parse_external_vault_kind(row.view(3)).value_or(core::ExternalVaultKind::https);
    vault.auth = core::parse_external_vault_auth(row.view(4)).value_or(core::ExternalVaultAuth::token);
    vault.address = row.text(5);
    vault.mount = row.text(6);
    vault.vault_space = row.text(7);
    vault.tenant = row.text(8);
    vault.cloud = row.text(9);
    vault.auth_id = row.text(10);
    vault.auth_secret = {row.blob(11)};
    vault.cache_time = std::chrono::seconds(row.number(12));
    vault.state_slug = row.text(13);
    vault.checked_at = row.maybe_time(14);
    vault.version = read_count(row, 15);
    vault.secret_version = read_count(row, 16);
    vault.created_at = row.time(17);
    return vault;
}

core::AuditRow read_audit(Use& row) {
    core::AuditRow audit;
    Cursor from(row);
    from.into(audit.workspace);
    audit.sequence = from.count();
    audit.at = from.time();
    audit.principal_kind = static_cast<core::Principal::Kind>(from.count());
    audit.principal_id = row.bytes16(from.next());
    audit.principal_name = from.text();
    audit.run = from.text();
    audit.action = from.text();
    audit.target = from.text();
    audit.allowed = from.flag();
    audit.reason = from.text();
    audit.credential_version = from.small();
    audit.request_id = from.text();
    audit.previous_hash = row.digest(from.next());
    audit.hash = row.digest(from.next());
    return audit;
}

}  // namespace renkei::sqlite
