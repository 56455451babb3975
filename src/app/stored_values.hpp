#pragma once

#include "app/audit.hpp"
#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "core/stored_value.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

struct CreateStoredCredential {
    core::Name name;
    std::string title;
    Secret value;  ///< 1 byte to 64 KiB
    std::optional<TimePoint> expires_at;
};

/// What refers to a stored credential or variable.
struct Dependent {
    std::string kind;  ///< registration, connection
    core::Name name;
    std::string field;  ///< client_id, tenant, credential, mailbox
};

/// The workspace's stored credentials and variables: what fields refer to.
class StoredValues {
public:
    struct Needs {
        Store& store;
        Vault& vault;
        const Clock& clock;
        Random& random;
    };
    explicit StoredValues(Needs needs) : n_(needs) {}

    static constexpr std::size_t longest_value = 64 << 10;

    Task<Result<core::StoredCredential>> create(By by, CreateStoredCredential wanted);
    /// The newest is used from the next use on; the one before stays and can still be pinned. Everything that depends on it is known
    /// by dependents() first.
    Task<Result<core::StoredCredential>> add_version(By by, core::Name name, Secret value, std::optional<TimePoint> expires_at,
                                                     std::optional<std::uint64_t> expected);
    /// conflict for the newest one: add another first.
    Task<Result<core::StoredCredential>> remove_version(By by, core::Name name, std::uint32_t version);
    Task<Result<core::StoredCredential>> show(By by, core::Name name) { co_return co_await n_.store.find_stored_credential(by.principal.workspace, name); }
    Task<Result<Page<core::StoredCredential>>> list(By by, PageRequest page) {
        co_return co_await n_.store.list_stored_credentials(by.principal.workspace, std::move(page));
    }
    /// conflict while something refers to it, naming what.
    Task<Result<void>> remove(By by, core::Name name, std::optional<std::uint64_t> expected);
    /// Whatever refers to `kind:name` (or to a version of it), by kind and name.
    Task<Result<std::vector<Dependent>>> dependents(By by, core::SourceKind kind, core::Name name);

    Task<Result<core::Variable>> put_variable(By by, core::Name name, core::VariableType type, std::string value);
    Task<Result<core::Variable>> show_variable(By by, core::Name name) { co_return co_await n_.store.find_variable(by.principal.workspace, name); }
    Task<Result<Page<core::Variable>>> list_variables(By by, PageRequest page) {
        co_return co_await n_.store.list_variables(by.principal.workspace, std::move(page));
    }
    Task<Result<void>> remove_variable(By by, core::Name name);

    /// The workspace's rule about secrets that are typed in.
    Task<Result<bool>> literals_forbidden(By by);
    Task<Result<void>> forbid_literals(By by, bool forbidden);

private:
    Result<core::StoredValueVersion> seal(const core::StoredCredential& row, Secret value, std::optional<TimePoint> expires_at) const;
    Task<Result<void>> refuse_used(By by, core::SourceKind kind, core::Name name);

    Needs n_;
};

}  // namespace renkei::app
