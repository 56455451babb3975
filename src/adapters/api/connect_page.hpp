#pragma once

#include "adapters/api/language.hpp"
#include "app/connect_flow.hpp"
#include "app/ports/http_handler.hpp"

namespace renkei::api {

/// Who asks for what, and where the answer will come: shown before anything is sent.
app::ServerResponse connect_request_page(Language language, const app::ConnectRequest& request);
app::ServerResponse connect_done_page(Language language, const app::ConnectOutcome& outcome);

}  // namespace renkei::api
