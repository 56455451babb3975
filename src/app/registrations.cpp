#include "app/registrations.hpp"

#include "app/ports/seal_places.hpp"
#include "app/token_endpoint.hpp"

namespace renkei::app {
namespace {

constexpr std::size_t most_credentials = 8;

}  // namespace

Task<Result<void>> Registrations::put_credential(std::shared_ptr<core::ClientRegistration> registration, NewCredential credential) {
    if (registration->auth_method == core::ClientAuthMethod::none) {
        if (credential.client_secret) co_return bad_field("client_secret", "`client_secret` does not go with none");
        if (credential.private_key || !credential.key_id.empty()) co_return bad_field("private_key", "`private_key` and `key_id` belong to private_key_jwt");
        if (credential.client_certificate) co_return bad_field("client_certificate", "`client_certificate` does not go with none");
        co_return Result<void>{};
    }
    const auto now = n_.clock.now();
    auto work = [method = registration->auth_method, credential = std::move(credential), now]() mutable {
        return check_credential(method, std::move(credential), now);
    };
    auto checked = co_await run_blocking(n_.pool, std::move(work));
    if (!checked) co_return propagate(checked);
    auto& row = checked->row;
    row.version = registration->credentials.empty() ? 1 : registration->credentials.front().version + 1;
    row.created_at = now;
    auto sealed = n_.vault.seal(credential_place(registration->workspace, registration->id, row.version), checked->material);
    if (!sealed) co_return propagate(sealed);
    row.material = std::move(*sealed);
    registration->credentials.insert(registration->credentials.begin(), std::move(row));
    co_return Result<void>{};
}

Task<Result<core::ClientRegistration>> Registrations::create(By by, CreateRegistration wanted, UnitOfWork also) {
    auto fitted = fit_registration(n_.catalog, wanted);
    if (!fitted) co_return propagate(fitted);
    const auto row = std::make_shared<core::ClientRegistration>(std::move(*fitted));
    row->workspace = by.principal.workspace;
    row->id = n_.random.make<core::RegistrationId>();
    row->created_at = n_.clock.now();
    if (auto put = co_await put_credential(row, std::move(wanted.credential)); !put) co_return propagate(put);
    auto unit = std::move(also);
    unit.push_back(InsertRegistration{*row});
    unit.push_back(AppendAudit{audit_row(by, row->created_at, "registration.create", target_of("registration", row->name.text()), std::string(by_right),
                                         row->credentials.empty() ? 0 : 1)});
    auto stored = co_await n_.store.commit(by.principal.workspace, std::move(unit));
    if (!stored && stored.error().code == Errc::conflict)
        co_return fail(Error{Errc::conflict, "there is a client registration " + row->name.text() + " already", {{"field", "name"}}});
    if (!stored) co_return propagate(stored);
    co_return std::move(*row);
}

Task<Result<core::ClientRegistration>> Registrations::show(By by, core::Name name) {
    co_return co_await n_.store.find_registration_by_name(by.principal.workspace, std::move(name));
}

Task<Result<Page<core::ClientRegistration>>> Registrations::list(By by, PageRequest page) {
    co_return co_await n_.store.list_registrations(by.principal.workspace, std::move(page));
}

Task<Result<core::ClientRegistration>> Registrations::add_credential(By by, core::Name name, NewCredential credential, std::optional<std::uint64_t> expected,
                                                                     UnitOfWork also) {
    auto found = co_await n_.store.find_registration_by_name(by.principal.workspace, name);
    if (!found) co_return propagate(found);
    const auto row = std::make_shared<core::ClientRegistration>(std::move(*found));
    if (expected && *expected != row->version) co_return fail(Errc::precondition_failed, "the client registration was changed meanwhile");
    if (row->auth_method == core::ClientAuthMethod::none) co_return bad_field("auth_method", "this client registration has no credential");
    if (row->credentials.size() >= most_credentials) co_return fail(Errc::conflict, "a client registration keeps at most 8 credentials");
    auto method = method_with(n_.catalog, *row, credential);
    if (!method) co_return propagate(method);
    row->auth_method = *method;
    if (auto put = co_await put_credential(row, std::move(credential)); !put) co_return propagate(put);
    const auto version = row->credentials.front().version;
    const auto before = row->version++;
    auto unit = co_await reopen_connections(by, *row, version);
    if (!unit) co_return propagate(unit);
    for (auto& change : also) unit->push_back(std::move(change));
    unit->push_back(UpdateRegistration{*row, before});
    unit->push_back(
        AppendAudit{audit_row(by, n_.clock.now(), "registration.credential.add", target_of("registration", name.text()), std::string(by_right), version)});
    if (auto stored = co_await n_.store.commit(by.principal.workspace, *std::move(unit)); !stored) co_return propagate(stored);
    co_return std::move(*row);
}

// What waited for a new secret is tried again at its next use; if the new one does not work either, that use says so.
Task<Result<UnitOfWork>> Registrations::reopen_connections(By by, core::ClientRegistration registration, std::uint32_t version) {
    UnitOfWork unit;
    auto users = co_await n_.store.connections_of_registration(registration.workspace, registration.id);
    if (!users) co_return propagate(users);
    for (auto& connection : *users) {
        if (connection.state != core::ConnectionState::needs_secret) continue;
        const auto before = connection.version++;
        connection.state = core::ConnectionState::active;
        connection.state_slug.clear();
        connection.state_detail.clear();
        connection.updated_at = n_.clock.now();
        const auto target = target_of("connection", connection.name.text());
        unit.push_back(UpdateConnection{std::move(connection), before});
        unit.push_back(AppendAudit{audit_row(by, n_.clock.now(), "connection.reopen", target, "a new credential was stored", version)});
    }
    co_return unit;
}

Task<Result<core::ClientRegistration>> Registrations::resolve_tenant(By by, TenantLookup& tenants, core::Name name, std::string address,
                                                                     std::optional<std::uint64_t> expected) {
    auto row = co_await n_.store.find_registration_by_name(by.principal.workspace, name);
    if (!row) co_return propagate(row);
    if (expected && *expected != row->version) co_return fail(Errc::precondition_failed, "the client registration was changed meanwhile");
    if (!is_shared_tenant(row->tenant)) co_return fail(Errc::conflict, "the client registration names its tenant already");
    auto tenant = co_await tenants.resolve(*row, address, by.request_id);
    if (!tenant) co_return propagate(tenant);
    const auto before = row->version++;
    row->resolved_tenant = *std::move(tenant);
    UnitOfWork unit;
    unit.push_back(UpdateRegistration{*row, before});
    unit.push_back(AppendAudit{
        audit_row(by, n_.clock.now(), "registration.resolve_tenant", target_of("registration", name.text()), "resolved to " + row->resolved_tenant)});
    if (auto stored = co_await n_.store.commit(by.principal.workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return std::move(*row);
}

Task<Result<void>> Registrations::remove(By by, core::Name name, std::optional<std::uint64_t> expected) {
    auto row = co_await n_.store.find_registration_by_name(by.principal.workspace, name);
    if (!row) co_return propagate(row);
    if (expected && *expected != row->version) co_return fail(Errc::precondition_failed, "the client registration was changed meanwhile");
    UnitOfWork unit;
    unit.push_back(DeleteRegistration{by.principal.workspace, row->id});
    unit.push_back(AppendAudit{audit_row(by, n_.clock.now(), "registration.remove", target_of("registration", name.text()), std::string(by_right))});
    auto stored = co_await n_.store.commit(by.principal.workspace, std::move(unit));
    if (stored || stored.error().code != Errc::conflict) co_return stored;
    auto users = co_await n_.store.connections_of_registration(by.principal.workspace, row->id);
    const auto count = users ? users->size() : 0;
    co_return fail(Errc::conflict, "the client registration is in use by " + std::to_string(count) + (count == 1 ? " connection" : " connections"));
}

}  // namespace renkei::app
