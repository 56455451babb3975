#pragma once

#include "adapters/http/server_settings.hpp"
#include "app/event_loops.hpp"
#include "app/ports/access_sink.hpp"
#include "app/ports/http_handler.hpp"
#include "base/random.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace renkei::http {

/// Renkei's HTTP/1.1 server: any number of plain and TLS listeners on the given event loops, one handler.
/// Order of life: loops, handler and sink outlive the server; loops.start() before or after start(); stop() before loops.stop().
class Server {
public:
    /// `sink` may be null.
    Server(ServerSettings settings, app::EventLoops& loops, app::HttpHandler& handler, Random& random, app::AccessSink* sink);
    /// stop(0) if it still runs.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Binds an address, before start(). Returns the port, chosen by the system if 0 was asked.
    Result<std::uint16_t> listen(const ListenAddress& address);
    /// Starts to accept.
    void start();
    /// Reads every TLS listener's files again. Connections go on; a bad file leaves the old certificate in use.
    Result<void> reload();
    /// Stops to accept, closes idle connections, lets running requests finish until `drain` is over, closes the rest.
    /// Blocks; never called on an event loop. False: some handlers were still running when the time was over.
    bool stop(std::chrono::milliseconds drain);

    std::size_t open_connections() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace renkei::http
