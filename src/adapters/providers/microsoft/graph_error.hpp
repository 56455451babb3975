#pragma once

#include "base/http.hpp"
#include "base/result.hpp"
#include "core/connection.hpp"

#include <string>

namespace renkei::microsoft {

/// What was asked for, to say in a refusal which permission is missing.
struct Asked {
    std::string permission;  ///< Mail.Read
    core::ConnectionMode mode = core::ConnectionMode::client_credentials;
    std::string mailbox;
};

/// Graph's refusal in Renkei's words: decided by the deepest code that is known, else by the status; never by Graph's
/// text, which callers do not see either. Context: status, provider_code, provider_request_id, retry_after.
Error failure_of(const HttpResponse& response, const Asked& asked);

}  // namespace renkei::microsoft
