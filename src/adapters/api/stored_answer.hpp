#pragma once

#include "app/ports/http_handler.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>

namespace renkei::api {

/// An answer as it is kept for repeats with the same Idempotency-Key. One that held a secret is kept as that fact alone.
std::string store_answer(const app::ServerResponse& answer);
/// gone for an answer that held a secret.
Result<app::ServerResponse> restore_answer(std::string_view stored);

}  // namespace renkei::api
