#include "adapters/http/retry.hpp"

#include "adapters/http/retry_after.hpp"
#include "app/timer.hpp"

#include <algorithm>
#include <utility>

namespace renkei::http {
namespace {

using std::chrono::milliseconds;

bool is_passing(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

// What a request may be sent with again; secrets are copied on purpose, and wiped each.
HttpRequest copy_of(const HttpRequest& request) {
    HttpRequest copy{.method = request.method, .url = request.url, .headers = request.headers, .body = request.body};
    if (request.authorization) copy.authorization = request.authorization->clone();
    if (request.secret_body) copy.secret_body = request.secret_body->clone();
    return copy;
}

// The time left of one call. Waits count by the clock they wait on, tries by the steady clock that times real sockets.
class Budget {
public:
    explicit Budget(milliseconds whole) : left_(whole) {}
    milliseconds left() const { return left_ - since(begun_); }
    void begin_try() {
        left_ -= since(begun_);
        begun_ = std::chrono::steady_clock::now();
    }
    void end_wait(milliseconds planned) {
        left_ -= std::max(planned, since(begun_));
        begun_ = std::chrono::steady_clock::now();
    }

private:
    static milliseconds since(std::chrono::steady_clock::time_point then) {
        return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - then);
    }
    milliseconds left_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

class RetryClient final : public app::HttpClient {
public:
    RetryClient(std::unique_ptr<app::HttpClient> inner, RetrySettings settings, Clock& clock, Random& random)
        : inner_(std::move(inner)), settings_(settings), clock_(clock), random_(random) {}

    Task<Result<HttpResponse>> send(HttpRequest request, app::CallOptions options) override {
        return repeat<HttpResponse, &app::HttpClient::send>(std::move(request), std::move(options));
    }
    Task<Result<app::StreamedResponse>> open(HttpRequest request, app::CallOptions options) override {
        return repeat<app::StreamedResponse, &app::HttpClient::open>(std::move(request), std::move(options));
    }
    Task<Result<HttpResponse>> upload(HttpRequest request, std::unique_ptr<app::BodyStream> body, std::uint64_t length, app::CallOptions options) override {
        return inner_->upload(std::move(request), std::move(body), length, std::move(options));
    }

private:
    template <class Answer, auto call>
    Task<Result<Answer>> repeat(HttpRequest request, app::CallOptions options) {
        if (!options.may_repeat || settings_.most_tries <= 1) co_return co_await (*inner_.*call)(std::move(request), std::move(options));
        Budget budget(options.deadline);
        for (int tries = 1;; ++tries) {
            budget.begin_try();
            options.deadline = std::max(budget.left(), milliseconds(1));
            const bool last = tries == settings_.most_tries;
            auto answer = co_await (*inner_.*call)(last ? std::move(request) : copy_of(request), options);
            if (last) co_return answer;
            const auto wait = wait_before_next(answer, tries);
            if (!wait || *wait >= budget.left()) co_return answer;
            if (answer) *answer = Answer{};  // a stream is given up before the wait, not after
            budget.begin_try();
            co_await sleep_until(clock_, clock_.now() + *wait);
            budget.end_wait(*wait);
        }
    }

    // How long to wait for another try, or nothing if this was the answer.
    template <class Answer>
    std::optional<milliseconds> wait_before_next(const Result<Answer>& answer, int tries) {
        if (!answer) return answer.error().code == Errc::provider_unavailable ? std::optional(backoff(tries)) : std::nullopt;
        if (!is_passing(answer->status)) return std::nullopt;
        if (const auto asked = parse_retry_after(answer->headers.get("Retry-After"), clock_.now())) return asked;
        return backoff(tries);
    }

    // Doubles from the first wait; half of it is chance, so that clients which failed together do not return together.
    milliseconds backoff(int tries) {
        const auto whole = std::min(settings_.longest_wait, settings_.first_wait * (std::int64_t{1} << std::min(tries - 1, 20)));
        const auto jitter = static_cast<milliseconds::rep>(random_.below(static_cast<std::uint64_t>(whole.count() / 2 + 1)));
        return whole + milliseconds(jitter);
    }

    std::unique_ptr<app::HttpClient> inner_;
    RetrySettings settings_;
    Clock& clock_;
    Random& random_;
};

}  // namespace

std::unique_ptr<app::HttpClient> with_retry(std::unique_ptr<app::HttpClient> inner, RetrySettings settings, Clock& clock, Random& random) {
    return std::make_unique<RetryClient>(std::move(inner), settings, clock, random);
}

}  // namespace renkei::http
