#include "adapters/http/client_blocking.hpp"

#include <exception>
#include <utility>

namespace renkei::http {
namespace {

using Sink = std::function<bool(std::string_view)>;
constexpr std::size_t longest_refusal = 64 << 10;

Task<Result<HttpResponse>> pour(app::HttpClient& client, HttpRequest request, app::CallOptions options, Sink sink) {
    auto opened = co_await client.open(std::move(request), std::move(options));
    if (!opened) co_return propagate(opened);
    HttpResponse answer{opened->status, std::move(opened->headers), {}};
    for (;;) {
        auto piece = co_await opened->body->read();
        if (!piece) co_return propagate(piece);
        if (piece->empty()) break;
        if (answer.status >= 300)
            answer.body.append(*piece, 0, longest_refusal - std::min(longest_refusal, answer.body.size()));
        else if (!sink(*piece))
            break;
    }
    co_return answer;
}

}  // namespace

BlockingHttpClient::BlockingHttpClient(std::unique_ptr<app::HttpClient> client) : client_(std::move(client)), loop_(1) {}
BlockingHttpClient::~BlockingHttpClient() = default;

template <class T>
Result<T> BlockingHttpClient::run(Task<Result<T>> task) {
    std::optional<Result<T>> result;
    std::exception_ptr thrown;
    asio::co_spawn(loop_.get_executor(), std::move(task), [&](std::exception_ptr error, Result<T> value) {
        thrown = error;
        result.emplace(std::move(value));
        loop_.stop();  // kept connections would hold the loop
    });
    loop_.restart();
    loop_.run();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*result);
}

Result<HttpResponse> BlockingHttpClient::send(HttpRequest request, app::CallOptions options) {
    return run(client_->send(std::move(request), std::move(options)));
}

Result<HttpResponse> BlockingHttpClient::download(HttpRequest request, app::CallOptions options, Sink sink) {
    return run(pour(*client_, std::move(request), std::move(options), std::move(sink)));
}

Result<HttpResponse> BlockingHttpClient::upload(HttpRequest request, std::unique_ptr<app::BodyStream> body, std::uint64_t length, app::CallOptions options) {
    return run(client_->upload(std::move(request), std::move(body), length, std::move(options)));
}

}  // namespace renkei::http
