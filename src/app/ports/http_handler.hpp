#pragma once

#include "app/ports/body_stream.hpp"
#include "app/task.hpp"
#include "base/encoding.hpp"
#include "base/http.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace renkei::app {

/// A request that arrived, body read whole within the route's limit.
struct ServerRequest {
    Method method = Method::get;
    std::string target;  ///< as sent: path and query
    std::string path;    ///< raw path, escapes kept
    Fields query;        ///< decoded
    Headers headers;     ///< without Authorization, Cookie, Renkei-Session and Renkei-Run, which stand below
    std::optional<Secret> authorization;
    std::optional<Secret> session;  ///< Renkei-Session: the secret of a session, or the name of a global one
    std::optional<Secret> run;      ///< Renkei-Run: the secret of a run
    std::optional<Secret> cookie;
    std::string body;
    std::string request_id;                  ///< 32 hex digits, ours or the trusted proxy's
    std::array<std::uint8_t, 16> address{};  ///< of the caller, believed after trusted_proxies; IPv4 mapped
    bool secure = false;                     ///< TLS here, or told so by a trusted proxy
};

struct ServerResponse {
    int status = 200;
    Headers headers;
    std::string body;
    std::unique_ptr<BodyStream> stream;  ///< instead of body; chunked unless Content-Length is set
    bool secret_body = false;            ///< wiped after writing, never logged
    bool reset_connection = false;       ///< no answer: the connection is reset (RST). For simulated faults only.
    // For the access log and metrics.
    std::string route;  ///< the route's pattern, never the target
    std::string principal;
};

/// What the fast path sees: views into the connection's buffer.
struct FastRequest {
    std::string_view method;
    std::string_view target;
    std::string_view authorization;
    std::string_view connection_header;  ///< Renkei-Connection
    std::string_view mailbox_header;     ///< Renkei-Mailbox
    std::array<std::uint8_t, 16> address{};
    bool secure = false;
};

/// Where the fast path writes its answer: body appended to `body`, which is a reused buffer.
struct FastAnswer {
    int status = 200;
    std::string_view content_type = "application/json";
    std::string_view route{};
    std::string& body;
    std::string_view principal{};  ///< for the access log
};

/// Answers requests. One object serves all event loops at the same time.
class HttpHandler {
public:
    virtual ~HttpHandler() = default;
    /// Called first for GETs without a body, on the event loop, without suspending. False: take the ordinary way.
    virtual bool try_fast(const FastRequest&, FastAnswer&) { return false; }
    /// Largest body that this route takes, in bytes. Called when the head has arrived.
    virtual std::uint64_t body_limit(Method method, std::string_view path) = 0;
    /// Never throws for a bad request; an exception becomes 500.
    virtual Task<ServerResponse> handle(ServerRequest request) = 0;
    /// The answer for what the server itself refuses (malformed head, limits, timeouts), in the application's form.
    virtual ServerResponse refuse(int status, std::string_view detail, std::string_view request_id) = 0;
};

}  // namespace renkei::app
