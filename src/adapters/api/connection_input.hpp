#pragma once

#include "adapters/api/call.hpp"
#include "app/connections.hpp"

namespace renkei::api {

Result<app::CreateConnection> read_connection(Call& call);
Result<app::ChangeConnection> read_connection_change(Call& call);

}  // namespace renkei::api
