// A token endpoint over TLS in threads of this program: the refresh token rt-000042 brings the access token tok-000042-gK-…,
// K more each time, also from one run of the program to the next, which lives two seconds. Renkei therefore renews it again and again while it is being read.
#pragma once

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

namespace renkei::bench {

class RotatingTokens {
public:
    static constexpr unsigned most = 1000;

    /// Serves from now to the end of the program, on loopback. Ends the program if the port or the certificate is no good.
    RotatingTokens(std::uint16_t port, const std::string& certificate, const std::string& key) {
        if (SSL_CTX_use_certificate_chain_file(tls_, certificate.c_str()) != 1 || SSL_CTX_use_PrivateKey_file(tls_, key.c_str(), SSL_FILETYPE_PEM) != 1)
            give_up("certificate");
        const int on = 1;
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 256) != 0) give_up("port");
        std::thread([this] {
            for (;;)
                if (const int fd = ::accept(listener_, nullptr, nullptr); fd >= 0) std::thread([this, fd] { serve(fd); }).detach();
        }).detach();
    }
    RotatingTokens(const RotatingTokens&) = delete;
    RotatingTokens& operator=(const RotatingTokens&) = delete;

    unsigned long rotations() const { return rotations_.load(); }

private:
    [[noreturn]] static void give_up(const char* what) {
        std::fprintf(stderr, "the rotating token endpoint cannot use its %s\n", what);
        std::exit(1);
    }

    void serve(int fd) {
        SSL* ssl = SSL_new(tls_);
        SSL_set_fd(ssl, fd);
        if (SSL_accept(ssl) == 1) {
            std::string text;
            while (receive(ssl, text)) {
                const auto answer = answer_to(text);
                if (SSL_write(ssl, answer.data(), static_cast<int>(answer.size())) <= 0) break;
                text.clear();
            }
        }
        SSL_free(ssl);
        ::close(fd);
    }

    static bool receive(SSL* ssl, std::string& text) {
        char buffer[8192];
        for (;;) {
            const auto got = SSL_read(ssl, buffer, sizeof buffer);
            if (got <= 0) return false;
            text.append(buffer, static_cast<std::size_t>(got));
            const auto head = text.find("\r\n\r\n");
            if (head == text.npos) continue;
            const auto at = text.find("Content-Length: ");
            const std::size_t length = at < head ? std::strtoul(text.c_str() + at + 16, nullptr, 10) : 0;
            if (text.size() >= head + 4 + length) return true;
        }
    }

    std::string answer_to(const std::string& request) {
        constexpr std::string_view field = "refresh_token=rt-";
        const auto at = request.find(field);
        const auto number = at == request.npos ? most : std::strtoul(request.c_str() + at + field.size(), nullptr, 10);
        if (number >= most) return message("400 Bad Request", R"({"error":"invalid_grant"})");
        char token[48];
        std::snprintf(token, sizeof token, "tok-%06lu-g%lu-", number, first_ + ++generations_[number]);
        ++rotations_;
        std::string text = token;
        text.resize(800, 'x');
        return message("200 OK", R"({"token_type":"Bearer","expires_in":2,"access_token":")" + text + "\"}");
    }

    static std::string message(const char* status, const std::string& body) {
        return std::string("HTTP/1.1 ") + status + "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    SSL_CTX* tls_ = SSL_CTX_new(TLS_server_method());
    int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // A token of the run before may still live in Renkei's memory.
    const unsigned long first_ =
        static_cast<unsigned long>(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
    std::array<std::atomic<unsigned long>, most> generations_{};
    std::atomic<unsigned long> rotations_{0};
};

}  // namespace renkei::bench
