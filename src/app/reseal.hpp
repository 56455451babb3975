#pragma once

#include "app/ports/reseal.hpp"
#include "app/ports/vault.hpp"

#include <cstdint>
#include <limits>

namespace renkei::app {

struct ResealReport {
    std::uint64_t resealed = 0;
    std::uint64_t unreadable = 0;  ///< values that did not open; they are left as they are
};
inline constexpr std::uint64_t reseal_everything = std::numeric_limits<std::uint64_t>::max();

/// Seals what is sealed with keys older than `version` again, `most` values at most, in units of 64. `version` must be
/// the one that seals now. May run beside everything else, and again after a crash: what is done is not found any more.
Task<Result<ResealReport>> reseal(Vault& vault, ResealStore& store, core::WorkspaceId workspace, std::uint32_t version, std::uint64_t most);

}  // namespace renkei::app
