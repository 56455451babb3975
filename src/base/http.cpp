#include "base/http.hpp"

#include "base/encoding.hpp"

#include <algorithm>
#include <array>

namespace renkei {
namespace {

constexpr std::array<std::string_view, 7> method_names{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

}  // namespace

std::string_view method_text(Method method) { return method_names[static_cast<std::size_t>(method)]; }

std::optional<Method> parse_method(std::string_view text) {
    const auto* found = std::ranges::find(method_names, text);
    if (found == method_names.end()) return std::nullopt;
    return static_cast<Method>(found - method_names.begin());
}

void Headers::set(std::string_view name, std::string value) {
    remove(name);
    add(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
    std::erase_if(fields_, [&](const auto& field) { return equal_ignoring_case(field.first, name); });
}

std::string_view Headers::get(std::string_view name) const {
    for (const auto& [key, value] : fields_)
        if (equal_ignoring_case(key, name)) return value;
    return {};
}

bool Headers::has(std::string_view name) const { return count(name) > 0; }

std::size_t Headers::count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count_if(fields_, [&](const auto& field) { return equal_ignoring_case(field.first, name); }));
}

}  // namespace renkei
