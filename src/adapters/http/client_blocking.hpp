#pragma once

#include "app/ports/http_client.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace renkei::http {

/// The client for programs without an event loop (the command line): each call runs a private loop until it is over.
class BlockingHttpClient {
public:
    explicit BlockingHttpClient(std::unique_ptr<app::HttpClient> client);
    ~BlockingHttpClient();
    BlockingHttpClient(const BlockingHttpClient&) = delete;
    BlockingHttpClient& operator=(const BlockingHttpClient&) = delete;

    Result<HttpResponse> send(HttpRequest request, app::CallOptions options);
    /// Hands the answer's body to `sink` piece by piece, for statuses below 300; any other body (up to 64 KiB) is in the
    /// response. `sink` returns false to stop early, which is no error.
    Result<HttpResponse> download(HttpRequest request, app::CallOptions options, std::function<bool(std::string_view)> sink);
    Result<HttpResponse> upload(HttpRequest request, std::unique_ptr<app::BodyStream> body, std::uint64_t length, app::CallOptions options);

private:
    template <class T>
    Result<T> run(Task<Result<T>> task);

    std::unique_ptr<app::HttpClient> client_;
    asio::io_context loop_;  // destroyed first: the loop's connections belong to it
};

}  // namespace renkei::http
