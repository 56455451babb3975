#pragma once

#include "app/audit.hpp"
#include "app/flights.hpp"
#include "app/ports/catalog.hpp"
#include "app/ports/external_vaults.hpp"
#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"
#include "app/value_cache.hpp"
#include "app/values.hpp"
#include "base/random.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace renkei::app {

/// An external vault as it is wanted. What its kind does not have stays empty.
struct CreateExternalVault {
    core::Name name;
    core::ExternalVaultKind kind = core::ExternalVaultKind::hashicorp;
    core::ExternalVaultAuth auth = core::ExternalVaultAuth::token;
    std::string address, mount{}, vault_space{}, tenant{}, cloud{}, auth_id{};
    Secret auth_secret;
    std::optional<std::chrono::seconds> cache_time{};
};

/// What is not there stays.
struct ChangeExternalVault {
    std::optional<core::ExternalVaultAuth> auth{};
    std::optional<std::string> address{}, mount{}, vault_space{}, tenant{}, cloud{}, auth_id{};
    std::optional<Secret> auth_secret{};
    std::optional<std::chrono::seconds> cache_time{};
};

/// Vaults of other people's from which values come (A-32, T-12), and the values that were read, for as long as each vault says.
class ExternalVaults final : public ExternalValues {
public:
    struct Needs {
        Store& store;
        Vault& vault;
        const Catalog& catalog;
        ExternalVaultClients clients;
        Clock& clock;
        Random& random;
    };
    explicit ExternalVaults(Needs needs) : n_(std::move(needs)) {}

    Task<Result<core::ExternalVault>> create(By by, CreateExternalVault wanted);
    Task<Result<core::ExternalVault>> show(By by, core::Name name);
    Task<Result<Page<core::ExternalVault>>> list(By by, PageRequest page);
    /// A change of where the secret goes, or of whose it is, needs it entered again: whoever may edit must not be able to send
    /// somebody's secret to a place of their own.
    Task<Result<core::ExternalVault>> update(By by, core::Name name, ChangeExternalVault change, std::optional<std::uint64_t> expected);
    Task<Result<void>> remove(By by, core::Name name, std::optional<std::uint64_t> expected);
    /// Reads there, past the kept values, and says only that it works, or the error why not. The vault's row keeps the state.
    Task<Result<core::ExternalVault>> check(By by, core::Name name, core::ExternalSecretAddress address);

    /// A value, kept ones first: for the vault's cache time after it was read and never longer, whatever the vault does. One
    /// question for one address, however many ask. Errors: value_missing (also without such a vault), vault_locked, those of ExternalVaultClient.
    Task<Result<ExternalSecret>> read(core::WorkspaceId workspace, core::Name name, core::ExternalSecretAddress address, std::string request_id) override;

    std::size_t kept_values() const { return cache_.size(); }

private:
    using Shared = Result<SharedExternalSecret>;
    Task<Shared> ask(core::ExternalVault vault, core::ExternalSecretAddress address, std::string request_id);
    Task<Shared> ask_once(core::ExternalVault vault, core::ExternalSecretAddress address, std::string request_id);
    /// Errors are swallowed: the state is for people's eyes, and the value is more important.
    Task<void> note_state(core::ExternalVault vault, std::string slug);
    Result<void> seal(core::ExternalVault& row, const Secret& secret) const;

    Needs n_;
    ValueCache cache_{10'000};
    Flights<ValueCache::Key, Shared> flights_{1'000};
};

/// Refuses what does not go with the vault's kind and fills in what it has as its own. invalid_field, naming the field.
Result<void> fit_external_vault(const Catalog& catalog, core::ExternalVault& row);

}  // namespace renkei::app
