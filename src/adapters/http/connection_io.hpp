#pragma once

#include "adapters/http/tls.hpp"
#include "app/task.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace renkei::http {

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

/// What a call that does not block came to.
struct IoResult {
    enum class State { done, wants_read, wants_write, closed } state = State::closed;
    std::size_t bytes = 0;
};

/// The bytes of one connection, plain or TLS. The *_now calls never block; wait() suspends until the socket is ready
/// or interrupt() is called.
class ConnectionIo {
public:
    ConnectionIo(Socket socket, SslPtr ssl);

    bool is_tls() const { return ssl_ != nullptr; }
    IoResult handshake_now();
    IoResult read_now(std::span<char> into);
    /// `more`: further bytes follow at once (saves a packet).
    IoResult write_now(std::string_view bytes, bool more = false);
    /// Tells the peer that nothing more comes.
    void finish_sending();
    /// Makes the close at the end a reset, which no reader takes for the end of the data.
    void reset_on_close();
    /// False if interrupted.
    Task<bool> wait(IoResult::State wanted);
    /// Ends a wait that is pending.
    void interrupt();
    /// Ends the connection for both sides. The descriptor stays ours until the end, so that its number cannot be reused
    /// under TLS's feet.
    void abort();

    Socket& socket() { return socket_; }

private:
    IoResult outcome_of_tls(int returned);

    Socket socket_;
    SslPtr ssl_;
};

}  // namespace renkei::http
