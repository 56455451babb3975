#pragma once

#include "app/ports/http_handler.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace renkei::sandbox {

using app::ServerRequest;
using app::ServerResponse;

/// One simulated service on a port of its own. Faults, the exchange log, counters and CORS are put around it
/// (mounted.hpp); it knows nothing of them. Tests call handle() directly.
class Service {
public:
    virtual ~Service() = default;
    /// Its name in faults, counters and the exchange log: login, graph.
    virtual std::string_view name() const = 0;
    virtual std::uint64_t body_limit(Method, std::string_view /*path*/) { return 8u << 20; }
    /// Answers at once: it must not wait. A body may be streamed.
    virtual ServerResponse handle(ServerRequest request) = 0;
    /// An answer with this status in the vendor's error form, for faults and for what the server refuses.
    virtual ServerResponse vendor_error(int status, const ServerRequest& request) = 0;
    /// Forgets what it holds; the world has been reset before.
    virtual void reset() {}
};

/// How a message is put into a mailbox from outside (control endpoint, --import).
struct Delivery {
    std::string mailbox;           ///< user principal name, alias or object id
    std::string eml;               ///< the message as it is
    std::string folder = "inbox";  ///< well-known name or display name
    bool read = false;
    std::optional<TimePoint> received{};  ///< default: now
};

/// The hook by which the control endpoint reaches the mailboxes.
class MailSink {
public:
    virtual ~MailSink() = default;
    /// The id of the stored message. not_found: no such mailbox or folder.
    virtual Result<std::string> deliver(Delivery delivery) = 0;
};

/// The simulated Graph: sandbox/graph/graph.hpp declares `std::unique_ptr<MailService> make_graph(World&)`.
class MailService : public Service, public MailSink {};

/// scheme://host:port by which the caller reached the service; every absolute address in an answer is made from it.
std::string base_address(const ServerRequest& request);

/// An answer with a JSON text.
ServerResponse json_response(int status, std::string body);

/// A request as the server would hand it over, for tests: target is path and query as sent.
ServerRequest make_request(Method method, std::string_view target, std::string body = {}, Headers headers = {});

}  // namespace renkei::sandbox
