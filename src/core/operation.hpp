#pragma once

#include "base/clock.hpp"
#include "core/ids.hpp"

#include <cstdint>
#include <string>

namespace renkei::core {

enum class OperationState : std::uint8_t { queued, running, done, failed, cancelled };
std::string_view text_of(OperationState state);

/// Long work: answered with 202, survives a restart.
struct Operation {
    WorkspaceId workspace;
    OperationId id;
    std::string kind;     ///< connections.check
    std::string request;  ///< JSON, what to do; enough to go on after a restart
    OperationState state = OperationState::queued;
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    bool cancel_requested = false;
    std::string principal_name;
    std::string failure_slug;
    TimePoint created_at;
    TimePoint updated_at;
    TimePoint expires_at;
    std::uint64_t version = 1;
};

struct OperationItem {
    std::uint64_t index = 0;
    std::string target;
    bool ok = true;
    std::string slug;  ///< of the error, or empty
    std::string detail;
};

}  // namespace renkei::core
