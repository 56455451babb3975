#include "core/stored_value.hpp"

#include <charconv>
#include <cmath>

namespace renkei::core {

std::string_view text_of(VariableType type) {
    switch (type) {
        case VariableType::text: return "text";
        case VariableType::number: return "number";
        case VariableType::boolean: return "boolean";
    }
    return "text";
}

std::optional<VariableType> parse_variable_type(std::string_view text) {
    for (const auto type : {VariableType::text, VariableType::number, VariableType::boolean})
        if (text == text_of(type)) return type;
    return std::nullopt;
}

bool is_of_type(VariableType type, std::string_view value) {
    if (type == VariableType::text) return true;
    if (type == VariableType::boolean) return value == "true" || value == "false";
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    return error == std::errc{} && end == value.data() + value.size() && std::isfinite(number);
}

}  // namespace renkei::core
