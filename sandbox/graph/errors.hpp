#pragma once

#include "sandbox/service.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace renkei::sandbox::graph {

/// A refusal in the vendor's words: the code is what clients decide on.
struct GraphError {
    int status = 400;
    std::string code;
    std::string message;
};

template <class T>
using Outcome = std::expected<T, GraphError>;
using Answer = Outcome<ServerResponse>;

inline std::unexpected<GraphError> refuse(int status, std::string code, std::string message) {
    return std::unexpected(GraphError{status, std::move(code), std::move(message)});
}
inline std::unexpected<GraphError> bad_request(std::string message) { return refuse(400, "BadRequest", std::move(message)); }
/// A query option or property that is not understood.
inline std::unexpected<GraphError> bad_query(std::string message) { return refuse(400, "RequestBroker--ParseUri", std::move(message)); }
inline std::unexpected<GraphError> malformed_id() { return refuse(400, "ErrorInvalidIdMalformed", "Id is malformed."); }
inline std::unexpected<GraphError> no_item() { return refuse(404, "ErrorItemNotFound", "The specified object was not found in the store."); }
inline std::unexpected<GraphError> access_denied() { return refuse(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."); }

/// The caller's request id as a GUID.
std::string request_guid(const ServerRequest& request);
/// The answer with the vendor's error body and headers.
ServerResponse error_response(const GraphError& error, const ServerRequest& request, TimePoint now);
/// request-id, client-request-id and what else stands on every answer.
void add_standard_headers(ServerResponse& response, const ServerRequest& request);
/// The code that the vendor uses for a status, when nothing better is known.
GraphError error_of_status(int status);

}  // namespace renkei::sandbox::graph
