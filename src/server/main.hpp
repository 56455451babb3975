#pragma once

#include "server/config.hpp"

#include <string>
#include <utility>
#include <vector>

namespace renkei::server {

/// Reads the configuration in rising weight: the file (if named), the environment, then `flags` (key, value).
Result<Config> read_config(const std::string& file, const std::vector<std::pair<std::string, std::string>>& flags);

/// `renkei serve`: builds every object, wires it, runs until SIGTERM or SIGINT. Returns the exit code. `test_clock` names
/// the driver's socket in builds with test hooks and is empty otherwise.
int serve(const Config& config, const std::string& test_clock);

}  // namespace renkei::server
