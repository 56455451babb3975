#include "sandbox/mounted.hpp"

#include "sandbox/fault_stream.hpp"
#include "sandbox/login/aadsts.hpp"

namespace renkei::sandbox {
namespace {

constexpr std::chrono::milliseconds look_again{50};
constexpr std::chrono::minutes longest_hang{10};

// The Fetch standard, section 3.2: any origin may read the answers.
void allow_scripts(const std::string& origin, ServerResponse& response) {
    if (origin.empty()) return;
    response.headers.set("Access-Control-Allow-Origin", "*");
    response.headers.set("Access-Control-Expose-Headers", "request-id, client-request-id, Retry-After, WWW-Authenticate, Location, ETag");
}

ServerResponse preflight(const ServerRequest& request) {
    ServerResponse response;
    response.status = 204;
    response.route = "preflight";
    response.headers.set("Access-Control-Allow-Origin", "*");
    response.headers.set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS");
    const auto headers = request.headers.get("Access-Control-Request-Headers");
    response.headers.set("Access-Control-Allow-Headers", std::string(headers.empty() ? "*" : headers));
    response.headers.set("Access-Control-Max-Age", "600");
    return response;
}

bool is_preflight(const ServerRequest& request) {
    return request.method == Method::options && request.headers.has("Origin") && request.headers.has("Access-Control-Request-Method");
}

LoggedRequest logged(std::string_view service, const ServerRequest& request) {
    LoggedRequest kept{std::string(service), std::string(method_text(request.method)),        request.path, {},
                       request.body,         std::string(request.headers.get("Content-Type"))};
    if (const auto mark = request.target.find('?'); mark != std::string::npos) kept.query = request.target.substr(mark + 1);
    return kept;
}

// Cut-off and slow answers go out piece by piece.
void make_slow_or_short(const Fault& fault, ServerResponse& response) {
    if (!fault.cut_after && fault.pause.count() == 0) return;
    if (response.stream) return;
    response.headers.set("Content-Length", std::to_string(response.body.size()));
    response.stream = make_fault_stream(std::exchange(response.body, {}), fault.cut_after, fault.pause);
}

}  // namespace

Task<ServerResponse> Mounted::handle(ServerRequest request) {
    if (is_preflight(request)) co_return preflight(request);
    const auto kept = logged(service_.name(), request);
    const std::string origin(request.headers.get("Origin"));
    ServerResponse response;
    if (auto fault = around_.faults.take(service_.name(), kept.method, request.path))
        response = co_await answer_with_fault(std::move(*fault), std::move(request));
    else
        response = service_.handle(std::move(request));
    allow_scripts(origin, response);
    count(kept, response);
    if (around_.log) around_.log->write(kept, response, around_.world.now());
    co_return response;
}

Task<ServerResponse> Mounted::answer_with_fault(Fault fault, ServerRequest request) {
    if (fault.hang) {
        const auto until = std::chrono::steady_clock::now() + longest_hang;
        const auto forgotten = around_.faults.forgotten();
        while (around_.faults.forgotten() == forgotten && std::chrono::steady_clock::now() < until) co_await wait_for(look_again);
    }
    if (fault.delay.count() > 0) co_await wait_for(fault.delay);
    const bool own_answer = fault.status == 0 && fault.aadsts == 0 && !fault.reset && !fault.body && !fault.body_bytes;
    ServerResponse own;
    if (fault.carry_out && !own_answer) {
        own = vendor_error(fault, request);
        service_.handle(std::move(request));
    } else if (own_answer) {
        own = service_.handle(std::move(request));
    } else {
        own = vendor_error(fault, request);
    }
    auto response = faulted(fault, std::move(own));
    make_slow_or_short(fault, response);
    co_return response;
}

ServerResponse Mounted::vendor_error(const Fault& fault, const ServerRequest& request) {
    if (fault.aadsts != 0) return aadsts_answer(around_.world, request, {fault.aadsts, {}, {}, fault.claims});
    if (fault.status >= 400) return service_.vendor_error(fault.status, request);
    return json_response(fault.status == 0 ? 500 : fault.status, "{}");
}

ServerResponse Mounted::refuse(int status, std::string_view detail, std::string_view request_id) {
    ServerRequest request;
    request.request_id = request_id;
    auto response = service_.vendor_error(status, request);
    response.headers.set("x-sandbox-detail", std::string(detail));
    return response;
}

void Mounted::count(const LoggedRequest& request, const ServerResponse& response) {
    const auto& path = response.route.empty() ? request.path : response.route;
    ++around_.counters.requests[request.service][request.method + " " + path][response.reset_connection ? 0 : response.status];
}

}  // namespace renkei::sandbox
