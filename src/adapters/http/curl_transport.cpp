#include "adapters/http/curl_transport.hpp"

#include "adapters/http/curl_transfer.hpp"

#include <boost/asio/execution_context.hpp>
#include <boost/asio/this_coro.hpp>

#include <csignal>
#include <map>
#include <utility>

namespace renkei::http {
namespace {

using SettingsPtr = std::shared_ptr<const CurlSettings>;

// The drivers of one event loop. Asio ends it with the loop, so no driver is ever touched by another thread.
class LoopDrivers final : public asio::execution_context::service {
public:
    static inline asio::execution_context::id id;

    explicit LoopDrivers(asio::execution_context& context) : service(context), executor_(static_cast<asio::io_context&>(context).get_executor()) {
        // Asio destroys services in the reverse order of their making: what a driver uses must be older than this one.
        asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor> timer(executor_);
        asio::posix::basic_stream_descriptor<Executor> descriptor(executor_);
    }

    // A client that is gone leaves its drivers until the loop ends: clients live as long as the program.
    std::shared_ptr<CurlDriver> driver(const SettingsPtr& client, const EgressPolicy::Scope& scope) {
        auto& found = drivers_[{client, scope}];
        if (!found) found = std::make_shared<CurlDriver>(executor_);
        return found;
    }

private:
    void shutdown() override {
        for (auto& [key, driver] : drivers_) driver->shut_down();
    }

    Executor executor_;
    std::map<std::pair<SettingsPtr, EgressPolicy::Scope>, std::shared_ptr<CurlDriver>> drivers_;
};

class CurlBodyStream final : public app::BodyStream {
public:
    explicit CurlBodyStream(std::unique_ptr<CurlTransfer> transfer) : transfer_(std::move(transfer)) {}
    ~CurlBodyStream() override {
        if (!transfer_ || !transfer_->driver().alive()) return;
        const auto executor = transfer_->driver().executor();
        if (executor.running_in_this_thread()) return;
        // Dropped from elsewhere: libcurl may be touched on its own loop only.
        asio::post(executor, [gone = std::shared_ptr<CurlTransfer>(std::move(transfer_))]() mutable { gone.reset(); });
    }

    Task<Result<std::string>> read() override {
        co_await transfer_->until_readable();
        std::string piece = transfer_->take_piece();
        if (piece.empty()) {
            if (auto error = transfer_->error()) co_return fail(std::move(*error));
        }
        co_return piece;
    }

private:
    std::unique_ptr<CurlTransfer> transfer_;
};

using TransferPtr = std::unique_ptr<CurlTransfer>;

Result<TransferPtr> make_transfer(const Executor& executor, const SettingsPtr& settings, HttpRequest request, app::CallOptions options) {
    auto target = Uri::parse(request.url);
    if (!target) return propagate(target);
    if (options.deadline.count() <= 0) return fail(Errc::provider_timeout, target->host + " did not answer in time");
    auto scope = settings->egress.scope_of(options.purpose, options.workspace);
    auto driver = asio::use_service<LoopDrivers>(executor.context()).driver(settings, scope);
    return std::make_unique<CurlTransfer>(std::move(driver), settings, std::move(request), std::move(options), std::move(*target), std::move(scope));
}

Result<HttpResponse> answer_of(CurlTransfer& transfer) {
    if (auto error = transfer.error()) return fail(std::move(*error));
    return HttpResponse{transfer.status(), transfer.take_headers(), transfer.take_body()};
}

// Moves the caller's stream into the transfer, piece by piece, as libcurl asks for it.
Task<Result<void>> feed_body(CurlTransfer& transfer, app::BodyStream& body, std::uint64_t length) {
    std::uint64_t sent = 0;
    for (;;) {
        co_await transfer.until_wanting();
        if (transfer.is_done()) co_return Result<void>{};
        auto piece = co_await body.read();
        if (!piece) co_return propagate(piece);
        sent += piece->size();
        if (sent > length || (piece->empty() && sent < length))
            co_return fail(Errc::bad_request, "the body is not " + std::to_string(length) + " bytes long, as was announced");
        transfer.feed(std::move(*piece));
    }
}

class CurlTransport final : public app::HttpClient {
public:
    explicit CurlTransport(CurlSettings settings) : settings_(std::make_shared<const CurlSettings>(std::move(settings))) {
        // Once in a program; libcurl counts the calls and is thread-safe here since 7.84.
        curl_global_init(CURL_GLOBAL_ALL);
        // OpenSSL writes to sockets without MSG_NOSIGNAL, and libcurl guards it only where it may change signals per call.
        struct sigaction now{};
        if (::sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
    }

    Task<Result<HttpResponse>> send(HttpRequest request, app::CallOptions options) override {
        auto transfer = make_transfer(co_await asio::this_coro::executor, settings_, std::move(request), std::move(options));
        if (!transfer) co_return propagate(transfer);
        if (auto started = (*transfer)->start(CurlTransfer::Kind::whole); !started) co_return propagate(started);
        co_await (*transfer)->until_done();
        co_return answer_of(**transfer);
    }

    Task<Result<app::StreamedResponse>> open(HttpRequest request, app::CallOptions options) override {
        auto transfer = make_transfer(co_await asio::this_coro::executor, settings_, std::move(request), std::move(options));
        if (!transfer) co_return propagate(transfer);
        if (auto started = (*transfer)->start(CurlTransfer::Kind::download); !started) co_return propagate(started);
        co_await (*transfer)->until_head();
        // With the head there, what has arrived of the body is handed on first; its error comes at its place.
        if (auto error = (*transfer)->error(); error && !(*transfer)->has_head()) co_return fail(std::move(*error));
        app::StreamedResponse answer{(*transfer)->status(), (*transfer)->take_headers(), nullptr};
        answer.body = std::make_unique<CurlBodyStream>(std::move(*transfer));
        co_return answer;
    }

    Task<Result<HttpResponse>> upload(HttpRequest request, std::unique_ptr<app::BodyStream> body, std::uint64_t length, app::CallOptions options) override {
        auto transfer = make_transfer(co_await asio::this_coro::executor, settings_, std::move(request), std::move(options));
        if (!transfer) co_return propagate(transfer);
        if (auto started = (*transfer)->start(CurlTransfer::Kind::upload, length); !started) co_return propagate(started);
        if (auto fed = co_await feed_body(**transfer, *body, length); !fed) co_return propagate(fed);
        co_return answer_of(**transfer);
    }

private:
    SettingsPtr settings_;
};

}  // namespace

std::unique_ptr<app::HttpClient> make_curl_transport(CurlSettings settings) { return std::make_unique<CurlTransport>(std::move(settings)); }

}  // namespace renkei::http
