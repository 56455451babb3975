#include "sandbox/graph/batch.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <map>

namespace renkei::sandbox::graph {
namespace {

constexpr std::size_t max_requests = 20;

struct Inner {
    std::string id;
    std::vector<std::string> depends_on;
    ServerRequest request;
};

Outcome<void> read_target(const json::object& from, const ServerRequest& outer, ServerRequest& into) {
    const auto url = json::text(from, "url");
    if (!url || url->empty()) return bad_request("Invalid batch payload: a request has no url.");
    std::string target(*url);
    if (target.find("://") != std::string::npos || target.starts_with("//"))
        return bad_request("Invalid batch payload: urls are relative to the version's root.");
    if (!target.starts_with('/')) target.insert(0, 1, '/');
    if (!target.starts_with("/v1.0/")) target.insert(0, "/v1.0");
    if (target.starts_with("/v1.0/$batch")) return bad_request("Invalid batch payload: batches cannot be nested.");
    const auto mark = target.find('?');
    into.target = target;
    into.path = target.substr(0, mark);
    if (mark != std::string::npos) {
        auto fields = form_decode(std::string_view(target).substr(mark + 1));
        if (!fields) return bad_request("Invalid batch payload: a url has a broken escape.");
        into.query = std::move(*fields);
    }
    into.headers.set("Host", std::string(outer.headers.get("Host")));
    if (outer.authorization) into.authorization = outer.authorization->clone();
    into.secure = outer.secure;
    into.request_id = outer.request_id;
    return {};
}

Outcome<void> read_body(const json::object& from, ServerRequest& into) {
    if (const auto* headers = json::find(from, "headers"); headers && headers->is_object())
        for (const auto& [key, value] : headers->as_object())
            if (value.is_string() && !equal_ignoring_case(std::string_view(key.data(), key.size()), "host") &&
                !equal_ignoring_case(std::string_view(key.data(), key.size()), "authorization"))
                into.headers.set(std::string_view(key.data(), key.size()), std::string(json::view(value.as_string())));
    const auto* body = json::find(from, "body");
    if (!body || body->is_null()) return {};
    if (into.headers.get("Content-Type").empty()) return bad_request("Invalid batch payload: a request with a body needs a Content-Type header.");
    if (body->is_string()) {
        // base64 of a MIME document stays as it is: the operation itself takes base64.
        const bool text = lower_ascii(into.headers.get("Content-Type")).starts_with("text/plain");
        auto bytes = text ? std::optional(std::string(json::view(body->as_string()))) : decode_base64(json::view(body->as_string()));
        if (!bytes) return bad_request("Invalid batch payload: a body is not base64.");
        into.body = std::move(*bytes);
    } else {
        into.body = json::serialize(*body);
    }
    return {};
}

Outcome<Inner> read_inner(const json::value& from, const ServerRequest& outer) {
    if (!from.is_object()) return bad_request("Invalid batch payload: a request is an object.");
    const auto& object = from.as_object();
    Inner out;
    const auto id = json::text(object, "id"), method = json::text(object, "method");
    if (!id || id->empty() || id->size() > 100) return bad_request("Invalid batch payload: every request needs an id.");
    out.id = *id;
    std::string upper(method.value_or(""));
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    const auto parsed = parse_method(upper);
    if (!parsed) return bad_request("Invalid batch payload: a method is missing or unknown.");
    out.request.method = *parsed;
    if (auto read = read_target(object, outer, out.request); !read) return std::unexpected(read.error());
    if (auto read = read_body(object, out.request); !read) return std::unexpected(read.error());
    if (const auto* depends = json::find(object, "dependsOn"); depends && depends->is_array())
        for (const auto& one : depends->as_array())
            if (one.is_string()) out.depends_on.push_back(lower_ascii(json::view(one.as_string())));
    return out;
}

Outcome<std::vector<Inner>> read_batch(const ServerRequest& request) {
    auto parsed = json::parse(request.body);
    const auto* list = parsed && parsed->is_object() ? json::find(parsed->as_object(), "requests") : nullptr;
    if (!list || !list->is_array()) return bad_request("Invalid batch payload format.");
    if (list->as_array().empty()) return bad_request("Invalid batch payload: there are no requests.");
    if (list->as_array().size() > max_requests) return bad_request("Number of batch request steps exceeds the maximum value of 20.");
    std::vector<Inner> out;
    for (const auto& one : list->as_array()) {
        auto inner = read_inner(one, request);
        if (!inner) return std::unexpected(inner.error());
        if (std::ranges::any_of(out, [&](const Inner& held) { return equal_ignoring_case(held.id, inner->id); }))
            return bad_request("Invalid batch payload: request ids must be unique.");
        // A dependency stands before what depends on it; so there are no circles.
        for (const auto& needed : inner->depends_on)
            if (std::ranges::none_of(out, [&](const Inner& held) { return lower_ascii(held.id) == needed; }))
                return bad_request("Invalid batch payload: dependsOn names an unknown or later request.");
        out.push_back(std::move(*inner));
    }
    return out;
}

json::object render(const std::string& id, const ServerResponse& response) {
    json::object headers;
    for (const auto& [name, value] : response.headers)
        if (name == "Content-Type" || name == "Location" || name == "Retry-After" || name == "ETag" || name == "Preference-Applied") headers[name] = value;
    json::object out{{"id", id}, {"status", response.status}, {"headers", std::move(headers)}};
    if (response.body.empty()) return out;
    auto parsed = response.headers.get("Content-Type").starts_with("application/json") ? json::parse(response.body)
                                                                                       : Result<json::value>(json::value(base64(as_bytes(response.body))));
    if (parsed) out["body"] = std::move(*parsed);
    return out;
}

}  // namespace

Answer run_batch(const ServerRequest& request, const std::function<ServerResponse(ServerRequest)>& run) {
    auto batch = read_batch(request);
    if (!batch) return std::unexpected(batch.error());
    std::map<std::string, bool> fine;
    json::array responses;
    for (auto& inner : *batch) {
        const bool ready = std::ranges::all_of(inner.depends_on, [&](const std::string& id) { return fine[id]; });
        ServerResponse response;
        if (ready) {
            response = run(std::move(inner.request));
        } else {
            response = json_response(424, json::serialize(json::object{{"error", json::object{{"code", "FailedDependency"},
                                                                                              {"message", "A request that this one depends on failed."}}}}));
        }
        fine[lower_ascii(inner.id)] = response.status < 400;
        responses.push_back(render(inner.id, response));
    }
    return json_response(200, json::serialize(json::object{{"responses", std::move(responses)}}));
}

}  // namespace renkei::sandbox::graph
