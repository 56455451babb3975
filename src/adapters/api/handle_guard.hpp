#pragma once

#include <string_view>

namespace renkei::api {

/// Whether a key's, run's or session's secret (rk_, rr_, rs_ and 43 base64url characters) stands in this text. In an address it
/// would end up in other people's logs, in a body where none belongs in somebody's store.
bool holds_handle(std::string_view text);

}  // namespace renkei::api
