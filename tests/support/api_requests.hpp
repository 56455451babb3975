#pragma once

#include "tests/support/api_world.hpp"

#include <string>
#include <string_view>

namespace renkei::testing {

/// A well-formed request for a route, naming things that exist in a furnished world with the connection `invoice-mail`,
/// the key `robot`, the member taro@acme.example, the group `sales`, and the given operation. For tests that go through the whole table.
Ask sample_request(const api::Route& route, const std::string& operation_id);

}  // namespace renkei::testing
