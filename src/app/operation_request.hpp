#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace renkei::app {

/// What an operation is to do, as it is stored: enough to go on after a restart.
struct OperationRequest {
    std::vector<std::string> targets;
    std::string request_id;
};

std::string write_request(const OperationRequest& request);
Result<OperationRequest> read_request(std::string_view text);

}  // namespace renkei::app
