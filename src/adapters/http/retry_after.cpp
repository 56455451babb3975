#include "adapters/http/retry_after.hpp"

#include "base/encoding.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace renkei::http {
namespace {

using std::chrono::milliseconds;
// Longer is not believed to be meant; it is also far beyond every deadline.
constexpr milliseconds longest = std::chrono::hours(24 * 366);

std::optional<unsigned> number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<milliseconds> parse_seconds(std::string_view text) {
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; })) return std::nullopt;
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
    if (error == std::errc::result_out_of_range) return longest;
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    // Rounded up: a wait that is a fraction too short is another refusal.
    if (seconds * 1000 >= static_cast<double>(longest.count())) return longest;
    return milliseconds(static_cast<milliseconds::rep>(std::ceil(seconds * 1000)));
}

std::optional<unsigned> month(std::string_view text) {
    constexpr std::array<std::string_view, 12> names{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
    const auto* found = std::ranges::find(names, lower_ascii(text));
    if (found == names.end()) return std::nullopt;
    return static_cast<unsigned>(found - names.begin()) + 1;
}

std::optional<TimePoint> time_of(std::optional<unsigned> year, std::optional<unsigned> month_number, std::optional<unsigned> day, std::string_view clock) {
    const auto parts = split(clock, ':');
    if (parts.size() != 3 || !year || !month_number || !day) return std::nullopt;
    const auto hour = number(parts[0]), minute = number(parts[1]), second = number(parts[2]);
    if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60 || *year > 9999) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month_number), std::chrono::day(*day)};
    if (!date.ok()) return std::nullopt;
    return TimePoint(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

// RFC 9110 section 5.6.7: a two-digit year more than 50 years ahead lies in the past century.
std::optional<unsigned> full_year(std::optional<unsigned> two_digits, TimePoint now) {
    if (!two_digits || *two_digits > 99) return std::nullopt;
    const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
    const auto this_year = static_cast<unsigned>(static_cast<int>(today.year()));
    unsigned year = this_year / 100 * 100 + *two_digits;
    if (year > this_year + 50) year -= 100;
    return year;
}

std::optional<TimePoint> parse_date(std::string_view text, TimePoint now) {
    std::vector<std::string_view> words;
    for (const auto word : split(text, ' '))
        if (!word.empty()) words.push_back(word);
    // Sun, 06 Nov 1994 08:49:37 GMT
    if (words.size() == 6 && words[5] == "GMT") return time_of(number(words[3]), month(words[2]), number(words[1]), words[4]);
    // Sunday, 06-Nov-94 08:49:37 GMT
    if (words.size() == 4 && words[3] == "GMT") {
        const auto date = split(words[1], '-');
        if (date.size() == 3) return time_of(full_year(number(date[2]), now), month(date[1]), number(date[0]), words[2]);
    }
    // Sun Nov  6 08:49:37 1994
    if (words.size() == 5) return time_of(number(words[4]), month(words[1]), number(words[2]), words[3]);
    return std::nullopt;
}

}  // namespace

std::optional<milliseconds> parse_retry_after(std::string_view value, TimePoint now) {
    const auto text = trim(value);
    if (text.size() > 64) return std::nullopt;
    if (const auto seconds = parse_seconds(text)) return seconds;
    const auto date = parse_date(text, now);
    if (!date) return std::nullopt;
    return std::clamp<milliseconds>(*date - now, milliseconds(0), longest);
}

}  // namespace renkei::http
