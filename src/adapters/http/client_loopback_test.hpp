#pragma once

// Test support: a server of the test's own making on loopback, fakes, and a way to run a coroutine to its end.

#include "app/ports/http_client.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace renkei::testing {

/// One accepted connection, read and written with blocking calls on a thread of its own.
class Peer {
public:
    explicit Peer(int fd) : fd_(fd) {}
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    bool start_tls(SSL_CTX* context);
    /// A whole request: head and, by its Content-Length, body. Empty if the other side is gone.
    std::string read_request();
    /// Only up to the blank line; what came with it stays for read_some.
    std::string read_head();
    /// Empty at the end.
    std::string read_some();
    bool write(std::string_view bytes);
    /// 200 with this body and its Content-Length.
    bool answer(std::string_view body, std::string_view more_headers = "");
    void small_send_buffer();
    /// Ends the connection with a reset, as a crashed server does.
    void reset();
    void stop();  ///< from another thread
    int fd() const { return fd_; }

private:
    std::atomic<int> fd_;  // the server's end looks whether it is still open
    SSL* ssl_ = nullptr;
    std::string left_;
};

class LoopbackServer {
public:
    using Session = std::function<void(Peer&)>;
    enum class Family { v4, v6 };
    explicit LoopbackServer(Session session, Family family = Family::v4);
    ~LoopbackServer();
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;

    std::uint16_t port() const { return port_; }
    std::string url(std::string_view path = "/", std::string_view host = "127.0.0.1") const;
    int connections() const { return connections_; }
    /// Every request's text so far, as noted by sessions.
    void note(std::string request);
    std::vector<std::string> notes();

private:
    void accept_all();

    Session session_;
    int listener_;
    std::uint16_t port_ = 0;
    std::atomic<int> connections_{0};
    std::mutex mutex_;
    std::vector<std::string> notes_;
    std::vector<std::shared_ptr<Peer>> peers_;
    std::vector<std::thread> threads_;
    bool ending_ = false;
    std::thread acceptor_;
};

/// A self-signed certificate for a name, made for this test run; its PEM stands in a file that goes with it.
class TestCertificate {
public:
    explicit TestCertificate(const std::string& dns_name, bool with_loopback_address = true);
    ~TestCertificate();
    TestCertificate(const TestCertificate&) = delete;
    TestCertificate& operator=(const TestCertificate&) = delete;
    const std::string& pem_file() const { return file_; }
    SSL_CTX* server_context() const { return context_; }

private:
    std::string file_;
    SSL_CTX* context_;
};

/// A seeded generator.
class FixedRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(state_ = state_ * 1103515245 + 12345) & 0x7f;
    }

private:
    unsigned state_ = 1;
};

/// Pieces given beforehand; counts how many were taken.
class PiecesStream final : public app::BodyStream {
public:
    explicit PiecesStream(std::deque<Result<std::string>> pieces, int* taken = nullptr) : pieces_(std::move(pieces)), taken_(taken) {}
    Task<Result<std::string>> read() override {
        if (taken_ != nullptr) ++*taken_;
        if (pieces_.empty()) co_return std::string();
        auto piece = std::move(pieces_.front());
        pieces_.pop_front();
        co_return piece;
    }

private:
    std::deque<Result<std::string>> pieces_;
    int* taken_;
};

/// An inner client for the tests of wrappers: answers in order, and what it was asked.
class FakeClient final : public app::HttpClient {
public:
    struct Script {
        std::deque<Result<HttpResponse>> answers;
        std::vector<HttpRequest> requests;
        std::vector<app::CallOptions> options;
        std::uint64_t streamed = 0;
        std::function<void()> at_call;
    };
    explicit FakeClient(std::shared_ptr<Script> script) : script_(std::move(script)) {}
    Task<Result<HttpResponse>> send(HttpRequest request, app::CallOptions options) override;
    Task<Result<app::StreamedResponse>> open(HttpRequest request, app::CallOptions options) override;
    Task<Result<HttpResponse>> upload(HttpRequest request, std::unique_ptr<app::BodyStream> body, std::uint64_t length, app::CallOptions options) override;

private:
    Result<HttpResponse> next(HttpRequest request, app::CallOptions options);
    std::shared_ptr<Script> script_;
};

/// One loop, run on the test's own thread until a coroutine has ended.
class TestLoop {
public:
    asio::io_context& context() { return context_; }

    template <class T>
    T run(Task<T> task) {
        std::optional<T> result;
        spawn(std::move(task), result);
        context_.restart();
        while (!result && context_.run_one() > 0) {
        }
        return std::move(result).value();
    }

    /// Moves the clock whenever nothing else is left to do.
    template <class T>
    T run(Task<T> task, ManualClock& clock) {
        std::optional<T> result;
        spawn(std::move(task), result);
        while (!result) {
            context_.restart();
            if (context_.poll() > 0) continue;
            if (result || clock.next_due() == TimePoint::max()) break;
            clock.advance(clock.next_due() - clock.now());
        }
        return std::move(result).value();
    }

private:
    template <class T>
    void spawn(Task<T> task, std::optional<T>& result) {
        asio::co_spawn(context_.get_executor(), std::move(task), [&result](std::exception_ptr error, T value) {
            if (error) std::rethrow_exception(error);
            result.emplace(std::move(value));
        });
    }
    asio::io_context context_{1};
};

}  // namespace renkei::testing
