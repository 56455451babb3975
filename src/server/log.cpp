#include "server/log.hpp"

#include "base/json.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <cstdlib>

namespace renkei::server {
namespace {

constexpr std::string_view level_words[] = {"debug", "info", "warning", "error"};
constexpr std::string_view level_colours[] = {"\x1b[2m", "\x1b[34m", "\x1b[33m", "\x1b[31m"};

std::string_view word_of(LogLevel level) { return level_words[static_cast<std::size_t>(level)]; }

LogLevel level_of(std::string_view word) {
    for (std::size_t i = 0; i < std::size(level_words); ++i)
        if (level_words[i] == word) return static_cast<LogLevel>(i);
    return LogLevel::info;
}

// Text whose control characters cannot start a line or drive a terminal.
std::string quoted(std::string_view text) { return json::serialize(json::value(json::view(text))); }

bool needs_quotes(std::string_view text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '=' || c == 0x7f) return true;
    return text.empty();
}

}  // namespace

std::string log_line_json(TimePoint at, LogLevel level, std::string_view message, std::initializer_list<Log::Field> fields) {
    json::object line;
    line["time"] = iso_text(at);
    line["level"] = json::view(word_of(level));
    line["message"] = json::view(message);
    for (const auto& [name, value] : fields) line[json::view(name)] = value;
    return json::serialize(line);
}

std::string log_line_text(TimePoint at, LogLevel level, std::string_view message, std::initializer_list<Log::Field> fields, bool colour) {
    const auto index = static_cast<std::size_t>(level);
    std::string line =
        fmt::format("{} {}{:7}{} {}", iso_text(at).substr(11, 8), colour ? level_colours[index] : "", word_of(level), colour ? "\x1b[0m" : "", message);
    for (const auto& [name, value] : fields) line += fmt::format("  {}={}", name, needs_quotes(value) ? quoted(value) : value);
    return line;
}

Log::Log(const Clock& clock, std::string_view format, std::string_view level)
    : clock_(clock),
      json_(format == "json" || (format == "auto" && isatty(STDERR_FILENO) == 0)),
      colour_(isatty(STDERR_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr),
      least_(level_of(level)),
      sink_(std::make_shared<spdlog::logger>("renkei", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
    sink_->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
    sink_->set_level(spdlog::level::trace);
}

Log::~Log() { flush(); }

void Log::write(LogLevel level, std::string_view message, std::initializer_list<Field> fields) {
    if (level < least_) return;
    line(json_ ? log_line_json(clock_.now(), level, message, fields) : log_line_text(clock_.now(), level, message, fields, colour_));
}

void Log::line(std::string_view text) { sink_->log(spdlog::level::info, spdlog::string_view_t(text.data(), text.size())); }
void Log::flush() { sink_->flush(); }

}  // namespace renkei::server
