#pragma once

#include "sandbox/service.hpp"

#include <fstream>
#include <string>
#include <string_view>

namespace renkei::sandbox {

/// What was asked, kept until the answer is there.
struct LoggedRequest {
    std::string service, method, path, query;
    std::string request_body, request_type;
};

/// Writes one JSON line an exchange: {time, service, method, path, query, status, request, response}. Bodies stand as JSON if they are
/// JSON, as an object if they are forms, as text otherwise. It holds tokens: it is a test tool's file, mode 0600.
class ExchangeLog {
public:
    /// Appends.
    static Result<ExchangeLog> open(const std::string& file);
    void write(const LoggedRequest& request, const ServerResponse& response, TimePoint now);

private:
    explicit ExchangeLog(std::ofstream out) : out_(std::move(out)) {}
    std::ofstream out_;
};

}  // namespace renkei::sandbox
