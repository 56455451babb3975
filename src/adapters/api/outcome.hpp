#pragma once

#include "adapters/api/api.hpp"

#include <string>

namespace renkei::api {

/// What became of a request, before it is an answer.
struct Api::Outcome {
    Result<app::ServerResponse> answer;
    const Route* route = nullptr;
    std::string principal{};
    std::string allow{};
};

}  // namespace renkei::api
