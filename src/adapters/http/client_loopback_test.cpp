#include "adapters/http/client_loopback_test.hpp"

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace renkei::testing {

Peer::~Peer() {
    if (ssl_ != nullptr) SSL_free(ssl_);
    if (fd_ >= 0) ::close(fd_);
}

bool Peer::start_tls(SSL_CTX* context) {
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, fd_);
    const bool accepted = SSL_accept(ssl_) == 1;
    ERR_clear_error();
    return accepted;
}

std::string Peer::read_some() {
    if (!left_.empty()) return std::exchange(left_, {});
    char buffer[65536];
    const auto got = ssl_ != nullptr ? SSL_read(ssl_, buffer, sizeof buffer) : static_cast<int>(::recv(fd_, buffer, sizeof buffer, 0));
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
}

std::string Peer::read_head() {
    std::string text;
    for (;;) {
        if (const auto end = text.find("\r\n\r\n"); end != text.npos) {
            left_ = text.substr(end + 4);
            text.resize(end + 4);
            return text;
        }
        const auto piece = read_some();
        if (piece.empty()) return {};
        text += piece;
    }
}

std::string Peer::read_request() {
    std::string text = read_head();
    if (text.empty()) return text;
    std::size_t length = 0;
    if (const auto at = text.find("Content-Length: "); at != text.npos) length = std::strtoul(text.c_str() + at + 16, nullptr, 10);
    while (length > 0) {
        const auto piece = read_some();
        if (piece.empty()) return {};
        const auto taken = std::min(length, piece.size());
        text.append(piece, 0, taken);
        left_ = piece.substr(taken);
        length -= taken;
    }
    return text;
}

bool Peer::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20)))
                                          : static_cast<int>(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool Peer::answer(std::string_view body, std::string_view more_headers) {
    return write("HTTP/1.1 200 OK\r\n" + std::string(more_headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}

void Peer::small_send_buffer() {
    const int size = 64 << 10;
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

void Peer::reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(fd_.exchange(-1));
}

void Peer::stop() { ::shutdown(fd_, SHUT_RDWR); }

LoopbackServer::LoopbackServer(Session session, Family family)
    : session_(std::move(session)), listener_(::socket(family == Family::v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_storage address{};
    socklen_t size = family == Family::v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    if (family == Family::v4) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(address);
        v4.sin_family = AF_INET;
        v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
        v6.sin6_family = AF_INET6;
        v6.sin6_addr = in6addr_loopback;
    }
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0) std::abort();
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(family == Family::v4 ? reinterpret_cast<sockaddr_in&>(address).sin_port : reinterpret_cast<sockaddr_in6&>(address).sin6_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

void LoopbackServer::accept_all() {
    for (;;) {
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        auto peer = std::make_shared<Peer>(fd);
        const std::lock_guard lock(mutex_);
        if (ending_) return;
        ++connections_;
        peers_.push_back(peer);
        threads_.emplace_back([this, peer] {
            session_(*peer);
            if (peer->fd() >= 0) peer->stop();
        });
    }
}

LoopbackServer::~LoopbackServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        for (const auto& peer : peers_)
            if (peer->fd() >= 0) peer->stop();
    }
    for (auto& thread : threads_) thread.join();
}

std::string LoopbackServer::url(std::string_view path, std::string_view host) const {
    return "http://" + std::string(host) + ":" + std::to_string(port_) + std::string(path);
}

void LoopbackServer::note(std::string request) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(request));
}

std::vector<std::string> LoopbackServer::notes() {
    const std::lock_guard lock(mutex_);
    return notes_;
}

TestCertificate::TestCertificate(const std::string& dns_name, bool with_loopback_address) : context_(SSL_CTX_new(TLS_server_method())) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("Renkei test"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    const std::string names = "DNS:" + dns_name + (with_loopback_address ? ",IP:127.0.0.1" : "");
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(certificate, key, EVP_sha256());
    SSL_CTX_use_certificate(context_, certificate);
    SSL_CTX_use_PrivateKey(context_, key);

    std::string path = (std::getenv("TMPDIR") != nullptr ? std::string(std::getenv("TMPDIR")) : std::string("/tmp")) + "/renkei-test-XXXXXX";
    FILE* file = ::fdopen(::mkstemp(path.data()), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file_ = std::move(path);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

TestCertificate::~TestCertificate() {
    SSL_CTX_free(context_);
    ::unlink(file_.c_str());
}

Result<HttpResponse> FakeClient::next(HttpRequest request, app::CallOptions options) {
    script_->requests.push_back(std::move(request));
    script_->options.push_back(std::move(options));
    if (script_->at_call) script_->at_call();
    if (script_->answers.empty()) return fail(Errc::internal, "the script of the fake has ended");
    auto answer = std::move(script_->answers.front());
    script_->answers.pop_front();
    return answer;
}

Task<Result<HttpResponse>> FakeClient::send(HttpRequest request, app::CallOptions options) { co_return next(std::move(request), std::move(options)); }

Task<Result<app::StreamedResponse>> FakeClient::open(HttpRequest request, app::CallOptions options) {
    auto answer = next(std::move(request), std::move(options));
    if (!answer) co_return propagate(answer);
    app::StreamedResponse streamed{answer->status, std::move(answer->headers), nullptr};
    std::deque<Result<std::string>> pieces;
    pieces.emplace_back(std::move(answer->body));
    streamed.body = std::make_unique<PiecesStream>(std::move(pieces));
    co_return streamed;
}

Task<Result<HttpResponse>> FakeClient::upload(HttpRequest request, std::unique_ptr<app::BodyStream> body, std::uint64_t length, app::CallOptions options) {
    script_->streamed += length;
    auto piece = co_await body->read();
    if (!piece) co_return propagate(piece);
    co_return next(std::move(request), std::move(options));
}

}  // namespace renkei::testing
