#include "sandbox/graph/errors.hpp"

#include "base/json.hpp"

namespace renkei::sandbox::graph {

std::string request_guid(const ServerRequest& request) {
    std::string text = request.request_id;
    if (text.size() != 32) return text;
    for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
    return text;
}

void add_standard_headers(ServerResponse& response, const ServerRequest& request) {
    response.headers.set("request-id", request_guid(request));
    const auto theirs = request.headers.get("client-request-id");
    if (!theirs.empty() && theirs.size() <= 128) response.headers.set("client-request-id", std::string(theirs));
    response.headers.set("x-ms-ags-diagnostic",
                         R"({"ServerInfo":{"DataCenter":"Sandbox","Slice":"E","Ring":"1","ScaleUnit":"001","RoleInstance":"SANDBOX000"}})");
    response.headers.set("Strict-Transport-Security", "max-age=31536000");
}

ServerResponse error_response(const GraphError& error, const ServerRequest& request, TimePoint now) {
    const auto theirs = request.headers.get("client-request-id");
    std::string date = iso_text(now);
    if (date.ends_with('Z')) date.pop_back();
    json::object inner{{"date", date}, {"request-id", request_guid(request)}};
    inner["client-request-id"] = theirs.empty() || theirs.size() > 128 ? request_guid(request) : std::string(theirs);
    if (error.status == 429) {
        inner["code"] = "429";
        inner["status"] = "429";
    }
    json::object body{{"error", json::object{{"code", error.code}, {"message", error.message}, {"innerError", std::move(inner)}}}};
    ServerResponse response;
    response.status = error.status;
    response.headers.set("Content-Type", "application/json");
    response.body = json::serialize(body);
    add_standard_headers(response, request);
    return response;
}

GraphError error_of_status(int status) {
    static constexpr struct {
        int status;
        std::string_view code, message;
    } rows[] = {{400, "BadRequest", "Bad request."},
                {401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid."},
                {403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."},
                {404, "ErrorItemNotFound", "The specified object was not found in the store."},
                {405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target."},
                {408, "RequestTimeout", "The request timed out."},
                {409, "ErrorIrresolvableConflict",
                 "The send or update operation could not be performed because the change key passed in the request does not match the current change key for "
                 "the item."},
                {410, "syncStateNotFound", "The sync state generation is not found; Full sync required."},
                {412, "ErrorIrresolvableConflict", "The If-Match header does not match."},
                {413, "ErrorMessageSizeExceeded", "The message exceeds the maximum supported size."},
                {415, "UnsupportedMediaType", "The content type of the request is not supported."},
                {423, "locked", "The resource is locked."},
                {429, "TooManyRequests", "Too many requests."},
                {431, "BadRequest", "The request header fields are too large."},
                {501, "NotImplemented", "The operation is not supported."},
                {503, "serviceNotAvailable", "The service is unavailable."},
                {504, "GatewayTimeout", "The request took too long."},
                {507, "ErrorQuotaExceeded", "The mailbox is full."},
                {509, "Bandwidth Limit Exceeded", "The bandwidth limit is exceeded."}};
    for (const auto& row : rows)
        if (row.status == status) return {status, std::string(row.code), std::string(row.message)};
    return {status, status >= 500 ? "InternalServerError" : "BadRequest", status >= 500 ? "An internal server error occurred." : "Bad request."};
}

}  // namespace renkei::sandbox::graph
