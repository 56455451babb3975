#pragma once

#include "app/ports/http_client.hpp"
#include "base/result.hpp"

#include <memory>
#include <string>

namespace renkei::http {

/// A file for lines of exchanges: appended to, readable by its owner alone.
class ExchangeLog {
public:
    static Result<std::unique_ptr<ExchangeLog>> open(const std::string& path);
    ~ExchangeLog();
    ExchangeLog(const ExchangeLog&) = delete;
    ExchangeLog& operator=(const ExchangeLog&) = delete;
    /// One write, so that lines of several loops do not mix. What cannot be written is lost: this is a debugging aid.
    void append(std::string line);

private:
    explicit ExchangeLog(int fd) : fd_(fd) {}
    int fd_;
};

/// For debugging: writes {service, method, path, status, request, response} of each call as a JSON line, without secrets.
/// Bodies are shown if they are JSON or forms, cut to 4 KiB; of everything else only type and size.
std::unique_ptr<app::HttpClient> with_exchange_log(std::unique_ptr<app::HttpClient> inner, std::unique_ptr<ExchangeLog> log);

}  // namespace renkei::http
