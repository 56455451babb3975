#pragma once

#include "app/audit.hpp"
#include "app/ports/catalog.hpp"
#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

#include <optional>
#include <string>

namespace renkei::app {

/// A secret or private key on its way into the vault.
struct NewCredential {
    std::optional<Secret> client_secret{};
    std::optional<Secret> private_key{};  ///< PEM, for private_key_jwt
    std::string key_id{};
    std::optional<TimePoint> expires_at{};
};

struct CreateRegistration {
    core::Name name;
    std::string connector;
    std::string cloud{};
    std::string tenant{};
    std::string client_id{};
    std::optional<core::ClientAuthMethod> auth_method{};
    NewCredential credential{};
    std::string issuer{};
    std::string authorization_endpoint{};
    std::string token_endpoint{};
};

/// Client registrations: a client id and versioned credentials at a provider, shared by many connections.
class Registrations {
public:
    Registrations(Store& store, Vault& vault, const Catalog& catalog, Clock& clock, Random& random)
        : store_(store), vault_(vault), catalog_(catalog), clock_(clock), random_(random) {}

    Task<Result<core::ClientRegistration>> create(By by, CreateRegistration wanted);
    Task<Result<core::ClientRegistration>> show(By by, core::Name name);
    Task<Result<Page<core::ClientRegistration>>> list(By by, PageRequest page);
    /// The new version is the one that is used from now on; older ones stay until they are removed.
    Task<Result<core::ClientRegistration>> add_credential(By by, core::Name name, NewCredential credential, std::optional<std::uint64_t> expected);
    /// conflict, naming a connection, while one uses it.
    Task<Result<void>> remove(By by, core::Name name, std::optional<std::uint64_t> expected);

private:
    Task<Result<UnitOfWork>> reopen_connections(By by, core::ClientRegistration registration, std::uint32_t version);
    Result<std::optional<core::CredentialVersion>> seal(const core::ClientRegistration& registration, NewCredential credential, std::uint32_t version);

    Store& store_;
    Vault& vault_;
    const Catalog& catalog_;
    Clock& clock_;
    Random& random_;
};

/// Fills in what the connector's manifest says and refuses what does not fit it.
Result<core::ClientRegistration> fit_registration(const Catalog& catalog, CreateRegistration& wanted);
/// Whether a PEM text holds a private key that can sign (RSA or P-256).
Result<void> check_private_key(const Secret& pem, TimePoint now);

}  // namespace renkei::app
