#pragma once

#include "app/audit.hpp"
#include "app/ports/catalog.hpp"
#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"
#include "app/task.hpp"
#include "app/tenant_lookup.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "oauth/client/certificate.hpp"

#include <optional>
#include <string>

namespace renkei::app {

/// A secret or private key on its way into the vault.
struct NewCredential {
    std::optional<Secret> client_secret{};
    std::optional<Secret> private_key{};                         ///< PEM, for private_key_jwt
    std::optional<oauth::CertificateFile> client_certificate{};  ///< its end is the credential's expiry
    std::string key_id{};
    std::optional<TimePoint> expires_at{};
    /// Instead of the material: where it comes from at every use. Of the kind that the registration's method needs.
    std::optional<core::ValueSource> from{};
};

/// A credential that was checked, before it is sealed.
struct CheckedCredential {
    Secret material;
    core::CredentialVersion row;  ///< without its material and number
};

struct CreateRegistration {
    core::Name name;
    std::string connector;
    std::string cloud{};
    std::string tenant{};
    std::string client_id{};
    std::optional<core::ClientAuthMethod> auth_method{};
    std::optional<core::AssertionAlgorithm> assertion_algorithm{};  ///< for a client certificate; nothing: PS256
    NewCredential credential{};
    std::string issuer{};
    std::string authorization_endpoint{};
    std::string token_endpoint{};
    std::vector<core::FieldSource> sources{};  ///< of client_id and tenant, which are filled from them
};

class Values;

/// Client registrations: a client id and versioned credentials at a provider, shared by many connections.
class Registrations {
public:
    struct Needs {
        Store& store;
        Vault& vault;
        const Catalog& catalog;
        Clock& clock;
        Random& random;
        asio::thread_pool& pool;  ///< opens certificate files and tries keys
        Values& values;           ///< reads what fields refer to
    };
    explicit Registrations(Needs needs) : n_(needs) {}

    /// `also` is committed with it: both, or neither.
    Task<Result<core::ClientRegistration>> create(By by, CreateRegistration wanted, UnitOfWork also = {});
    Task<Result<core::ClientRegistration>> show(By by, core::Name name);
    Task<Result<Page<core::ClientRegistration>>> list(By by, PageRequest page);
    /// The new version is the one that is used from now on; older ones stay until they are removed. A certificate may follow a
    /// secret, and the other way round, where the connector takes both.
    Task<Result<core::ClientRegistration>> add_credential(By by, core::Name name, NewCredential credential, std::optional<std::uint64_t> expected,
                                                          UnitOfWork also = {});
    /// Finds the tenant to which `address`, an e-mail address or a domain, belongs, and keeps it beside what was typed: from now on it
    /// counts for this registration (U-31). conflict unless the registration names no tenant of its own; errors of TenantLookup.
    Task<Result<core::ClientRegistration>> resolve_tenant(By by, TenantLookup& tenants, core::Name name, std::string address,
                                                          std::optional<std::uint64_t> expected);
    /// conflict, naming a connection, while one uses it.
    Task<Result<void>> remove(By by, core::Name name, std::optional<std::uint64_t> expected);

private:
    Task<Result<UnitOfWork>> reopen_connections(By by, core::ClientRegistration registration, std::uint32_t version);
    /// Checks and seals it as the newest version; nothing for a public client.
    Task<Result<void>> put_credential(By by, std::shared_ptr<core::ClientRegistration> registration, NewCredential credential);
    /// Reads the reference once, so that a wrong one is refused where it is entered, and binds it to connector and host.
    Task<Result<CheckedCredential>> check_reference(By by, std::shared_ptr<core::ClientRegistration> registration, NewCredential credential);
    Task<Result<void>> fill_from_sources(By by, std::shared_ptr<CreateRegistration> wanted);

    Needs n_;
};

/// Fills in what the connector's manifest says and refuses what does not fit it.
Result<core::ClientRegistration> fit_registration(const Catalog& catalog, CreateRegistration& wanted);
/// What the credential of this registration is, checked: a secret, a private key that can sign, a certificate that is valid.
/// Opens files and signs once: run it in a pool. invalid_field with the field, for certificates with a reason too.
Result<CheckedCredential> check_credential(core::ClientAuthMethod method, NewCredential credential, TimePoint now);
/// The method that goes with a new credential, by what it is and what the connector takes.
Result<core::ClientAuthMethod> method_with(const Catalog& catalog, const core::ClientRegistration& registration, const NewCredential& credential);

}  // namespace renkei::app
