#include "app/external_vaults.hpp"

#include "app/ports/seal_places.hpp"

#include <utility>

namespace renkei::app {
namespace {

ValueCache::Key key_of(const core::ExternalVault& vault, const core::ExternalSecretAddress& address) {
    return {vault.workspace, vault.id, vault.secret_version, vault.mount, address};
}

// The states of a vault; what is wrong with one value is none of them.
bool is_state(Errc code) {
    return code == Errc::external_vault_sealed || code == Errc::external_vault_refused || code == Errc::external_vault_unreachable ||
           code == Errc::egress_refused || code == Errc::tls_failed || code == Errc::vault_locked;
}

// Whether the change touches where the secret goes or whose it is.
bool moves_secret(const ChangeExternalVault& change, const core::ExternalVault& row) {
    const auto other = [](const std::optional<std::string>& wanted, const std::string& now) { return wanted && *wanted != now; };
    return (change.auth && *change.auth != row.auth) || other(change.address, row.address) || other(change.vault_space, row.vault_space) ||
           other(change.tenant, row.tenant) || other(change.cloud, row.cloud) || other(change.auth_id, row.auth_id);
}

void apply(ChangeExternalVault& change, core::ExternalVault& row) {
    const auto take = [](std::optional<std::string>& wanted, std::string& into) {
        if (wanted) into = std::move(*wanted);
    };
    if (change.auth) row.auth = *change.auth;
    take(change.address, row.address);
    take(change.mount, row.mount);
    take(change.vault_space, row.vault_space);
    take(change.tenant, row.tenant);
    take(change.cloud, row.cloud);
    take(change.auth_id, row.auth_id);
    if (change.cache_time) row.cache_time = *change.cache_time;
}

AppendAudit audit(const By& by, TimePoint now, std::string action, const core::ExternalVault& row, std::string reason = std::string(by_right)) {
    return AppendAudit{audit_row(by, now, std::move(action), target_of("external_vault", row.name.text()), std::move(reason))};
}

}  // namespace

Result<void> ExternalVaults::seal(core::ExternalVault& row, const Secret& secret) const {
    if (secret.empty()) return bad_field("auth_secret", "`auth_secret` must not be empty");
    row.secret_version = row.version;
    auto sealed = n_.vault.seal(external_vault_place(row.workspace, row.id, row.secret_version), secret);
    if (!sealed) return propagate(sealed);
    row.auth_secret = std::move(*sealed);
    return {};
}

Task<Result<core::ExternalVault>> ExternalVaults::create(By by, CreateExternalVault wanted) {
    core::ExternalVault row;
    row.workspace = by.principal.workspace;
    row.id = n_.random.make<core::ExternalVaultId>();
    row.name = std::move(wanted.name);
    row.kind = wanted.kind;
    row.auth = wanted.auth;
    row.address = std::move(wanted.address);
    row.mount = std::move(wanted.mount);
    row.vault_space = std::move(wanted.vault_space);
    row.tenant = std::move(wanted.tenant);
    row.cloud = std::move(wanted.cloud);
    row.auth_id = std::move(wanted.auth_id);
    if (wanted.cache_time) row.cache_time = *wanted.cache_time;
    row.created_at = n_.clock.now();
    if (auto fits = fit_external_vault(n_.catalog, row); !fits) co_return propagate(fits);
    if (auto sealed = seal(row, wanted.auth_secret); !sealed) co_return propagate(sealed);
    UnitOfWork unit;
    unit.push_back(InsertExternalVault{row});
    unit.push_back(audit(by, row.created_at, "external_vault.create", row));
    auto stored = co_await n_.store.commit(row.workspace, std::move(unit));
    if (!stored && stored.error().code == Errc::conflict)
        co_return fail(Error{Errc::conflict, "there is an external vault " + row.name.text() + " already", {{"field", "name"}}});
    if (!stored) co_return propagate(stored);
    co_return row;
}

Task<Result<core::ExternalVault>> ExternalVaults::show(By by, core::Name name) {
    co_return co_await n_.store.find_external_vault(by.principal.workspace, std::move(name));
}

Task<Result<Page<core::ExternalVault>>> ExternalVaults::list(By by, PageRequest page) {
    co_return co_await n_.store.list_external_vaults(by.principal.workspace, std::move(page));
}

Task<Result<core::ExternalVault>> ExternalVaults::update(By by, core::Name name, ChangeExternalVault change, std::optional<std::uint64_t> expected) {
    auto row = co_await n_.store.find_external_vault(by.principal.workspace, std::move(name));
    if (!row) co_return propagate(row);
    if (expected && *expected != row->version) co_return fail(Errc::precondition_failed, "the external vault was changed meanwhile");
    const bool enter_again = moves_secret(change, *row) && !change.auth_secret;
    apply(change, *row);
    if (auto fits = fit_external_vault(n_.catalog, *row); !fits) co_return propagate(fits);
    if (enter_again) co_return bad_field("auth_secret", "`auth_secret` must be entered again where the vault's address or identity changes");
    const auto before = row->version++;
    if (change.auth_secret)
        if (auto sealed = seal(*row, *change.auth_secret); !sealed) co_return propagate(sealed);
    row->state_slug.clear();
    row->checked_at.reset();
    UnitOfWork unit;
    unit.push_back(UpdateExternalVault{*row, before});
    unit.push_back(audit(by, n_.clock.now(), "external_vault.update", *row));
    if (auto stored = co_await n_.store.commit(row->workspace, std::move(unit)); !stored) co_return propagate(stored);
    cache_.forget(row->workspace, row->id);
    co_return std::move(*row);
}

Task<Result<void>> ExternalVaults::remove(By by, core::Name name, std::optional<std::uint64_t> expected) {
    auto row = co_await n_.store.find_external_vault(by.principal.workspace, std::move(name));
    if (!row) co_return propagate(row);
    if (expected && *expected != row->version) co_return fail(Errc::precondition_failed, "the external vault was changed meanwhile");
    UnitOfWork unit;
    unit.push_back(DeleteExternalVault{row->workspace, row->id});
    unit.push_back(audit(by, n_.clock.now(), "external_vault.remove", *row));
    if (auto stored = co_await n_.store.commit(row->workspace, std::move(unit)); !stored) co_return propagate(stored);
    cache_.forget(row->workspace, row->id);
    co_return Result<void>{};
}

Task<ExternalVaults::Shared> ExternalVaults::ask(core::ExternalVault vault, core::ExternalSecretAddress address, std::string request_id) {
    const auto client = n_.clients.find(vault.kind);
    if (client == n_.clients.end()) co_return fail(Errc::internal, "no adapter speaks to this kind of external vault");
    auto secret = n_.vault.open(external_vault_place(vault.workspace, vault.id, vault.secret_version), vault.auth_secret);
    if (!secret) co_return propagate(secret);
    auto answer = co_await client->second->read(std::move(vault), std::move(*secret), std::move(address), std::move(request_id));
    if (!answer) co_return propagate(answer);
    co_return std::make_shared<const ExternalSecret>(std::move(*answer));
}

Task<void> ExternalVaults::note_state(core::ExternalVault vault, std::string slug) {
    auto row = co_await n_.store.find_external_vault(vault.workspace, vault.name);
    if (!row || row->id != vault.id || row->secret_version != vault.secret_version) co_return;
    row->state_slug = std::move(slug);
    row->checked_at = n_.clock.now();
    const auto before = row->version++;
    UnitOfWork unit;
    unit.push_back(UpdateExternalVault{std::move(*row), before});
    static_cast<void>(co_await n_.store.commit(vault.workspace, std::move(unit)));
}

Task<ExternalVaults::Shared> ExternalVaults::ask_once(core::ExternalVault vault, core::ExternalSecretAddress address, std::string request_id) {
    const auto key = key_of(vault, address);
    auto seat = flights_.join(key);
    if (!seat.flight) co_return fail(Errc::too_many_requests, "too many calls wait for this value of the external vault " + vault.name.text());
    if (!seat.must_work) {
        const auto outcome = co_await flights_.wait(seat.flight);
        if (!outcome) co_return fail(Errc::external_vault_unreachable, "external vault " + vault.name.text() + ": the read broke off");
        co_return *outcome;
    }
    decltype(flights_)::Landing landing(flights_, key, seat.flight);
    // From before the question: the value may be as old as that when it arrives.
    const auto asked_at = n_.clock.now();
    auto answer = co_await ask(vault, std::move(address), std::move(request_id));
    if (answer) cache_.put(key, *answer, vault.cache_time, asked_at);
    landing.with(std::make_shared<const Shared>(answer));
    const auto slug = answer || !is_state(answer.error().code) ? std::string() : std::string(error_row(answer.error().code).slug);
    const bool told = answer || is_state(answer.error().code);
    if (told && slug != vault.state_slug) co_await note_state(vault, slug);
    // It may have been removed while the vault was asked: then nothing of it stays.
    if (answer) {
        const auto still = co_await n_.store.find_external_vault(vault.workspace, vault.name);
        if (!still || still->id != vault.id || still->secret_version != vault.secret_version) cache_.forget(vault.workspace, vault.id);
    }
    co_return answer;
}

Task<Result<ExternalSecret>> ExternalVaults::read(core::WorkspaceId workspace, core::Name name, core::ExternalSecretAddress address, std::string request_id) {
    auto row = co_await n_.store.find_external_vault(workspace, name);
    // For who uses a value that refers to it, the vault is as little to be found as the value.
    if (!row && row.error().code == Errc::not_found) co_return fail(Errc::value_missing, "there is no external vault " + name.text());
    if (!row) co_return propagate(row);
    auto value = cache_.find(key_of(*row, address), row->cache_time, n_.clock.now());
    if (!value) {
        auto asked = co_await ask_once(std::move(*row), std::move(address), std::move(request_id));
        if (!asked) co_return propagate(asked);
        value = std::move(*asked);
    }
    co_return ExternalSecret{value->value.clone(), value->version, value->expires_at};
}

Task<Result<core::ExternalVault>> ExternalVaults::check(By by, core::Name name, core::ExternalSecretAddress address) {
    auto row = co_await n_.store.find_external_vault(by.principal.workspace, name);
    if (!row) co_return propagate(row);
    const auto answer = co_await ask(*row, std::move(address), by.request_id);
    const auto slug = answer || !is_state(answer.error().code) ? std::string() : std::string(error_row(answer.error().code).slug);
    co_await note_state(*row, slug);
    UnitOfWork unit;
    unit.push_back(audit(by, n_.clock.now(), "external_vault.check", *row, answer ? "works" : std::string(error_row(answer.error().code).slug)));
    if (auto stored = co_await n_.store.commit(row->workspace, std::move(unit)); !stored) co_return propagate(stored);
    if (!answer) co_return fail(answer.error());
    co_return co_await n_.store.find_external_vault(by.principal.workspace, std::move(name));
}

}  // namespace renkei::app
