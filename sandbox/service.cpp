#include "sandbox/service.hpp"

#include "base/encoding.hpp"

namespace renkei::sandbox {

std::string base_address(const ServerRequest& request) {
    const auto host = request.headers.get("Host");
    return std::string(request.secure ? "https://" : "http://") + (host.empty() ? std::string("localhost") : std::string(host));
}

ServerResponse json_response(int status, std::string body) {
    ServerResponse response;
    response.status = status;
    response.headers.set("Content-Type", "application/json; charset=utf-8");
    response.body = std::move(body);
    return response;
}

ServerRequest make_request(Method method, std::string_view target, std::string body, Headers headers) {
    ServerRequest request;
    request.method = method;
    request.target = target;
    const auto mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string_view::npos) request.query = form_decode(target.substr(mark + 1)).value_or(Fields{});
    if (const auto value = headers.get("Authorization"); !value.empty()) request.authorization = Secret(value);
    if (const auto value = headers.get("Cookie"); !value.empty()) request.cookie = Secret(value);
    headers.remove("Authorization");
    headers.remove("Cookie");
    if (!headers.has("Host")) headers.set("Host", "localhost:18443");
    request.headers = std::move(headers);
    request.body = std::move(body);
    request.request_id = "0123456789abcdef0123456789abcdef";
    request.secure = true;
    return request;
}

}  // namespace renkei::sandbox
