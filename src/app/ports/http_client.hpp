#pragma once

#include "app/ports/body_stream.hpp"
#include "app/task.hpp"
#include "base/http.hpp"
#include "base/result.hpp"
#include "core/ids.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace renkei::app {

/// How a request is to be made. The deadline covers name lookup, connecting, retries and the last byte.
struct CallOptions {
    std::chrono::milliseconds deadline{20'000};
    std::uint64_t max_answer_bytes = 8u << 20;  ///< after decompression; larger: provider_bad_answer
    /// Whether a repeat is harmless. Writes that are not are never repeated.
    bool may_repeat = false;
    std::string purpose = "provider";  ///< egress allowances are per purpose and workspace
    core::WorkspaceId workspace{};
    std::string request_id{};  ///< sent as client-request-id and logged
};

struct StreamedResponse {
    int status = 0;
    Headers headers{};
    std::unique_ptr<BodyStream> body;
};

/// Renkei's way out. Redirects are not followed. Errors: provider_unavailable, provider_timeout, provider_bad_answer,
/// tls_failed, egress_refused. An HTTP status is no error.
class HttpClient {
public:
    virtual ~HttpClient() = default;
    virtual Task<Result<HttpResponse>> send(HttpRequest request, CallOptions options) = 0;
    /// The answer's body piece by piece, with back-pressure.
    virtual Task<Result<StreamedResponse>> open(HttpRequest request, CallOptions options) = 0;
    /// Sends a body piece by piece.
    virtual Task<Result<HttpResponse>> upload(HttpRequest request, std::unique_ptr<BodyStream> body, std::uint64_t length, CallOptions options) = 0;
};

}  // namespace renkei::app
