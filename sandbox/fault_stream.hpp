#pragma once

#include "app/ports/body_stream.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace renkei::sandbox {

/// Waits in real time: network delays are no business of the world's clock.
Task<void> wait_for(std::chrono::milliseconds time);

/// A body that comes slowly, or breaks off after some bytes.
std::unique_ptr<app::BodyStream> make_fault_stream(std::string body, std::optional<std::uint64_t> cut_after, std::chrono::milliseconds pause);

}  // namespace renkei::sandbox
