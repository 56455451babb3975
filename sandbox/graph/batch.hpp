#pragma once

#include "sandbox/graph/errors.hpp"

#include <functional>

namespace renkei::sandbox::graph {

/// JSON batching (section 4.7 of the reference): runs the inner requests one by one through `run`, with the outer one's token.
Answer run_batch(const ServerRequest& request, const std::function<ServerResponse(ServerRequest)>& run);

}  // namespace renkei::sandbox::graph
