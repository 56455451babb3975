#include "adapters/http/connection_io.hpp"

#include <boost/asio/as_tuple.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace renkei::http {
namespace {

using State = IoResult::State;

IoResult outcome_of_call(ssize_t returned, State wanted) {
    if (returned > 0) return {State::done, static_cast<std::size_t>(returned)};
    if (returned < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return {wanted, 0};
    return {State::closed, 0};
}

int bounded(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max())); }

}  // namespace

ConnectionIo::ConnectionIo(Socket socket, SslPtr ssl) : socket_(std::move(socket)), ssl_(std::move(ssl)) {}

IoResult ConnectionIo::outcome_of_tls(int returned) {
    if (returned > 0) return {State::done, static_cast<std::size_t>(returned)};
    const auto error = SSL_get_error(ssl_.get(), returned);
    if (error == SSL_ERROR_WANT_READ) return {State::wants_read, 0};
    if (error == SSL_ERROR_WANT_WRITE) return {State::wants_write, 0};
    // After a fatal error SSL_shutdown must not be called.
    if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL) SSL_set_quiet_shutdown(ssl_.get(), 1);
    return {State::closed, 0};
}

IoResult ConnectionIo::handshake_now() {
    ERR_clear_error();
    return outcome_of_tls(SSL_do_handshake(ssl_.get()));
}

IoResult ConnectionIo::read_now(std::span<char> into) {
    if (!ssl_) return outcome_of_call(::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT), State::wants_read);
    ERR_clear_error();
    return outcome_of_tls(SSL_read(ssl_.get(), into.data(), bounded(into.size())));
}

IoResult ConnectionIo::write_now(std::string_view bytes, bool more) {
    if (!ssl_) {
        const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0);
        return outcome_of_call(::send(socket_.native_handle(), bytes.data(), bytes.size(), flags), State::wants_write);
    }
    ERR_clear_error();
    return outcome_of_tls(SSL_write(ssl_.get(), bytes.data(), bounded(bytes.size())));
}

void ConnectionIo::finish_sending() {
    if (ssl_ && SSL_is_init_finished(ssl_.get()) && SSL_get_quiet_shutdown(ssl_.get()) == 0) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
    }
    ::shutdown(socket_.native_handle(), SHUT_WR);
}

void ConnectionIo::reset_on_close() {
    // Not through Asio: what its own set_option sets, its destructor takes back.
    const linger at_once{1, 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

Task<bool> ConnectionIo::wait(State wanted) {
    const auto kind = wanted == State::wants_write ? Socket::wait_write : Socket::wait_read;
    const auto [error] = co_await socket_.async_wait(kind, asio::as_tuple(use_task));
    co_return !error;
}

void ConnectionIo::interrupt() {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void ConnectionIo::abort() {
    ::shutdown(socket_.native_handle(), SHUT_RDWR);
    interrupt();
}

}  // namespace renkei::http
