#pragma once

#include "tests/support/fake_provider.hpp"

#include <atomic>
#include <cstdint>
#include <thread>

namespace renkei::testing {

/// A FakeProvider behind a loopback socket, on a thread of its own: it outlives every client that is killed.
/// POST /token is the token endpoint, GET /new gives a refresh token of a new grant.
class FakeProviderServer {
public:
    explicit FakeProviderServer(FakeProvider& provider);
    ~FakeProviderServer();
    FakeProviderServer(const FakeProviderServer&) = delete;
    FakeProviderServer& operator=(const FakeProviderServer&) = delete;
    std::uint16_t port() const { return port_; }

private:
    void serve();
    void answer(int client);

    FakeProvider& provider_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

/// The other end: sends every request, whatever its address, to 127.0.0.1:port. Blocks; one request at a time.
class SocketClient final : public app::HttpClient {
public:
    explicit SocketClient(std::uint16_t port) : port_(port) {}
    Task<Result<HttpResponse>> send(HttpRequest request, app::CallOptions options) override;
    Task<Result<app::StreamedResponse>> open(HttpRequest, app::CallOptions) override { co_return fail(Errc::internal, "not a stream"); }
    Task<Result<HttpResponse>> upload(HttpRequest, std::unique_ptr<app::BodyStream>, std::uint64_t, app::CallOptions) override {
        co_return fail(Errc::internal, "not an upload");
    }
    /// The body of GET `path`, or empty.
    std::string get(const std::string& path) const;
    /// A whole request's text for the whole answer's, which has a Content-Length.
    std::string exchange(const std::string& request) const;

private:
    std::uint16_t port_;
};

}  // namespace renkei::testing
