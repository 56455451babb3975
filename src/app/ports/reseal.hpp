#pragma once

#include "app/ports/seal_places.hpp"
#include "app/task.hpp"

#include <cstdint>
#include <vector>

namespace renkei::app {

/// A sealed column of some row, with the place that it is bound to.
struct SealedValue {
    SealPlace place;
    core::Sealed value;
    std::string locator;  ///< the store's own word for where it stands
};
struct ResealedValue {
    SealedValue was;
    core::Sealed now;
};

/// For the pass that follows the rotation of a data key.
class ResealStore {
public:
    virtual ~ResealStore() = default;
    /// Values that are sealed with a key older than `key_version`, of every table; empty when none is left.
    virtual Task<Result<std::vector<SealedValue>>> values_sealed_before(core::WorkspaceId workspace, std::uint32_t key_version, std::uint32_t limit) = 0;
    /// How many values_sealed_before would give without a limit.
    virtual Task<Result<std::uint64_t>> count_sealed_before(core::WorkspaceId workspace, std::uint32_t key_version) = 0;
    /// Replaces each where it still is what it was; returns how many were.
    virtual Task<Result<std::uint64_t>> replace_sealed(core::WorkspaceId workspace, std::vector<ResealedValue> values) = 0;
};

}  // namespace renkei::app
