#pragma once

#include "base/clock.hpp"
#include "core/ids.hpp"
#include "core/name.hpp"
#include "core/sealed.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::core {

/// One value of a stored credential.
struct StoredValueVersion {
    std::uint32_t version = 1;
    Sealed value;
    TimePoint created_at;
    std::optional<TimePoint> expires_at{};
};

/// A secret that fields refer to as `credential:NAME`. Write-only: no answer shows a value.
struct StoredCredential {
    WorkspaceId workspace;
    StoredCredentialId id;
    Name name;
    std::string title;
    std::vector<StoredValueVersion> versions;  ///< newest first; the newest is used unless a reference pins one
    std::uint64_t version = 1;
    TimePoint created_at;
};
inline constexpr std::size_t most_stored_versions = 8;

enum class VariableType : std::uint8_t { text, number, boolean };
std::string_view text_of(VariableType type);
std::optional<VariableType> parse_variable_type(std::string_view text);

/// A value that is no secret, set on the workspace; a call may give one of the same name instead: `variable:NAME`.
struct Variable {
    WorkspaceId workspace;
    Name name;
    VariableType type = VariableType::text;
    std::string value;
    std::uint64_t version = 1;
    TimePoint updated_at;
};
/// Whether the text is one of the type: any text, a JSON number, `true` or `false`.
bool is_of_type(VariableType type, std::string_view value);

}  // namespace renkei::core
