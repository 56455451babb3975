#pragma once

#include "app/task.hpp"
#include "base/result.hpp"

#include <string>

namespace renkei::app {

/// Bytes that arrive piece by piece. Dropping it before the end cancels the rest.
class BodyStream {
public:
    virtual ~BodyStream() = default;
    /// The next piece, at most 64 KiB; empty at the end. After an error it must not be called again.
    virtual Task<Result<std::string>> read() = 0;
};

}  // namespace renkei::app
