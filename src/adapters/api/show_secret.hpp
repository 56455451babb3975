#pragma once

#include "app/connect_flow.hpp"
#include "app/keys.hpp"
#include "app/ports/token_source.hpp"
#include "base/json.hpp"

#include <string>

namespace renkei::api {

// The only answers that hold a secret. Each is shown once and never kept for repeats.

/// {url, expires_at} of a one-time link.
json::object shown_link(const Secret& url, TimePoint expires_at);
json::object shown_new_key(const app::NewKey& made, TimePoint now);
/// The text of a run or session beside what else is shown of it.
json::object with_secret(json::object shown, const Secret& text);
/// The token's answer, in the member order of the fast path.
std::string token_text(const std::string& connection, const app::LiveToken& token, TimePoint now);

}  // namespace renkei::api
