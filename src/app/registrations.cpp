#include "app/registrations.hpp"

#include "app/ports/seal_places.hpp"

namespace renkei::app {
namespace {

constexpr std::size_t most_credentials = 8;

}  // namespace

Result<std::optional<core::CredentialVersion>> Registrations::seal(const core::ClientRegistration& registration, NewCredential credential,
                                                                   std::uint32_t version) {
    using Method = core::ClientAuthMethod;
    const auto method = registration.auth_method;
    if (method != Method::private_key_jwt && (credential.private_key || !credential.key_id.empty()))
        return bad_field("private_key", "`private_key` and `key_id` belong to private_key_jwt");
    if ((method == Method::private_key_jwt || method == Method::none) && credential.client_secret)
        return bad_field("client_secret", "`client_secret` does not go with " + std::string(core::text_of(method)));
    if (method == Method::none) return std::optional<core::CredentialVersion>{};
    auto& material = method == Method::private_key_jwt ? credential.private_key : credential.client_secret;
    const std::string_view field = method == Method::private_key_jwt ? "private_key" : "client_secret";
    if (!material) return bad_field(field, "`" + std::string(field) + "` is required for " + std::string(core::text_of(method)));
    const auto now = clock_.now();
    if (method == Method::private_key_jwt)
        if (auto fits = check_private_key(*material, now); !fits) return propagate(fits);
    if (credential.expires_at && *credential.expires_at <= now) return bad_field("expires_at", "the credential has expired already");
    auto sealed = vault_.seal(credential_place(registration.workspace, registration.id, version), *material);
    if (!sealed) return propagate(sealed);
    return std::optional(core::CredentialVersion{version, std::move(*sealed), std::move(credential.key_id), now, credential.expires_at});
}

Task<Result<core::ClientRegistration>> Registrations::create(By by, CreateRegistration wanted) {
    auto row = fit_registration(catalog_, wanted);
    if (!row) co_return propagate(row);
    row->workspace = by.principal.workspace;
    row->id = random_.make<core::RegistrationId>();
    row->created_at = clock_.now();
    auto credential = seal(*row, std::move(wanted.credential), 1);
    if (!credential) co_return propagate(credential);
    if (*credential) row->credentials.push_back(std::move(**credential));
    UnitOfWork unit;
    unit.push_back(InsertRegistration{*row});
    unit.push_back(AppendAudit{
        audit_row(by, row->created_at, "registration.create", target_of("registration", row->name.text()), std::string(by_right), *credential ? 1 : 0)});
    auto stored = co_await store_.commit(by.principal.workspace, std::move(unit));
    if (!stored && stored.error().code == Errc::conflict)
        co_return fail(Error{Errc::conflict, "there is a client registration " + row->name.text() + " already", {{"field", "name"}}});
    if (!stored) co_return propagate(stored);
    co_return row;
}

Task<Result<core::ClientRegistration>> Registrations::show(By by, core::Name name) {
    co_return co_await store_.find_registration_by_name(by.principal.workspace, std::move(name));
}

Task<Result<Page<core::ClientRegistration>>> Registrations::list(By by, PageRequest page) {
    co_return co_await store_.list_registrations(by.principal.workspace, std::move(page));
}

Task<Result<core::ClientRegistration>> Registrations::add_credential(By by, core::Name name, NewCredential credential, std::optional<std::uint64_t> expected) {
    auto row = co_await store_.find_registration_by_name(by.principal.workspace, name);
    if (!row) co_return propagate(row);
    if (expected && *expected != row->version) co_return fail(Errc::precondition_failed, "the client registration was changed meanwhile");
    if (row->auth_method == core::ClientAuthMethod::none) co_return bad_field("auth_method", "this client registration has no credential");
    if (row->credentials.size() >= most_credentials) co_return fail(Errc::conflict, "a client registration keeps at most 8 credentials");
    const std::uint32_t version = row->credentials.empty() ? 1 : row->credentials.front().version + 1;
    auto sealed = seal(*row, std::move(credential), version);
    if (!sealed) co_return propagate(sealed);
    row->credentials.insert(row->credentials.begin(), std::move(**sealed));
    const auto before = row->version++;
    auto unit = co_await reopen_connections(by, *row, version);
    if (!unit) co_return propagate(unit);
    unit->push_back(UpdateRegistration{*row, before});
    unit->push_back(
        AppendAudit{audit_row(by, clock_.now(), "registration.credential.add", target_of("registration", name.text()), std::string(by_right), version)});
    if (auto stored = co_await store_.commit(by.principal.workspace, *std::move(unit)); !stored) co_return propagate(stored);
    co_return row;
}

// What waited for a new secret is tried again at its next use; if the new one does not work either, that use says so.
Task<Result<UnitOfWork>> Registrations::reopen_connections(By by, core::ClientRegistration registration, std::uint32_t version) {
    UnitOfWork unit;
    auto users = co_await store_.connections_of_registration(registration.workspace, registration.id);
    if (!users) co_return propagate(users);
    for (auto& connection : *users) {
        if (connection.state != core::ConnectionState::needs_secret) continue;
        const auto before = connection.version++;
        connection.state = core::ConnectionState::active;
        connection.state_slug.clear();
        connection.state_detail.clear();
        connection.updated_at = clock_.now();
        const auto target = target_of("connection", connection.name.text());
        unit.push_back(UpdateConnection{std::move(connection), before});
        unit.push_back(AppendAudit{audit_row(by, clock_.now(), "connection.reopen", target, "a new credential was stored", version)});
    }
    co_return unit;
}

Task<Result<void>> Registrations::remove(By by, core::Name name, std::optional<std::uint64_t> expected) {
    auto row = co_await store_.find_registration_by_name(by.principal.workspace, name);
    if (!row) co_return propagate(row);
    if (expected && *expected != row->version) co_return fail(Errc::precondition_failed, "the client registration was changed meanwhile");
    UnitOfWork unit;
    unit.push_back(DeleteRegistration{by.principal.workspace, row->id});
    unit.push_back(AppendAudit{audit_row(by, clock_.now(), "registration.remove", target_of("registration", name.text()), std::string(by_right))});
    auto stored = co_await store_.commit(by.principal.workspace, std::move(unit));
    if (stored || stored.error().code != Errc::conflict) co_return stored;
    auto users = co_await store_.connections_of_registration(by.principal.workspace, row->id);
    const auto count = users ? users->size() : 0;
    co_return fail(Errc::conflict, "the client registration is in use by " + std::to_string(count) + (count == 1 ? " connection" : " connections"));
}

}  // namespace renkei::app
