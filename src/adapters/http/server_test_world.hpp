#pragma once

#include "adapters/http/server.hpp"
#include "app/event_loops.hpp"
#include "base/encoding.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::http::testing {

inline std::string text_of(const std::array<std::uint8_t, 16>& address) { return to_hex(address); }

/// A gate that a handler waits at until the test opens it.
class Gate {
public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        for (auto& wake : waiting_) wake();
        waiting_.clear();
    }
    template <class Done>
    void when_open(Done done) {
        const std::lock_guard lock(mutex_);
        ++arrived_;
        changed_.notify_all();
        if (open_)
            done(true);
        else
            waiting_.push_back([done]() mutable { done(true); });
    }
    void wait_for(std::size_t arrived) {
        std::unique_lock lock(mutex_);
        ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(10), [&] { return arrived_ >= arrived; }));
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::function<void()>> waiting_;
    std::size_t arrived_ = 0;
    bool open_ = false;
};

class Pieces final : public app::BodyStream {
public:
    enum class End { whole, error, exception };
    Pieces(std::vector<std::string> pieces, End end, Gate* gate = nullptr) : pieces_(std::move(pieces)), end_(end), gate_(gate) {}
    Task<Result<std::string>> read() override {
        if (gate_ && next_ > 0) co_await wait_for_callback<bool>([this](auto done) { gate_->when_open(done); });
        if (next_ < pieces_.size()) co_return pieces_[next_++];
        if (end_ == End::error) co_return fail(Errc::provider_unavailable, "gone");
        if (end_ == End::exception) throw std::runtime_error("a bug");
        co_return std::string();
    }

private:
    std::vector<std::string> pieces_;
    End end_;
    Gate* gate_;
    std::size_t next_ = 0;
};

/// Does what its path says.
class PathHandler final : public app::HttpHandler {
public:
    Gate gate;
    std::uint64_t limit = 100'000;

    bool try_fast(const app::FastRequest& request, app::FastAnswer& answer) override {
        if (request.target == "/fast/throw") throw std::runtime_error("a bug");
        if (!request.target.starts_with("/fast")) return false;
        answer.route = "/fast";
        answer.principal = "somebody";
        answer.body.append(request.authorization).append("|").append(request.connection_header).append("|").append(request.mailbox_header);
        answer.body.append("|").append(text_of(request.address)).append(request.secure ? "|secure" : "|plain");
        return true;
    }
    std::uint64_t body_limit(Method, std::string_view path) override {
        if (path == "/throw-limit") throw std::runtime_error("a bug");
        return path == "/tiny" ? 10 : limit;
    }
    Task<app::ServerResponse> handle(app::ServerRequest request) override {
        app::ServerResponse response;
        response.route = request.path;
        response.headers.add("Content-Type", "text/plain");
        if (request.path == "/throw") throw std::runtime_error("a bug");
        if (request.path == "/inject") response.headers.add("X", "a\r\nSet-Cookie: b");
        if (request.path == "/reset") response.reset_connection = true;
        if (request.path == "/wait") co_await wait_for_callback<bool>([this](auto done) { gate.when_open(done); });
        if (request.path == "/big")
            response.body.assign(8u << 20, 'x');
        else if (request.path.starts_with("/stream"))
            fill_stream(request.path, response);
        else
            response.body = describe(request);
        response.secret_body = request.path == "/secret";
        co_return response;
    }
    app::ServerResponse refuse(int status, std::string_view detail, std::string_view) override {
        app::ServerResponse response;
        response.status = status;
        response.body = detail;
        return response;
    }

private:
    void fill_stream(std::string_view path, app::ServerResponse& response) {
        using End = Pieces::End;
        const auto end = path == "/stream/error" || path == "/stream/counted-error" ? End::error : path == "/stream/exception" ? End::exception : End::whole;
        if (path == "/stream/counted") response.headers.add("Content-Length", "9");
        if (path == "/stream/counted-error" || path == "/stream/short") response.headers.add("Content-Length", "100");
        if (path == "/stream/long") response.headers.add("Content-Length", "5");
        response.stream = std::make_unique<Pieces>(std::vector<std::string>{"one ", "two ", "3"}, end, path == "/stream/gated" ? &gate : nullptr);
    }
    static std::string describe(const app::ServerRequest& request) {
        std::string text(method_text(request.method));
        text.append(" ").append(request.path).append(" ").append(request.body);
        for (const auto& [name, value] : request.query) text.append(" ").append(name).append("=").append(value);
        if (request.path == "/who")
            text.append(" ").append(text_of(request.address)).append(request.secure ? " secure" : " plain").append(" ").append(request.request_id);
        if (request.path == "/cookie") text.append(request.cookie && request.cookie->equals(Secret("a=1; b=2")) ? "joined" : "not joined");
        if (request.path == "/host") text.append(request.headers.get("Host"));
        return text;
    }
};

struct SeenAccess {
    std::string method, route, request_id, principal;
    int status;
    std::uint64_t bytes;
    bool fast, secure;
};

class RememberingSink final : public app::AccessSink {
public:
    void record(const app::AccessRecord& access) noexcept override {
        const std::lock_guard lock(mutex_);
        seen_.push_back({std::string(access.method), std::string(access.route), std::string(access.request_id), std::string(access.principal), access.status,
                         access.bytes, access.fast, access.secure});
        changed_.notify_all();
    }
    /// Waits until there are so many.
    std::vector<SeenAccess> first(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(10), [&] { return seen_.size() >= count; });
        return seen_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<SeenAccess> seen_;
};

/// A server on loopback with a free port.
struct ServerWorld {
    explicit ServerWorld(ServerSettings settings = {}, std::optional<TlsFiles> tls = {}, std::size_t threads = 2)
        : loops(threads), server(std::move(settings), loops, handler, random, &sink) {
        auto bound = server.listen({"127.0.0.1", 0, std::move(tls)});
        EXPECT_TRUE(bound) << (bound ? "" : bound.error().detail);
        port = bound ? *bound : std::uint16_t{0};
        loops.start();
        server.start();
    }
    ~ServerWorld() {
        handler.gate.open();
        server.stop(std::chrono::seconds(5));
    }
    SystemRandom random;
    RememberingSink sink;
    PathHandler handler;
    app::EventLoops loops;
    Server server;
    std::uint16_t port = 0;
};

struct RawAnswer {
    int status = 0;  ///< 0: none came
    Headers headers;
    std::string body;
    bool whole = false;  ///< by its length or its last chunk
};

/// A client that writes bytes as they are. Every wait ends after ten seconds.
class RawClient {
public:
    explicit RawClient(std::uint16_t port, int receive_buffer = 0);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    /// True once the handshake is done; `session` resumes one.
    bool start_tls(SSL_CTX* context, SSL_SESSION* session = nullptr);
    SSL* tls() { return ssl_; }
    void send(std::string_view bytes);
    void finish_sending() { ::shutdown(socket_, SHUT_WR); }
    RawAnswer read(bool head_only = false);
    RawAnswer ask(std::string_view request) {
        send(request);
        return read();
    }
    /// Everything up to the end of the connection.
    std::string read_all();
    /// Whether the server closes, in an orderly way, without sending anything more.
    bool closed() { return read_all().empty() && ended_ == 0; }
    bool was_reset() const { return ended_ < 0; }

private:
    bool fill();
    std::string line();
    void read_body(RawAnswer& answer);
    void read_chunks(RawAnswer& answer);

    int socket_;
    SSL* ssl_ = nullptr;
    std::string buffer_;
    ssize_t ended_ = 1;
};

inline std::string get_request(std::string_view path, std::string_view fields = {}) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n";
}
inline std::string post_request(std::string_view path, std::string_view body, std::string_view fields = {}) {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(fields) + "\r\n" +
           std::string(body);
}

}  // namespace renkei::http::testing
