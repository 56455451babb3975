#pragma once

#include "app/ports/http_client.hpp"

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace renkei::testing {

/// Gives the pieces one after the other, then the end or an error.
class PieceStream final : public app::BodyStream {
public:
    explicit PieceStream(std::vector<std::string> pieces, std::optional<Error> then = {}) : pieces_(pieces.begin(), pieces.end()), then_(std::move(then)) {}
    Task<Result<std::string>> read() override {
        if (pieces_.empty()) {
            if (then_) co_return fail(*then_);
            co_return std::string();
        }
        auto piece = std::move(pieces_.front());
        pieces_.pop_front();
        co_return piece;
    }

private:
    std::deque<std::string> pieces_;
    std::optional<Error> then_;
};

/// What a piece stream gives until its end.
inline Task<Result<std::string>> read_all(std::shared_ptr<app::BodyStream> stream) {
    std::string all;
    while (true) {
        auto piece = co_await stream->read();
        if (!piece) co_return propagate(piece);
        if (piece->empty()) co_return all;
        all += *piece;
    }
}

/// The world outside as a script: each request takes the next answer and is remembered. A request that the script does
/// not know gets provider_unavailable and is counted.
class FakeHttpClient final : public app::HttpClient {
public:
    struct Seen {
        Method method;
        std::string url;
        Headers headers;
        std::string body;
        std::string authorization;  ///< in clear: this is a test
        app::CallOptions options;
    };
    struct Answer {
        int status = 200;
        Headers headers{};
        std::string body{};
        std::optional<Error> error{};      ///< instead of an answer
        std::optional<Error> cut_after{};  ///< streams only: after the body
    };

    FakeHttpClient& answers(int status, std::string json, Headers headers = {{"Content-Type", "application/json"}}) {
        script_.push_back({status, std::move(headers), std::move(json), {}, {}});
        return *this;
    }
    FakeHttpClient& answers(Answer answer) {
        script_.push_back(std::move(answer));
        return *this;
    }
    FakeHttpClient& fails(Errc code) { return answers(Answer{0, {}, {}, Error{code, "scripted"}, {}}); }

    Task<Result<HttpResponse>> send(HttpRequest request, app::CallOptions options) override {
        auto answer = next(std::move(request), std::move(options));
        if (answer.error) co_return fail(*answer.error);
        co_return HttpResponse{answer.status, std::move(answer.headers), std::move(answer.body)};
    }
    Task<Result<app::StreamedResponse>> open(HttpRequest request, app::CallOptions options) override {
        auto answer = next(std::move(request), std::move(options));
        if (answer.error) co_return fail(*answer.error);
        std::vector<std::string> pieces;
        for (std::size_t at = 0; at < answer.body.size(); at += 7) pieces.push_back(answer.body.substr(at, 7));
        co_return app::StreamedResponse{answer.status, std::move(answer.headers), std::make_unique<PieceStream>(std::move(pieces), answer.cut_after)};
    }
    Task<Result<HttpResponse>> upload(HttpRequest, std::unique_ptr<app::BodyStream>, std::uint64_t, app::CallOptions) override {
        ++unexpected;
        co_return fail(Errc::internal, "no upload was expected");
    }

    std::vector<Seen> seen;
    int unexpected = 0;
    std::size_t left() const { return script_.size(); }

private:
    Answer next(HttpRequest request, app::CallOptions options) {
        seen.push_back({request.method, std::move(request.url), std::move(request.headers), std::move(request.body),
                        request.authorization ? std::string(request.authorization->expose()) : std::string(), std::move(options)});
        if (script_.empty()) {
            ++unexpected;
            return {0, {}, {}, Error{Errc::provider_unavailable, "the script has no answer for this request"}, {}};
        }
        auto answer = std::move(script_.front());
        script_.pop_front();
        return answer;
    }
    std::deque<Answer> script_;
};

}  // namespace renkei::testing
