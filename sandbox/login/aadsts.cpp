#include "sandbox/login/aadsts.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"

#include <fmt/format.h>

namespace renkei::sandbox {
namespace {

std::string guid_of(std::string_view request_id) {
    std::string text(request_id.substr(0, 32));
    text.resize(32, '0');
    for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
    return text;
}

}  // namespace

std::string correlation_id(const ServerRequest& request) {
    if (const auto* value = find_field(request.query, "client-request-id"); value && !value->empty()) return *value;
    if (const auto value = request.headers.get("client-request-id"); !value.empty()) return std::string(value);
    if (const auto form = form_decode(request.body))
        if (const auto* value = find_field(*form, "client-request-id"); value && !value->empty()) return *value;
    return guid_of(request.request_id);
}

std::string aadsts_timestamp(TimePoint at) {
    auto text = iso_text(at);  // 2026-11-21T09:00:00Z
    text[10] = ' ';
    return text;
}

std::string_view error_of(const Aadsts& failure) { return failure.error.empty() ? aadsts_row(failure.code).error : std::string_view(failure.error); }

std::string description_of(World& world, const ServerRequest& request, const Aadsts& failure, std::string_view trace_id) {
    const std::string_view text = failure.text.empty() ? aadsts_row(failure.code).text : std::string_view(failure.text);
    return fmt::format("AADSTS{}: {} Trace ID: {} Correlation ID: {} Timestamp: {}", failure.code, text, trace_id, correlation_id(request),
                       aadsts_timestamp(world.now()));
}

ServerResponse aadsts_answer(World& world, const ServerRequest& request, const Aadsts& failure) {
    const auto& row = aadsts_row(failure.code);
    const auto trace = world.new_guid();
    json::object body;
    body["error"] = json::view(error_of(failure));
    body["error_description"] = description_of(world, request, failure, trace);
    body["error_codes"] = json::array{failure.code};
    body["timestamp"] = aadsts_timestamp(world.now());
    body["trace_id"] = trace;
    body["correlation_id"] = correlation_id(request);
    body["error_uri"] = fmt::format("{}/error?code={}", base_address(request), failure.code);
    if (!row.suberror.empty()) body["suberror"] = json::view(row.suberror);
    if (!failure.claims.empty()) body["claims"] = failure.claims;

    auto response = json_response(row.status, json::serialize(body));
    response.headers.set("Cache-Control", "no-store, no-cache");
    response.headers.set("Pragma", "no-cache");
    response.headers.set("x-ms-request-id", trace);
    response.headers.set("client-request-id", correlation_id(request));
    // RFC 6749 section 5.2: 401 names the scheme by which the client tried.
    if (row.status == 401 && request.authorization) response.headers.set("WWW-Authenticate", "Basic realm=\"" + base_address(request) + "\"");
    if (row.status == 429 || row.status == 503) response.headers.set("Retry-After", "1");
    return response;
}

}  // namespace renkei::sandbox
