#pragma once

#include "adapters/api/language.hpp"
#include "app/ports/http_handler.hpp"
#include "base/error.hpp"

#include <string_view>

namespace renkei::api {

/// The answer for an error: application/problem+json (RFC 9457) with code, actor, remedy and request_id, from the one
/// catalogue of base/error.hpp.
app::ServerResponse problem_answer(const Error& error, std::string_view request_id, Language language, std::string_view public_url = {});

}  // namespace renkei::api
