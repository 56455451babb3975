#pragma once

#include "adapters/http/curl_settings.hpp"
#include "app/ports/http_client.hpp"

#include <memory>

namespace renkei::http {

/// Requests through libcurl, on the caller's own event loop. Connections are pooled for each loop and each set of egress
/// allowances. Kept connections hold waits: a loop that made calls ends by stop(), not by running dry.
std::unique_ptr<app::HttpClient> make_curl_transport(CurlSettings settings);

}  // namespace renkei::http
