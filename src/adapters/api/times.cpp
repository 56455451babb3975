#include "adapters/api/times.hpp"

#include <chrono>

namespace renkei::api {
namespace {

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (text.size() < at + count) return std::nullopt;
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

bool punctuated(std::string_view text) {
    return text.size() >= 20 && text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' && text[16] == ':';
}

// "Z", "+09:00" or "-05:30" as minutes.
std::optional<int> offset_of(std::string_view text) {
    if (text == "Z") return 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
    const auto hours = digits(text, 1, 2), minutes = digits(text, 4, 2);
    if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    return (text[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
}

}  // namespace

std::optional<TimePoint> parse_time(std::string_view text) {
    if (!punctuated(text) || text.size() > 40) return std::nullopt;
    const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    auto rest = text.substr(19);
    int millis = 0;
    if (rest.front() == '.') {
        std::size_t end = 1;
        for (int unit = 100; end < rest.size() && rest[end] >= '0' && rest[end] <= '9'; ++end, unit /= 10) millis += (rest[end] - '0') * unit;
        if (end == 1) return std::nullopt;
        rest = rest.substr(end);
    }
    const auto offset = offset_of(rest);
    if (!offset) return std::nullopt;
    return TimePoint(std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(*hour) + std::chrono::minutes(*minute - *offset) +
                     std::chrono::seconds(*second) + std::chrono::milliseconds(millis));
}

}  // namespace renkei::api
