// The tests' raw client.
#include "adapters/http/server_test_world.hpp"

#include <cstdlib>

namespace renkei::http::testing {

RawClient::RawClient(std::uint16_t port, int receive_buffer) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const timeval limit{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // A refused connection shows as an answer that does not come.
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) ended_ = -1;
}

RawClient::~RawClient() {
    if (ssl_) SSL_free(ssl_);
    ::close(socket_);
}

bool RawClient::start_tls(SSL_CTX* context, SSL_SESSION* session) {
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, socket_);
    if (session) SSL_set_session(ssl_, session);
    return SSL_connect(ssl_) == 1;
}

void RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ssl_ ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

bool RawClient::fill() {
    char piece[16384];
    ended_ = ssl_ ? SSL_read(ssl_, piece, sizeof piece) : ::recv(socket_, piece, sizeof piece, 0);
    if (ended_ > 0) buffer_.append(piece, static_cast<std::size_t>(ended_));
    return ended_ > 0;
}

std::string RawClient::line() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n")) == std::string::npos)
        if (!fill()) return {};
    auto text = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return text;
}

RawAnswer RawClient::read(bool head_only) {
    RawAnswer answer;
    const auto status = line();
    if (!status.starts_with("HTTP/1.1 ")) return answer;
    answer.status = std::atoi(status.c_str() + 9);
    for (auto field = line(); !field.empty(); field = line()) {
        const auto colon = field.find(':');
        answer.headers.add(field.substr(0, colon), std::string(trim(std::string_view(field).substr(colon + 1))));
    }
    if (!head_only && answer.status >= 200) read_body(answer);
    return answer;
}

void RawClient::read_body(RawAnswer& answer) {
    if (answer.headers.get("Transfer-Encoding") == "chunked") return read_chunks(answer);
    if (!answer.headers.has("Content-Length")) {
        answer.body = read_all();
        return;
    }
    const auto length = std::stoull(std::string(answer.headers.get("Content-Length")));
    while (buffer_.size() < length)
        if (!fill()) break;
    answer.whole = buffer_.size() >= length;
    answer.body = buffer_.substr(0, length);
    buffer_.erase(0, answer.body.size());
}

void RawClient::read_chunks(RawAnswer& answer) {
    for (;;) {
        const auto size_line = line();
        if (size_line.empty()) return;
        const auto size = std::strtoull(size_line.c_str(), nullptr, 16);
        while (buffer_.size() < size + 2)
            if (!fill()) return;
        answer.body.append(buffer_, 0, size);
        buffer_.erase(0, size + 2);
        if (size == 0) {
            answer.whole = true;
            return;
        }
    }
}

std::string RawClient::read_all() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
}

}  // namespace renkei::http::testing
