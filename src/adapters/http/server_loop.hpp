#pragma once

#include "adapters/http/connection_answer.hpp"
#include "adapters/http/connection_buffers.hpp"
#include "adapters/http/request_head.hpp"
#include "adapters/http/server_settings.hpp"
#include "adapters/http/tls.hpp"
#include "app/ports/access_sink.hpp"
#include "app/ports/http_handler.hpp"
#include "app/task.hpp"
#include "base/random.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace renkei::http {

class Connection;

/// What the loops of one server share.
struct ServerContext {
    ServerContext(ServerSettings the_settings, app::HttpHandler& the_handler, Random& the_random, app::AccessSink* the_sink)
        : settings(std::move(the_settings)), handler(the_handler), random(the_random), sink(the_sink) {}
    /// Never run. Sockets are bound in it: the server's own loops may run already, and what belongs to a loop may be
    /// touched by its thread alone (BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO).
    asio::io_context unbound{1};
    ServerSettings settings;
    app::HttpHandler& handler;
    Random& random;
    app::AccessSink* sink;
    std::atomic<std::size_t> connections{0};
};

/// The server's part on one event loop: its acceptors, its connections and what they use in common. Touched from the
/// loop's thread only, but for the constructor.
class ServerLoop : public std::enable_shared_from_this<ServerLoop> {
public:
    using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

    // Shared with the loop's coroutines: one that outlives the server (a handler that never ends) still finds it.
    ServerLoop(asio::io_context& loop, std::shared_ptr<ServerContext> context);

    /// Takes a listening socket of another loop over, which start() brings into this one; `tls` may be null. Before start().
    void add(Acceptor acceptor, std::shared_ptr<TlsServerContext> tls);
    void start();
    /// Stops to accept and closes what is idle. `finished` is called when the last connection has ended.
    void drain(std::function<void()> finished);
    /// Ends all connections.
    void abort();
    asio::io_context& loop() { return loop_; }

    // For its connections.
    void enter(Connection& connection);
    void leave(Connection& connection);
    void trim_memory();
    const ServerSettings& settings() const { return context->settings; }

    std::shared_ptr<ServerContext> context;
    bool draining = false;
    // Scratch: filled and used up between two suspensions.
    std::string out;
    std::string fast_body;
    std::vector<char> input;
    RequestHead head;
    DateText date;
    RequestIds ids;
    BufferPool buffers;

private:
    struct Listener {
        Acceptor acceptor;
        std::shared_ptr<TlsServerContext> tls;
    };
    using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

    static Task<void> accept(std::shared_ptr<ServerLoop> self, std::size_t listener);
    static Task<void> sweep(std::shared_ptr<ServerLoop> self);
    void spawn(Task<void> task);
    void welcome(asio::basic_stream_socket<asio::ip::tcp, Executor> socket, Listener& listener);
    void one_ended();

    asio::io_context& loop_;
    std::vector<Listener> listeners_;
    Timer timer_;
    std::vector<Connection*> connections_;
    std::size_t running_ = 0;  // coroutines
    std::function<void()> finished_;
};

}  // namespace renkei::http
