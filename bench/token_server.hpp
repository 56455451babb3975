// A token endpoint in a process of its own, so that its CPU time counts for nobody: answers every POST at once with a new
// access token and a new refresh token of 900 bytes each.
#pragma once

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>

namespace renkei::bench {

inline void serve_tokens(int fd) {
    const std::string body =
        R"({"token_type":"Bearer","expires_in":3599,"access_token":")" + std::string(900, 'a') + R"(","refresh_token":")" + std::string(900, 'r') + "\"}";
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    std::string text;
    char buffer[16384];
    for (;;) {
        const auto got = ::recv(fd, buffer, sizeof buffer, 0);
        if (got <= 0) break;
        text.append(buffer, static_cast<std::size_t>(got));
        const auto head = text.find("\r\n\r\n");
        if (head == text.npos) continue;
        const auto at = text.find("Content-Length: ");
        const std::size_t length = at < head ? std::strtoul(text.c_str() + at + 16, nullptr, 10) : 0;
        if (text.size() < head + 4 + length) continue;
        text.erase(0, head + 4 + length);
        if (::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
    }
    ::close(fd);
}

/// Its port on loopback. Call it before the first thread is made; the child ends with its parent.
inline std::uint16_t start_token_server() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 256) != 0) std::abort();
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    const auto child = ::fork();
    if (child < 0) std::abort();
    if (child > 0) {
        ::close(listener);
        return ntohs(address.sin_port);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) std::thread(serve_tokens, ::accept(listener, nullptr, nullptr)).detach();
}

}  // namespace renkei::bench
