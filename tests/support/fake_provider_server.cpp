#include "tests/support/fake_provider_server.hpp"

#include "tests/support/run_task.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <stdexcept>

namespace renkei::testing {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool send_all(int to, std::string_view text) {
    while (!text.empty()) {
        const auto sent = ::send(to, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::size_t length_in(std::string_view head) {
    const auto at = head.find("Content-Length: ");
    std::size_t length = 0;
    if (at != head.npos) std::from_chars(head.data() + at + 16, head.data() + head.size(), length);
    return length;
}

// A message with Content-Length, or whatever came before the end.
std::string receive_message(int from) {
    std::string all;
    char piece[4096];
    for (;;) {
        const auto head_end = all.find("\r\n\r\n");
        if (head_end != all.npos && all.size() >= head_end + 4 + length_in(std::string_view(all).substr(0, head_end))) return all;
        const auto got = ::recv(from, piece, sizeof piece, 0);
        if (got <= 0) return all;
        all.append(piece, static_cast<std::size_t>(got));
    }
}

std::string body_of(const std::string& message) {
    const auto head_end = message.find("\r\n\r\n");
    return head_end == message.npos ? "" : message.substr(head_end + 4);
}

}  // namespace

FakeProviderServer::FakeProviderServer(FakeProvider& provider) : provider_(provider) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("no loopback port");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

FakeProviderServer::~FakeProviderServer() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
}

void FakeProviderServer::serve() {
    while (!stopping_) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) continue;
        answer(client);
        ::close(client);
    }
}

void FakeProviderServer::answer(int client) {
    const auto message = receive_message(client);
    HttpResponse response{404, {}, ""};
    if (message.starts_with("GET /new ")) {
        response = {200, {}, provider_.new_refresh_token()};
    } else if (message.starts_with("POST /token ")) {
        HttpRequest request{Method::post, "https://login.example/token"};
        request.secret_body = Secret(body_of(message));
        auto result = run_task(provider_.send(std::move(request), {}));
        if (!result) return;  // a fault: the connection simply ends
        response = std::move(*result);
    }
    send_all(client, "HTTP/1.1 " + std::to_string(response.status) + " x\r\nContent-Length: " + std::to_string(response.body.size()) +
                         "\r\nConnection: close\r\n\r\n" + response.body);
}

std::string SocketClient::exchange(const std::string& request) const {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(port_);
    std::string answer;
    if (server >= 0 && ::connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && send_all(server, request))
        answer = receive_message(server);
    if (server >= 0) ::close(server);
    return answer;
}

std::string SocketClient::get(const std::string& path) const { return body_of(exchange("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n")); }

Task<Result<HttpResponse>> SocketClient::send(HttpRequest request, app::CallOptions) {
    const std::string body(request.secret_body ? request.secret_body->expose() : std::string_view{});
    const auto answer = exchange("POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    int status = 0;
    if (answer.size() > 12) std::from_chars(answer.data() + 9, answer.data() + 12, status);
    if (status == 0) co_return fail(Errc::provider_unavailable, "no answer");
    co_return HttpResponse{status, {}, body_of(answer)};
}

}  // namespace renkei::testing
