#pragma once

#include "adapters/api/refusals.hpp"
#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/secret.hpp"

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::api {

/// How long a text may be, in bytes of UTF-8.
struct Length {
    std::size_t max = 200;
    std::size_t min = 1;
};

/// Reads the members of a JSON object by name and type. Every refusal names its field as a path (`attachments[2].name`);
/// `done()` refuses members that nobody asked for and gives all refusals at once. A member that is null counts as absent.
class BodyReader {
public:
    explicit BodyReader(json::object& object) : BodyReader(object, {}, std::make_shared<Refusals>()) {}

    bool has(std::string_view name) const;
    /// Required; empty text after a refusal.
    std::string text(std::string_view name, Length length = {});
    std::optional<std::string> optional_text(std::string_view name, Length length = {});
    /// Required. The member's own memory is overwritten.
    Secret secret(std::string_view name, std::size_t max = 16'384);
    std::optional<Secret> optional_secret(std::string_view name, std::size_t max = 16'384);
    std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t min, std::int64_t max);
    std::optional<bool> optional_boolean(std::string_view name);
    std::vector<std::string> text_list(std::string_view name, std::size_t max_items, Length length = {});
    /// RFC 3339, UTC or with an offset.
    std::optional<TimePoint> optional_time(std::string_view name);
    /// Whatever is there, unread; nothing when it is absent.
    json::value* any(std::string_view name);
    std::optional<BodyReader> optional_object(std::string_view name);
    std::vector<BodyReader> object_list(std::string_view name, std::size_t max_items);

    /// A word of a closed set: `parse` gives an optional. `words` is for the refusal.
    template <class Parse>
    auto optional_choice(std::string_view name, Parse parse, std::string_view words) -> decltype(parse(std::string_view{})) {
        const auto word = optional_text(name, {.max = 64});
        if (!word) return std::nullopt;
        auto value = parse(std::string_view(*word));
        if (!value) refuse(name, "must be one of " + std::string(words));
        return value;
    }

    /// Refuses a member for a reason of the endpoint's own: "`name` <why>".
    void refuse(std::string_view name, std::string_view why, Errc code = Errc::invalid_field);
    /// Takes over the refusal of a domain parser (Name::parse …); the field is this reader's path.
    template <class T>
    std::optional<T> accept(std::string_view name, Result<T> parsed) {
        if (parsed) return std::move(*parsed);
        refuse_with(name, std::move(parsed.error()));
        return std::nullopt;
    }
    std::string path_of(std::string_view name) const;
    /// Ends the reading of this object and, at the root, tells what was refused.
    Result<void> done();

private:
    BodyReader(json::object& object, std::string path, std::shared_ptr<Refusals> refusals)
        : object_(&object), path_(std::move(path)), refusals_(std::move(refusals)) {}
    json::value* take(std::string_view name);
    void refuse_with(std::string_view name, Error error);
    std::optional<std::string> text_of(json::value& value, std::string_view name, Length length);

    json::object* object_;
    std::string path_;
    std::shared_ptr<Refusals> refusals_;
    std::vector<std::string> known_;
};

}  // namespace renkei::api
