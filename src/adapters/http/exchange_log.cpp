#include "adapters/http/exchange_log.hpp"

#include "adapters/http/exchange_log_redaction.hpp"
#include "base/json.hpp"
#include "base/uri.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace renkei::http {
namespace {

// What is known of an exchange before it is sent: by then the request is gone.
struct Sent {
    std::string service, method, path, query, content_type, body;
    Redaction redaction;
    ~Sent() { wipe(body); }
    Sent() = default;
    Sent(Sent&&) = default;
    Sent& operator=(Sent&&) = default;
};

Sent remember(const HttpRequest& request) {
    Sent sent;
    if (const auto uri = Uri::parse(request.url)) {
        sent.service = uri->host;
        sent.path = uri->path;
        sent.query = uri->query;
    }
    sent.method = method_text(request.method);
    sent.content_type = request.headers.get("Content-Type");
    sent.body = request.secret_body ? std::string(request.secret_body->expose()) : request.body;
    // A secret body of no known kind is shown by its size only.
    if (request.authorization) sent.redaction.learn(*request.authorization);
    sent.redaction.learn_query(sent.query);
    sent.redaction.learn_body(sent.content_type, sent.body);
    return sent;
}

std::string line_of(const Sent& sent, int status, const std::string& request, const std::string& response) {
    json::object line;
    line["service"] = sent.service;
    line["method"] = sent.method;
    line["path"] = sent.redaction.target(sent.path, sent.query);
    line["status"] = status;
    line["request"] = request;
    line["response"] = response;
    return json::serialize(line) + "\n";
}

template <class Answer>
std::string error_text(const Result<Answer>& answer) {
    return "[error: " + std::string(error_row(answer.error().code).slug) + "]";
}

class ExchangeLogClient final : public app::HttpClient {
public:
    ExchangeLogClient(std::unique_ptr<app::HttpClient> inner, std::unique_ptr<ExchangeLog> log) : inner_(std::move(inner)), log_(std::move(log)) {}

    Task<Result<HttpResponse>> send(HttpRequest request, app::CallOptions options) override {
        auto sent = remember(request);
        auto answer = co_await inner_->send(std::move(request), std::move(options));
        write_whole(std::move(sent), answer, {});
        co_return answer;
    }
    Task<Result<app::StreamedResponse>> open(HttpRequest request, app::CallOptions options) override {
        auto sent = remember(request);
        auto answer = co_await inner_->open(std::move(request), std::move(options));
        const std::string shown = answer ? "[stream]" : error_text(answer);
        log_->append(line_of(sent, answer ? answer->status : 0, sent.redaction.body(sent.content_type, sent.body), shown));
        co_return answer;
    }
    Task<Result<HttpResponse>> upload(HttpRequest request, std::unique_ptr<app::BodyStream> body, std::uint64_t length, app::CallOptions options) override {
        auto sent = remember(request);
        auto answer = co_await inner_->upload(std::move(request), std::move(body), length, std::move(options));
        write_whole(std::move(sent), answer, "[stream of " + std::to_string(length) + " bytes]");
        co_return answer;
    }

private:
    void write_whole(Sent sent, const Result<HttpResponse>& answer, const std::string& instead_of_body) {
        const std::string type(answer ? answer->headers.get("Content-Type") : std::string_view{});
        if (answer) sent.redaction.learn_body(type, answer->body);
        const std::string request = instead_of_body.empty() ? sent.redaction.body(sent.content_type, sent.body) : instead_of_body;
        log_->append(line_of(sent, answer ? answer->status : 0, request, answer ? sent.redaction.body(type, answer->body) : error_text(answer)));
    }

    std::unique_ptr<app::HttpClient> inner_;
    std::unique_ptr<ExchangeLog> log_;
};

}  // namespace

Result<std::unique_ptr<ExchangeLog>> ExchangeLog::open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    // An older file may have been made with wider rights.
    if (fd < 0 || ::fchmod(fd, 0600) != 0) {
        if (fd >= 0) ::close(fd);
        return bad_field("exchange_log", "the exchange log " + path + " cannot be opened for writing");
    }
    return std::unique_ptr<ExchangeLog>(new ExchangeLog(fd));
}

ExchangeLog::~ExchangeLog() { ::close(fd_); }

void ExchangeLog::append(std::string line) {
    // O_APPEND: one write lands in one piece at the end.
    [[maybe_unused]] const auto written = ::write(fd_, line.data(), line.size());
}

std::unique_ptr<app::HttpClient> with_exchange_log(std::unique_ptr<app::HttpClient> inner, std::unique_ptr<ExchangeLog> log) {
    return std::make_unique<ExchangeLogClient>(std::move(inner), std::move(log));
}

}  // namespace renkei::http
