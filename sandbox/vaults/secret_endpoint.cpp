#include "sandbox/vaults/secret_endpoint.hpp"

#include "base/encoding.hpp"

namespace renkei::sandbox {
namespace {

ServerResponse text_response(int status, std::string_view type, std::string body) {
    ServerResponse response;
    response.status = status;
    response.headers.set("Content-Type", std::string(type));
    response.body = std::move(body);
    return response;
}

}  // namespace

void SecretEndpointService::reset() {
    entries_ = {
        {"/values/renkei/daemon", {"text/plain; charset=utf-8", "daemon~Secret-of.the_Sandbox-3\n"}},
        {"/values/renkei/日本 語", {"text/plain; charset=utf-8", "single~Secret-of.the_Sandbox-5\n"}},
        {"/json/renkei/web", {"application/json", R"({"client_id":"0a000000-0000-4000-8000-000000000001","client_secret":"web~Secret-of.the_Sandbox-1"})"}},
        {"/json/renkei/daemon", {"application/json", R"({"client_secret":"daemon~Secret-of.the_Sandbox-3"})"}},
        {"/json/renkei/nested", {"application/json", R"({"apps":[{"secret/key":"web~Secret-of.the_Sandbox-1"}],"count":1})"}}};
}

ServerResponse SecretEndpointService::vendor_error(int status, const ServerRequest&) {
    return text_response(status, "text/plain; charset=utf-8", "error " + std::to_string(status) + "\n");
}

ServerResponse SecretEndpointService::handle(ServerRequest request) {
    const auto given = request.authorization ? request.authorization->expose() : std::string_view();
    const auto pair = std::string(user) + ":" + password;
    if (given != "Bearer " + std::string(bearer) && given != "Basic " + base64(as_bytes(pair))) {
        auto response = vendor_error(401, request);
        response.headers.set("WWW-Authenticate", "Bearer, Basic realm=\"values\"");
        return response;
    }
    if (request.method != Method::get) return vendor_error(405, request);
    const auto path = percent_decode(request.path).value_or("");
    if (path.starts_with("/values/forbidden/") || path.starts_with("/json/forbidden/")) return vendor_error(403, request);
    const auto found = entries_.find(path);
    if (found == entries_.end()) return vendor_error(404, request);
    return text_response(200, found->second.type, found->second.body);
}

}  // namespace renkei::sandbox
