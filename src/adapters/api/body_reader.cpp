#include "adapters/api/body_reader.hpp"

#include "adapters/api/times.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace renkei::api {
namespace {

bool has_control_character(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f; });
}

}  // namespace

bool BodyReader::has(std::string_view name) const {
    const auto* member = json::find(*object_, name);
    return member != nullptr && !member->is_null();
}

std::string BodyReader::path_of(std::string_view name) const { return path_.empty() ? std::string(name) : path_ + "." + std::string(name); }

json::value* BodyReader::take(std::string_view name) {
    known_.emplace_back(name);
    auto* member = object_->if_contains(json::view(name));
    return member == nullptr || member->is_null() ? nullptr : member;
}

void BodyReader::refuse(std::string_view name, std::string_view why, Errc code) {
    const auto field = path_of(name);
    refusals_->add(code, field, fmt::format("`{}` {}", field, why));
}

void BodyReader::refuse_with(std::string_view name, Error error) { refusals_->add(error.code, path_of(name), std::move(error.detail)); }

std::optional<std::string> BodyReader::text_of(json::value& value, std::string_view name, Length length) {
    const auto* string = value.if_string();
    if (string == nullptr) return refuse(name, "must be a text"), std::nullopt;
    const auto view = json::view(*string);
    if (view.size() < length.min) return refuse(name, "must not be empty"), std::nullopt;
    if (view.size() > length.max) return refuse(name, fmt::format("must be at most {} bytes long", length.max)), std::nullopt;
    if (has_control_character(view)) return refuse(name, "must not hold control characters"), std::nullopt;
    return std::string(view);
}

json::value* BodyReader::any(std::string_view name) { return take(name); }

std::optional<std::string> BodyReader::optional_text(std::string_view name, Length length) {
    auto* member = take(name);
    if (member == nullptr) return std::nullopt;
    return text_of(*member, name, length);
}

std::string BodyReader::text(std::string_view name, Length length) {
    auto* member = take(name);
    if (member == nullptr) return refuse(name, "is required"), std::string{};
    return text_of(*member, name, length).value_or(std::string{});
}

std::optional<Secret> BodyReader::optional_secret(std::string_view name, std::size_t max) {
    auto* member = take(name);
    if (member == nullptr) return std::nullopt;
    auto* string = member->if_string();
    if (string == nullptr) return refuse(name, "must be a text"), std::nullopt;
    if (string->empty()) return refuse(name, "must not be empty"), std::nullopt;
    if (string->size() > max) return refuse(name, fmt::format("must be at most {} bytes long", max)), std::nullopt;
    Secret secret(json::view(*string));
    std::ranges::fill(*string, '\0');
    return secret;
}

Secret BodyReader::secret(std::string_view name, std::size_t max) {
    if (!has(name)) {
        known_.emplace_back(name);
        refuse(name, "is required");
        return {};
    }
    auto found = optional_secret(name, max);
    return found ? std::move(*found) : Secret{};
}

std::optional<std::int64_t> BodyReader::optional_integer(std::string_view name, std::int64_t min, std::int64_t max) {
    auto* member = take(name);
    if (member == nullptr) return std::nullopt;
    // 1.0 is refused too: a number with a point is not how a count is written.
    if (!member->is_int64() || member->get_int64() < min || member->get_int64() > max)
        return refuse(name, fmt::format("must be a whole number from {} to {}", min, max)), std::nullopt;
    return member->get_int64();
}

std::optional<bool> BodyReader::optional_boolean(std::string_view name) {
    auto* member = take(name);
    if (member == nullptr) return std::nullopt;
    if (!member->is_bool()) return refuse(name, "must be true or false"), std::nullopt;
    return member->get_bool();
}

std::vector<std::string> BodyReader::text_list(std::string_view name, std::size_t max_items, Length length) {
    std::vector<std::string> items;
    auto* member = take(name);
    if (member == nullptr) return items;
    auto* array = member->if_array();
    if (array == nullptr) return refuse(name, "must be a list of texts"), items;
    if (array->size() > max_items) return refuse(name, fmt::format("must have at most {} items", max_items)), items;
    for (std::size_t i = 0; i < array->size(); ++i)
        if (auto item = text_of((*array)[i], fmt::format("{}[{}]", name, i), length)) items.push_back(std::move(*item));
    return items;
}

std::optional<TimePoint> BodyReader::optional_time(std::string_view name) {
    const auto word = optional_text(name, {.max = 40});
    if (!word) return std::nullopt;
    const auto at = parse_time(*word);
    if (!at) return refuse(name, "must be a time like 2026-12-31T09:00:00Z"), std::nullopt;
    return at;
}

std::optional<BodyReader> BodyReader::optional_object(std::string_view name) {
    auto* member = take(name);
    if (member == nullptr) return std::nullopt;
    auto* object = member->if_object();
    if (object == nullptr) return refuse(name, "must be an object"), std::nullopt;
    return BodyReader(*object, path_of(name), refusals_);
}

std::vector<BodyReader> BodyReader::object_list(std::string_view name, std::size_t max_items) {
    std::vector<BodyReader> items;
    auto* member = take(name);
    if (member == nullptr) return items;
    auto* array = member->if_array();
    if (array == nullptr) return refuse(name, "must be a list of objects"), items;
    if (array->size() > max_items) return refuse(name, fmt::format("must have at most {} items", max_items)), items;
    for (std::size_t i = 0; i < array->size(); ++i) {
        const auto item = fmt::format("{}[{}]", name, i);
        if (auto* object = (*array)[i].if_object())
            items.push_back(BodyReader(*object, path_of(item), refusals_));
        else
            refuse(item, "must be an object");
    }
    return items;
}

Result<void> BodyReader::done() {
    for (const auto& member : *object_) {
        const std::string name(member.key().data(), member.key().size());
        if (std::ranges::find(known_, name) != known_.end()) continue;
        const auto shown = path_of(short_text(name));
        refusals_->add(Errc::unknown_field, shown, unknown_text("field", shown, name, known_));
    }
    return path_.empty() ? refusals_->result() : Result<void>{};
}

}  // namespace renkei::api
