#pragma once

#include "base/clock.hpp"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace spdlog {
class logger;
}

namespace renkei::server {

enum class LogLevel : unsigned char { debug, info, warning, error };

/// Structured log on standard error: a fixed message and fields; text on a terminal, JSON lines otherwise. Values of any
/// origin are escaped, so that nobody can forge a line. Secrets cannot come here: Secret does not convert to text.
class Log {
public:
    using Field = std::pair<std::string_view, std::string>;
    /// `format`: auto, text or json; `level`: debug, info, warning, error (checked by Settings).
    Log(const Clock& clock, std::string_view format, std::string_view level);
    ~Log();

    void write(LogLevel level, std::string_view message, std::initializer_list<Field> fields = {});
    void info(std::string_view message, std::initializer_list<Field> fields = {}) { write(LogLevel::info, message, fields); }
    void warning(std::string_view message, std::initializer_list<Field> fields = {}) { write(LogLevel::warning, message, fields); }
    void error(std::string_view message, std::initializer_list<Field> fields = {}) { write(LogLevel::error, message, fields); }
    /// A finished line of another writer (the access log).
    void line(std::string_view text);
    void flush();
    bool is_json() const { return json_; }

private:
    const Clock& clock_;
    bool json_;
    bool colour_;
    LogLevel least_;
    std::shared_ptr<spdlog::logger> sink_;
};

/// One line of the log, for tests too.
std::string log_line_json(TimePoint at, LogLevel level, std::string_view message, std::initializer_list<Log::Field> fields);
std::string log_line_text(TimePoint at, LogLevel level, std::string_view message, std::initializer_list<Log::Field> fields, bool colour);

}  // namespace renkei::server
