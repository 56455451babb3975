#include "adapters/api/parse_body.hpp"

#include "adapters/api/multipart.hpp"
#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::api {
namespace {

/// `type` alone or with charset=utf-8 (RFC 8259 section 8.1 knows no other).
bool is_type(std::string_view field, std::string_view type) {
    const auto parts = split(field, ';');
    if (!equal_ignoring_case(trim(parts.front()), type)) return false;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto parameter = trim(parts[i]);
        if (parameter.empty() || equal_ignoring_case(parameter, "charset=utf-8") || equal_ignoring_case(parameter, "charset=\"utf-8\"")) continue;
        return false;
    }
    return true;
}

Result<void> parse_json(Call& call) {
    if (call.request.headers.count("Content-Type") != 1 || !is_type(call.request.headers.get("Content-Type"), "application/json"))
        return fail(Errc::unsupported_media_type, "this address takes application/json in UTF-8");
    auto parsed = json::parse(call.request.body);
    // What a body held may be a secret: its bytes do not stay behind.
    wipe(call.request.body);
    if (!parsed) return propagate(parsed);
    if (!parsed->is_object()) return fail(Errc::bad_request, "the body must be a JSON object");
    call.body = std::move(*parsed);
    return {};
}

Result<void> parse_form(Call& call) {
    const auto& body = call.request.body;
    if (body.empty()) return {};
    if (!is_type(call.request.headers.get("Content-Type"), "application/x-www-form-urlencoded"))
        return fail(Errc::unsupported_media_type, "this address takes application/x-www-form-urlencoded in UTF-8");
    auto fields = form_decode(body);
    wipe(call.request.body);
    if (!fields) return fail(Errc::bad_request, "the form is not well-formed");
    for (const auto& [name, value] : *fields)
        if (!is_utf8(name) || !is_utf8(value)) return fail(Errc::bad_request, "the form is not UTF-8");
    call.form = std::move(*fields);
    return {};
}

Result<void> parse_upload(Call& call) {
    const auto type = call.request.headers.get("Content-Type");
    if (!is_multipart(type)) return parse_form(call);
    if (call.request.headers.count("Content-Type") != 1) return fail(Errc::unsupported_media_type, "one Content-Type is expected");
    auto parts = parse_multipart(type, call.request.body);
    wipe(call.request.body);
    if (!parts) return propagate(parts);
    for (auto& part : *parts) {
        if (!part.file_name) {
            if (!is_utf8(part.content.expose())) return fail(Errc::bad_request, "the form is not UTF-8");
            call.form.emplace_back(std::move(part.name), std::string(part.content.expose()));
            continue;
        }
        if (part.content.empty()) continue;
        if (std::ranges::find(call.files, part.name, &UploadedFile::field) != call.files.end())
            return fail(Errc::bad_request, "one file is expected in each field");
        call.files.push_back({std::move(part.name), std::move(part.content)});
    }
    return {};
}

}  // namespace

Result<void> parse_body(Call& call) {
    switch (call.route->takes) {
        case Takes::no_body:
            if (!call.request.body.empty()) return fail(Errc::bad_request, "this request takes no body");
            return {};
        case Takes::form: return parse_form(call);
        case Takes::upload: return parse_upload(call);
        case Takes::csv:
            // The charset may be left out or be any: the bytes say what they are.
            if (!equal_ignoring_case(trim(split(call.request.headers.get("Content-Type"), ';').front()), "text/csv"))
                return fail(Errc::unsupported_media_type, "this address takes text/csv");
            if (call.request.body.empty()) return fail(Errc::bad_request, "a CSV file is expected as the body");
            return {};
        case Takes::optional_json:
            if (call.request.body.empty()) return call.body.emplace_object(), Result<void>{};
            return parse_json(call);
        case Takes::json:
            if (call.request.body.empty()) return fail(Errc::bad_request, "a JSON object is expected as the body");
            return parse_json(call);
    }
    return {};
}

}  // namespace renkei::api
