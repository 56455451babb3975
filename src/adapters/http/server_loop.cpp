#include "adapters/http/server_loop.hpp"

#include "adapters/http/connection.hpp"
#include "base/secret.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace renkei::http {
namespace {

constexpr std::size_t input_scratch = 64 * 1024;
constexpr std::size_t most_refusals = 64;  // connections beyond the limit that still get an answer, of one loop

Address address_of(const Socket& socket) {
    boost::system::error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    Address bytes{};
    if (error) return bytes;
    if (endpoint.address().is_v6()) return endpoint.address().to_v6().to_bytes();
    bytes[10] = bytes[11] = 0xff;
    std::ranges::copy(endpoint.address().to_v4().to_bytes(), bytes.begin() + 12);
    return bytes;
}

void wipe_scratch(std::string& text) {
    constexpr std::size_t kept = 128 * 1024;
    text.resize(text.capacity());
    wipe(text);
    if (text.capacity() > kept) text.shrink_to_fit();
}

}  // namespace

ServerLoop::ServerLoop(asio::io_context& loop, std::shared_ptr<ServerContext> shared)
    : context(std::move(shared)), input(input_scratch), ids(context->random), loop_(loop), timer_(loop) {}

void ServerLoop::add(Acceptor acceptor, std::shared_ptr<TlsServerContext> tls) { listeners_.push_back({std::move(acceptor), std::move(tls)}); }

void ServerLoop::spawn(Task<void> task) {
    ++running_;
    asio::co_spawn(loop_.get_executor(), std::move(task), [self = shared_from_this()](const std::exception_ptr&) { self->one_ended(); });
}

void ServerLoop::start() {
    for (auto& listener : listeners_) {
        const auto protocol = listener.acceptor.local_endpoint().protocol();
        listener.acceptor = Acceptor(loop_, protocol, listener.acceptor.release());
    }
    for (std::size_t i = 0; i < listeners_.size(); ++i) spawn(accept(shared_from_this(), i));
    spawn(sweep(shared_from_this()));
}

void ServerLoop::one_ended() {
    --running_;
    // The sweep goes on while there are connections, and is the last to end.
    if (draining && connections_.empty()) timer_.cancel();
    if (draining && running_ == 0 && finished_) std::exchange(finished_, {})();
}

void ServerLoop::drain(std::function<void()> finished) {
    draining = true;
    finished_ = std::move(finished);
    boost::system::error_code ignored;
    for (auto& listener : listeners_) listener.acceptor.close(ignored);
    for (auto* connection : connections_) connection->begin_drain();
    timer_.cancel();
    if (running_ == 0) std::exchange(finished_, {})();
}

void ServerLoop::abort() {
    for (auto* connection : connections_) connection->abort();
}

void ServerLoop::enter(Connection& connection) {
    connection.place_in_loop = connections_.size();
    connections_.push_back(&connection);
}

void ServerLoop::leave(Connection& connection) {
    connections_[connection.place_in_loop] = connections_.back();
    connections_[connection.place_in_loop]->place_in_loop = connection.place_in_loop;
    connections_.pop_back();
    context->connections.fetch_sub(1, std::memory_order_relaxed);
}

// Scratch holds tokens and keys of the last answers: it is overwritten once a second.
void ServerLoop::trim_memory() {
    wipe_scratch(out);
    wipe_scratch(fast_body);
    buffers.trim();
}

Task<void> ServerLoop::sweep(std::shared_ptr<ServerLoop> self) {
    while (!self->draining || !self->connections_.empty()) {
        self->timer_.expires_after(self->settings().sweep_interval);
        co_await self->timer_.async_wait(asio::as_tuple(use_task));
        const auto now = std::chrono::steady_clock::now();
        for (auto* connection : self->connections_) connection->sweep(now);
        self->trim_memory();
    }
}

Task<void> ServerLoop::accept(std::shared_ptr<ServerLoop> self, std::size_t index) {
    auto& listener = self->listeners_[index];
    while (!self->draining) {
        auto [error, socket] = co_await listener.acceptor.async_accept(asio::as_tuple(use_task));
        if (!error) {
            self->welcome(std::move(socket), listener);
        } else if (error == asio::error::no_descriptors || error == asio::error::no_memory || error == asio::error::no_buffer_space) {
            // The listener stays ready, so trying again at once would spin.
            Timer pause(self->loop_);
            pause.expires_after(std::chrono::milliseconds(50));
            co_await pause.async_wait(asio::as_tuple(use_task));
        }
    }
}

void ServerLoop::welcome(Socket socket, Listener& listener) {
    boost::system::error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
    const auto count = context->connections.fetch_add(1, std::memory_order_relaxed) + 1;
    const bool over_limit = count > settings().connections;
    SslPtr ssl;
    // Nobody beyond the limit gets a handshake, and only so many an answer.
    bool refused = over_limit && (listener.tls || count > settings().connections + most_refusals);
    if (!refused && listener.tls) refused = !(ssl = listener.tls->accept(socket.native_handle()));
    if (refused) {
        context->connections.fetch_sub(1, std::memory_order_relaxed);
        return;
    }
    const Caller peer{address_of(socket), listener.tls != nullptr};
    auto connection = std::make_unique<Connection>(shared_from_this(), std::move(socket), std::move(ssl), peer, over_limit);
    spawn(Connection::run(std::move(connection)));
}

}  // namespace renkei::http
