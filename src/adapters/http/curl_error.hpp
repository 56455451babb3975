#pragma once

#include "base/error.hpp"

#include <curl/curl.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace renkei::http {

/// How a transfer ended, as libcurl tells it.
struct CurlEnding {
    CURLcode code = CURLE_OK;
    std::string_view host;
    std::string_view text;      ///< libcurl's own words: looked at, never shown
    long verify_result = 0;     ///< OpenSSL's X509_V_ERR_...
    long proxy_status = 0;      ///< the proxy's answer to CONNECT
    bool answer_began = false;  ///< a final status line had arrived
};

/// provider_unavailable, provider_timeout, provider_bad_answer or tls_failed; names the host and nothing else of the address.
Error error_of(const CurlEnding& ending);

}  // namespace renkei::http
