#include "adapters/api/query_reader.hpp"

#include "adapters/api/times.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace renkei::api {

const std::string* QueryReader::take(std::string_view name) {
    known_.emplace_back(name);
    const std::string* found = nullptr;
    for (const auto& [field, value] : fields_) {
        if (field != name) continue;
        if (found != nullptr) return refuse(name, "may be given once only"), nullptr;
        found = &value;
    }
    return found;
}

void QueryReader::refuse(std::string_view name, std::string_view why, Errc code) {
    refusals_.add(code, std::string(name), fmt::format("the query parameter `{}` {}", name, why));
}

std::optional<std::string> QueryReader::optional_text(std::string_view name, std::size_t max) {
    const auto* value = take(name);
    if (value == nullptr) return std::nullopt;
    if (value->empty()) return refuse(name, "must not be empty"), std::nullopt;
    if (value->size() > max) return refuse(name, fmt::format("must be at most {} bytes long", max)), std::nullopt;
    const bool clean = is_utf8(*value) && std::ranges::none_of(*value, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (!clean) return refuse(name, "must be UTF-8 text without control characters"), std::nullopt;
    return *value;
}

std::string QueryReader::text(std::string_view name, std::size_t max) {
    if (find_field(fields_, name) == nullptr) {
        known_.emplace_back(name);
        refuse(name, "is required");
        return {};
    }
    return optional_text(name, max).value_or(std::string{});
}

std::optional<std::int64_t> QueryReader::optional_integer(std::string_view name, std::int64_t min, std::int64_t max) {
    const auto* value = take(name);
    if (value == nullptr) return std::nullopt;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (error != std::errc{} || end != value->data() + value->size() || number < min || number > max)
        return refuse(name, fmt::format("must be a whole number from {} to {}", min, max)), std::nullopt;
    return number;
}

std::optional<bool> QueryReader::optional_boolean(std::string_view name) {
    const auto* value = take(name);
    if (value == nullptr) return std::nullopt;
    if (*value != "true" && *value != "false") return refuse(name, "must be true or false"), std::nullopt;
    return *value == "true";
}

std::optional<TimePoint> QueryReader::optional_time(std::string_view name) {
    const auto* value = take(name);
    if (value == nullptr) return std::nullopt;
    const auto at = parse_time(*value);
    if (!at) refuse(name, "must be a time like 2026-12-31T09:00:00Z");
    return at;
}

Result<void> QueryReader::done() {
    for (const auto& [name, value] : fields_) {
        if (std::ranges::find(known_, name) != known_.end()) continue;
        const auto shown = short_text(name);
        refusals_.add(Errc::unknown_field, shown, unknown_text("query parameter", shown, name, known_));
    }
    return refusals_.result();
}

}  // namespace renkei::api
