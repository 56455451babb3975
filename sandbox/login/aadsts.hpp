#pragma once

#include "sandbox/service.hpp"
#include "sandbox/world.hpp"

#include <string>
#include <string_view>

namespace renkei::sandbox {

/// One row of the identity platform's error catalogue.
struct AadstsRow {
    int code;
    std::string_view error;  ///< the `error` member
    int status;
    std::string_view suberror;
    std::string_view text;
};

/// A failure at the identity platform: which number, and what its text adds.
struct Aadsts {
    int code;
    std::string text{};   ///< replaces the row's text
    std::string error{};  ///< replaces the row's error
    std::string claims{};
};

/// The row; an unknown number is a server_error.
const AadstsRow& aadsts_row(int code);
std::string_view error_of(const Aadsts& failure);
/// "AADSTS54005: … Trace ID: … Correlation ID: … Timestamp: …"
std::string description_of(World& world, const ServerRequest& request, const Aadsts& failure, std::string_view trace_id);
/// The JSON answer of the token, device and metadata endpoints.
ServerResponse aadsts_answer(World& world, const ServerRequest& request, const Aadsts& failure);
/// The caller's client-request-id (query, header or form), or the request's own id as a GUID.
std::string correlation_id(const ServerRequest& request);
/// "2026-01-09 02:02:12Z"
std::string aadsts_timestamp(TimePoint at);

}  // namespace renkei::sandbox
