#pragma once

#include "adapters/api/language.hpp"
#include "app/connect_flow.hpp"
#include "app/device_sign_in.hpp"
#include "app/ports/http_handler.hpp"

namespace renkei::api {

/// Who asks for what, and where the answer will come: shown before anything is sent.
app::ServerResponse connect_request_page(Language language, const app::ConnectRequest& request);
/// The code to type and where, and afterwards how it ended. Looks again by itself while it waits.
app::ServerResponse device_progress_page(Language language, const app::DeviceProgress& progress);
app::ServerResponse connect_done_page(Language language, const app::ConnectOutcome& outcome);

}  // namespace renkei::api
