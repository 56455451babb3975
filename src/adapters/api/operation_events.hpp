#pragma once

#include "app/operations.hpp"
#include "app/ports/body_stream.hpp"

#include <memory>

namespace renkei::api {

/// Server-sent events (HTML Living Standard, section 9.2): the operation at each change of its version, until it ends.
/// `seen`: the version that the client has already (Last-Event-ID).
std::unique_ptr<app::BodyStream> operation_events(app::Operations& operations, const Clock& clock, app::By by, core::OperationId id, std::uint64_t seen);

}  // namespace renkei::api
