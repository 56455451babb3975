#include "app/registrations.hpp"

#include "app/ports/seal_places.hpp"
#include "app/source_binding.hpp"
#include "app/token_endpoint.hpp"
#include "app/values.hpp"

namespace renkei::app {
namespace {

constexpr std::size_t most_credentials = 8;

Task<Result<CheckedCredential>> check_typed(asio::thread_pool& pool, core::ClientAuthMethod method, NewCredential credential, TimePoint now) {
    auto work = [method, credential = std::move(credential), now]() mutable { return check_credential(method, std::move(credential), now); };
    co_return co_await run_blocking(pool, std::move(work));
}

}  // namespace

Task<Result<void>> Registrations::put_credential(By by, std::shared_ptr<core::ClientRegistration> registration, NewCredential credential) {
    if (registration->auth_method == core::ClientAuthMethod::none) {
        if (credential.client_secret) co_return bad_field("client_secret", "`client_secret` does not go with none");
        if (credential.private_key || !credential.key_id.empty()) co_return bad_field("private_key", "`private_key` and `key_id` belong to private_key_jwt");
        if (credential.client_certificate) co_return bad_field("client_certificate", "`client_certificate` does not go with none");
        if (credential.from) co_return bad_field("credential_from", "`credential_from` does not go with none");
        co_return Result<void>{};
    }
    const auto now = n_.clock.now();
    auto forbidden = co_await n_.values.forbids_literals(registration->workspace);
    if (!forbidden) co_return propagate(forbidden);
    if (*forbidden && !credential.from)
        co_return fail(Error{
            Errc::source_refused, "this workspace takes no secrets that are typed in: refer to a stored credential or a vault", {{"field", "client_secret"}}});
    const bool referenced = credential.from.has_value();
    auto checked = referenced ? co_await check_reference(std::move(by), registration, std::move(credential))
                              : co_await check_typed(n_.pool, registration->auth_method, std::move(credential), now);
    if (!checked) co_return propagate(checked);
    auto& row = checked->row;
    row.version = registration->credentials.empty() ? 1 : registration->credentials.front().version + 1;
    row.created_at = now;
    if (!referenced) {
        auto sealed = n_.vault.seal(credential_place(registration->workspace, registration->id, row.version), checked->material);
        if (!sealed) co_return propagate(sealed);
        row.material = std::move(*sealed);
    }
    registration->credentials.insert(registration->credentials.begin(), std::move(row));
    co_return Result<void>{};
}

Task<Result<CheckedCredential>> Registrations::check_reference(By by, std::shared_ptr<core::ClientRegistration> registration, NewCredential credential) {
    using Method = core::ClientAuthMethod;
    const auto source = *credential.from;
    auto value = co_await n_.values.resolve(registration->workspace, source, {}, by.request_id);
    if (!value) co_return propagate(value);
    const auto method = registration->auth_method;
    NewCredential found;
    found.key_id = std::move(credential.key_id);
    if (method != Method::client_certificate) found.expires_at = credential.expires_at ? credential.expires_at : value->expires_at;
    if (method == Method::client_certificate)
        found.client_certificate = certificate_in(std::move(value->value));
    else if (method == Method::private_key_jwt)
        found.private_key = std::move(value->value);
    else
        found.client_secret = std::move(value->value);
    auto work = [method, found = std::move(found), now = n_.clock.now()]() mutable { return check_credential(method, std::move(found), now); };
    auto checked = co_await run_blocking(n_.pool, std::move(work));
    if (!checked)
        co_return fail(Error{Errc::value_unusable, core::text_of(source) + " is no " + std::string(core::text_of(method)) + ": " + checked.error().detail});
    checked->material = Secret();
    checked->row.source = core::text_of(source);
    checked->row.bound_to = binding_of(*registration, n_.catalog);
    co_return checked;
}

Task<Result<void>> Registrations::fill_from_sources(By by, std::shared_ptr<CreateRegistration> wanted) {
    for (const auto& [field, text] : wanted->sources) {
        auto source = core::parse_value_source(text, field);
        if (!source) co_return propagate(source);
        auto value = co_await n_.values.resolve_text(by.principal.workspace, *std::move(source), {}, by.request_id);
        if (!value) co_return propagate(value);
        (field == "tenant" ? wanted->tenant : wanted->client_id) = *std::move(value);
    }
    co_return Result<void>{};
}

Task<Result<core::ClientRegistration>> Registrations::create(By by, CreateRegistration asked, UnitOfWork also) {
    const auto shared = std::make_shared<CreateRegistration>(std::move(asked));
    if (auto filled = co_await fill_from_sources(by, shared); !filled) co_return propagate(filled);
    auto& wanted = *shared;
    auto fitted = fit_registration(n_.catalog, wanted);
    if (!fitted) co_return propagate(fitted);
    const auto row = std::make_shared<core::ClientRegistration>(std::move(*fitted));
    row->workspace = by.principal.workspace;
    row->id = n_.random.make<core::RegistrationId>();
    row->created_at = n_.clock.now();
    row->sources = wanted.sources;
    const bool typed = wanted.credential.client_secret || wanted.credential.private_key || wanted.credential.client_certificate;
    if (auto put = co_await put_credential(by, row, std::move(wanted.credential)); !put) co_return propagate(put);
    auto unit = std::move(also);
    unit.push_back(InsertRegistration{*row});
    unit.push_back(AppendAudit{audit_row(by, row->created_at, "registration.create", target_of("registration", row->name.text()),
                                         std::string(by_right) + (typed ? ", its secret was typed in" : ""), row->credentials.empty() ? 0 : 1)});
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
    if (auto put = co_await put_credential(by, row, std::move(credential)); !put) co_return propagate(put);
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
