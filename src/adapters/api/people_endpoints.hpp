#pragma once

#include "adapters/api/route.hpp"
#include "app/ports/store.hpp"
#include "base/json.hpp"

#include <vector>

namespace renkei::api {

Routes people_routes();
Routes groups_routes();
Routes csv_routes();

/// A member as /v1/people shows one.
Task<Result<json::object>> shown_with_account(Services& services, app::Member member, std::vector<core::Group> groups);

}  // namespace renkei::api
