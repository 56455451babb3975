#include "sandbox/faults.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <array>

namespace renkei::sandbox {
namespace {

constexpr std::string_view html_page =
    "<!DOCTYPE html>\n<html><head><title>Service unavailable</title></head><body><h1>Our services aren't available right now</h1>"
    "<p>We're working to restore all services as soon as possible. Please check back soon.</p></body></html>\n";

constexpr std::array<std::string_view, 18> members = {"service",  "method", "path",   "status", "headers",     "times",    "delayMs",   "reset",   "hang",
                                                      "carryOut", "aadsts", "claims", "body",   "contentType", "cutAfter", "bodyBytes", "pauseMs", "id"};

Result<void> read_headers(const json::object& from, Fault& fault) {
    const auto* headers = json::find(from, "headers");
    if (!headers) return {};
    if (!headers->is_object()) return bad_field("headers", "must be an object");
    for (const auto& [name, value] : headers->get_object()) {
        if (!value.is_string()) return bad_field("headers", "values must be strings");
        fault.headers.emplace_back(std::string(name), std::string(json::view(value.get_string())));
    }
    return {};
}

// A string is sent as it is, except "html", which stands for a page; anything else is sent as JSON.
void read_body(const json::object& from, Fault& fault) {
    const auto* body = json::find(from, "body");
    if (!body) return;
    if (!body->is_string()) {
        fault.body = json::serialize(*body);
        fault.content_type = "application/json";
    } else if (body->get_string() == "html") {
        fault.body = html_page;
        fault.content_type = "text/html; charset=utf-8";
    } else {
        fault.body = std::string(json::view(body->get_string()));
        fault.content_type = fault.body->starts_with('<') ? "text/html; charset=utf-8" : "application/json";
    }
}

Result<std::int64_t> count_of(const json::object& from, std::string_view name, std::int64_t otherwise, std::int64_t limit) {
    if (!json::find(from, name)) return otherwise;
    const auto value = json::integer(from, name);
    if (!value || *value < 0 || *value > limit) return bad_field(name, "must be a whole number from 0 to " + std::to_string(limit));
    return *value;
}

Result<void> read_numbers(const json::object& from, Fault& fault) {
    const auto status = count_of(from, "status", 0, 599);
    if (!status) return std::unexpected(status.error());
    if (*status != 0 && *status < 200) return bad_field("status", "must be from 200 to 599");
    fault.status = static_cast<int>(*status);
    struct Row {
        std::string_view name;
        std::int64_t limit;
        void (*set)(Fault&, std::int64_t);
    };
    constexpr Row rows[] = {
        {"times", 1'000'000, [](Fault& f, std::int64_t n) { f.times = n; }},
        {"delayMs", 600'000, [](Fault& f, std::int64_t n) { f.delay = std::chrono::milliseconds(n); }},
        {"pauseMs", 600'000, [](Fault& f, std::int64_t n) { f.pause = std::chrono::milliseconds(n); }},
        {"aadsts", 99'999'999, [](Fault& f, std::int64_t n) { f.aadsts = static_cast<int>(n); }},
        {"cutAfter", 1 << 30, [](Fault& f, std::int64_t n) { f.cut_after = static_cast<std::uint64_t>(n); }},
        {"bodyBytes", 1 << 30, [](Fault& f, std::int64_t n) { f.body_bytes = static_cast<std::uint64_t>(n); }},
    };
    for (const auto& row : rows) {
        if (!json::find(from, row.name)) continue;
        const auto value = count_of(from, row.name, 0, row.limit);
        if (!value) return std::unexpected(value.error());
        row.set(fault, *value);
    }
    return {};
}

bool fits(const Fault& fault, std::string_view service, std::string_view method, std::string_view path) {
    if (!fault.service.empty() && fault.service != service) return false;
    if (!fault.method.empty() && !equal_ignoring_case(fault.method, method)) return false;
    if (fault.path.empty() || fault.path == path) return true;
    return fault.path.ends_with('*') && path.starts_with(std::string_view(fault.path).substr(0, fault.path.size() - 1));
}

}  // namespace

Result<Fault> parse_fault(std::string_view json_text) {
    const auto parsed = json::parse(json_text);
    if (!parsed) return std::unexpected(parsed.error());
    if (!parsed->is_object()) return fail(Errc::bad_request, "a fault is a JSON object");
    const auto& from = parsed->get_object();
    for (const auto& entry : from)
        if (std::ranges::find(members, std::string_view(entry.key().data(), entry.key().size())) == members.end())
            return std::unexpected(Error{Errc::unknown_field, "a fault has no such member", {{"field", std::string(entry.key())}}});
    Fault fault;
    fault.service = json::text(from, "service").value_or("");
    fault.method = json::text(from, "method").value_or("");
    fault.path = json::text(from, "path").value_or("");
    fault.reset = json::boolean(from, "reset").value_or(false);
    fault.hang = json::boolean(from, "hang").value_or(false);
    fault.carry_out = json::boolean(from, "carryOut").value_or(false);
    fault.claims = json::text(from, "claims").value_or("");
    if (auto read = read_numbers(from, fault); !read) return propagate(read);
    if (auto read = read_headers(from, fault); !read) return propagate(read);
    read_body(from, fault);
    if (const auto type = json::text(from, "contentType")) fault.content_type = *type;
    return fault;
}

std::uint64_t Faults::add(Fault fault) {
    fault.id = ++last_;
    if (fault.times && *fault.times == 0) return fault.id;
    waiting_.push_back(std::move(fault));
    return last_;
}

std::optional<Fault> Faults::take(std::string_view service, std::string_view method, std::string_view path) {
    const auto found = std::ranges::find_if(waiting_, [&](const Fault& fault) { return fits(fault, service, method, path); });
    if (found == waiting_.end()) return std::nullopt;
    // Its end is no end for a request that hangs on it: that one waits until all are forgotten.
    auto taken = *found;
    if (found->times && --*found->times == 0) waiting_.erase(found);
    return taken;
}

ServerResponse faulted(const Fault& fault, ServerResponse own) {
    auto response = std::move(own);
    if (fault.status != 0) response.status = fault.status;
    if (fault.body) {
        response.body = *fault.body;
        response.stream.reset();
        response.headers.set("Content-Type", fault.content_type);
    }
    if (fault.body_bytes) {
        response.stream.reset();
        response.body.assign(static_cast<std::size_t>(*fault.body_bytes), ' ');
        if (!response.headers.has("Content-Type")) response.headers.set("Content-Type", "application/json");
    }
    if (!fault.content_type.empty()) response.headers.set("Content-Type", fault.content_type);
    for (const auto& [name, value] : fault.headers) response.headers.set(name, value);
    response.reset_connection = fault.reset;
    return response;
}

}  // namespace renkei::sandbox
