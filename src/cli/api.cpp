#include "cli/api.hpp"

#include "adapters/http/client.hpp"
#include "adapters/http/client_blocking.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace renkei::cli {
namespace {

constexpr std::chrono::milliseconds deadline{60'000};

// The command line goes where its user sends it: every address may be called, but a key travels without TLS only on loopback.
Result<std::unique_ptr<app::HttpClient>> make_client(const std::string& ca_file, Clock& clock, Random& random) {
    http::ClientSettings settings;
    for (const auto* everywhere : {"0.0.0.0/0", "::/0"}) {
        http::EgressAllowance allowance;
        allowance.range = *core::AddressRange::parse(everywhere);
        settings.egress.push_back(std::move(allowance));
    }
    settings.plain_http = PlainHttp::allow_on_loopback;
    settings.extra_ca_file = ca_file;
    return http::make_http_client(std::move(settings), clock, random);
}

Clock& the_clock() {
    static const auto clock = make_system_clock();
    return *clock;
}
Random& the_random() {
    static SystemRandom random;
    return random;
}

std::string text_or(const json::object& from, std::string_view name, std::string_view otherwise) {
    return std::string(json::text(from, name).value_or(otherwise));
}

Error error_of(const HttpResponse& response, std::string_view url) {
    const auto body = json::parse(response.body);
    if (!body || !body->is_object() || !json::text(body->get_object(), "code"))
        return Error{Errc::provider_bad_answer, fmt::format("{} answered {} in a form that is not Renkei's; is the address right?", url, response.status)};
    const auto& problem = body->get_object();
    auto error = told_by(problem);
    error.context.emplace_back("request_id", text_or(problem, "request_id", ""));
    if (auto page = text_or(problem, "permission_url", ""); !page.empty()) error.context.emplace_back("permission_url", std::move(page));
    if (const auto* errors = json::find(problem, "errors"); errors != nullptr && errors->is_array() && errors->get_array().size() > 1)
        for (const auto& one : errors->get_array()) error.detail += fmt::format("\n  {}: {}", text_of(one, "field"), text_of(one, "detail"));
    return error;
}

}  // namespace

Error told_by(const json::object& problem) {
    const auto* row = error_row_of_slug(text_or(problem, "code", ""));
    Error error{row == nullptr ? Errc::internal : row->code, text_or(problem, "detail", "")};
    // Already in the reader's language: the request said which. A named reason has its own words for who acts and what to do.
    if (!text_or(problem, "reason", "").empty())
        for (const auto name : {"reason", "remedy", "actor"}) error.context.emplace_back(name, text_or(problem, name, ""));
    return error;
}

Api::Api(const Context& context) : context_(context) {}
Api::~Api() = default;

HttpRequest Api::request(Method method, std::string path, Fields query, Headers headers) const {
    HttpRequest out{method, context_.url + path, std::move(headers)};
    if (!query.empty()) out.url += "?" + form_encode(query);
    out.headers.add("Accept-Language", context_.japanese ? "ja" : "en");
    if (context_.key) out.authorization.emplace("Bearer " + std::string(context_.key->expose()));
    // A session is used for what it was connected for; runs and sessions themselves are asked about with the run's secret.
    const bool of_automations = path.starts_with("/v1/runs") || path.starts_with("/v1/sessions");
    if (context_.session && !of_automations) out.headers.add("Renkei-Session", std::string(context_.session->expose()));
    if (context_.run) out.headers.add("Renkei-Run", std::string(context_.run->expose()));
    return out;
}

Result<HttpResponse> Api::send(HttpRequest request) {
    if (!client_) {
        auto client = make_client(context_.ca_file, the_clock(), the_random());
        if (!client) return propagate(client);
        client_ = std::make_unique<http::BlockingHttpClient>(*std::move(client));
    }
    app::CallOptions options;
    options.deadline = deadline;
    options.max_answer_bytes = 64U << 20;
    auto response = client_->send(std::move(request), options);
    if (!response && response.error().code == Errc::provider_unavailable)
        return fail(Errc::provider_unavailable, fmt::format("{} does not answer: is `renkei serve` running there? (--url or RENKEI_URL)", context_.url));
    if (!response) return propagate(response);
    if (response->status >= 400) return fail(error_of(*response, context_.url));
    return response;
}

Result<json::value> Api::get(std::string path, Fields query, Headers headers) {
    auto response = send(request(Method::get, std::move(path), std::move(query), std::move(headers)));
    if (!response) return propagate(response);
    return json::parse(response->body);
}

Result<json::value> Api::post(std::string path, json::value body, Headers headers) {
    headers.add("Idempotency-Key", the_random().text(18));
    headers.add("Content-Type", "application/json");
    auto message = request(Method::post, std::move(path), {}, std::move(headers));
    message.secret_body = Secret::take(json::serialize(body));
    auto response = send(std::move(message));
    if (!response) return propagate(response);
    if (response->body.empty()) return json::value(json::object{});
    return json::parse(response->body);
}

Result<json::value> Api::post_file(std::string path, Fields query, std::string content, std::string type) {
    Headers headers;
    headers.add("Idempotency-Key", the_random().text(18));
    headers.add("Content-Type", std::move(type));
    auto message = request(Method::post, std::move(path), std::move(query), std::move(headers));
    message.body = std::move(content);
    auto response = send(std::move(message));
    if (!response) return propagate(response);
    return json::parse(response->body);
}

Result<json::value> Api::patch(std::string path, json::value body, Headers headers) {
    return change(Method::patch, std::move(path), std::move(body), std::move(headers));
}

Result<json::value> Api::put(std::string path, json::value body) { return change(Method::put, std::move(path), std::move(body), {}); }

Result<json::value> Api::change(Method method, std::string path, json::value body, Headers headers) {
    headers.add("Content-Type", "application/json");
    auto message = request(method, std::move(path), {}, std::move(headers));
    message.body = json::serialize(body);
    auto response = send(std::move(message));
    if (!response) return propagate(response);
    return json::parse(response->body);
}

Result<json::value> Api::remove(std::string path) {
    auto response = send(request(Method::delete_, std::move(path), {}, {}));
    if (!response) return propagate(response);
    return json::value(json::object{});
}

Result<Headers> Api::download(std::string path, Headers headers, std::function<bool(std::string_view)> take) {
    if (!client_) {
        auto client = make_client(context_.ca_file, the_clock(), the_random());
        if (!client) return propagate(client);
        client_ = std::make_unique<http::BlockingHttpClient>(*std::move(client));
    }
    app::CallOptions options;
    options.deadline = std::chrono::minutes(30);
    options.max_answer_bytes = UINT64_MAX;
    auto response = client_->download(request(Method::get, std::move(path), {}, std::move(headers)), options, std::move(take));
    if (!response) return propagate(response);
    if (response->status >= 400) return fail(error_of(*response, context_.url));
    return std::move(response->headers);
}

Result<json::array> Api::all(std::string path, Fields query, std::size_t limit, Headers headers) {
    json::array items;
    std::string cursor;
    while (items.size() < limit) {
        auto page_query = query;
        page_query.emplace_back("limit", std::to_string(std::min<std::size_t>(limit - items.size(), 100)));
        if (!cursor.empty()) page_query.emplace_back("cursor", cursor);
        auto page = get(path, std::move(page_query), headers);
        if (!page) return propagate(page);
        auto* list = page->is_object() ? page->get_object().if_contains("items") : nullptr;
        if (list == nullptr || !list->is_array()) return fail(Errc::provider_bad_answer, "the answer has no items");
        for (auto& item : list->get_array())
            if (items.size() < limit) items.push_back(std::move(item));
        cursor = json::text(page->get_object(), "next_cursor").value_or("");
        if (cursor.empty()) break;
    }
    return items;
}

std::string text_of(const json::value& object, std::string_view member) {
    if (!object.is_object()) return {};
    return std::string(json::text(object.get_object(), member).value_or(""));
}

}  // namespace renkei::cli
