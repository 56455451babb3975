#pragma once

#include "adapters/api/refusals.hpp"
#include "app/ports/store.hpp"
#include "base/encoding.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::api {

/// Reads query parameters with the rules of BodyReader: typed, once each, unknown ones refused with a suggestion.
class QueryReader {
public:
    explicit QueryReader(const Fields& fields) : fields_(fields) {}

    std::optional<std::string> optional_text(std::string_view name, std::size_t max = 200);
    std::string text(std::string_view name, std::size_t max = 200);
    std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t min, std::int64_t max);
    std::optional<bool> optional_boolean(std::string_view name);
    std::optional<TimePoint> optional_time(std::string_view name);
    template <class Parse>
    auto optional_choice(std::string_view name, Parse parse, std::string_view words) -> decltype(parse(std::string_view{})) {
        const auto word = optional_text(name, 64);
        if (!word) return std::nullopt;
        auto value = parse(std::string_view(*word));
        if (!value) refuse(name, "must be one of " + std::string(words));
        return value;
    }
    void refuse(std::string_view name, std::string_view why, Errc code = Errc::invalid_field);
    Result<void> done();

private:
    const std::string* take(std::string_view name);

    const Fields& fields_;
    Refusals refusals_;
    std::vector<std::string> known_;
};

}  // namespace renkei::api
