#pragma once

#include "app/ports/external_vaults.hpp"
#include "app/ports/store.hpp"
#include "app/ports/value_files.hpp"
#include "app/ports/vault.hpp"
#include "base/clock.hpp"
#include "core/value_source.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace renkei::app {

/// Values that a call gives for `variable:NAME`, before the workspace's own are asked.
using GivenVariables = std::vector<std::pair<core::Name, std::string>>;

/// A value out of its source, with what must be known of it.
struct ResolvedValue {
    Secret value;
    std::string version;  ///< of the value at its source, where it has versions
    std::optional<TimePoint> expires_at;
};

/// Reads external vaults; made in app/external_vaults.
class ExternalValues {
public:
    virtual ~ExternalValues() = default;
    virtual Task<Result<ExternalSecret>> read(core::WorkspaceId workspace, core::Name vault, core::ExternalSecretAddress address, std::string request_id) = 0;
};

/// Takes a field's value from where the field says.
class Values {
public:
    struct Parts {
        ValueStore& store;
        WorkspaceStore& workspaces;
        Vault& vault;
        ExternalValues& external;
        ValueFiles& files;  ///< files and environment, as the operator mapped them
        const Clock& clock;
    };
    explicit Values(Parts parts) : parts_(parts) {}

    /// Errors: value_missing, value_unusable, source_refused, vault_locked, external_vault_*, storage_*. No detail holds a value.
    Task<Result<ResolvedValue>> resolve(core::WorkspaceId workspace, core::ValueSource source, GivenVariables given, std::string request_id);
    /// Of a field that is no secret: trimmed, valid UTF-8 without control characters, at most 1,024 bytes. value_unusable otherwise.
    Task<Result<std::string>> resolve_text(core::WorkspaceId workspace, core::ValueSource source, GivenVariables given, std::string request_id);
    /// Whether the workspace forbids values that are typed in where a reference could stand (its setting values.literals).
    Task<Result<bool>> forbids_literals(core::WorkspaceId workspace);

private:
    Task<Result<ResolvedValue>> from_credential(core::WorkspaceId workspace, core::ValueSource source);
    Task<Result<ResolvedValue>> from_variable(core::WorkspaceId workspace, core::ValueSource source, GivenVariables given);
    Task<Result<ResolvedValue>> from_external_vault(core::WorkspaceId workspace, core::ValueSource source, std::string request_id);

    Parts parts_;
};

inline constexpr std::string_view literals_setting = "values.literals";

}  // namespace renkei::app
