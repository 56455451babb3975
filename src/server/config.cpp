#include "server/config.hpp"

#include "base/encoding.hpp"
#include "base/suggest.hpp"

#include <fmt/format.h>
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>

namespace renkei::server {
namespace {

const SettingRow* find_row(std::string_view key) {
    const auto rows = all_settings();
    const auto found = std::ranges::find(rows, key, &SettingRow::key);
    return found == rows.end() ? nullptr : &*found;
}

std::unexpected<Error> unknown_key(std::string_view key, std::string_view source) {
    std::vector<std::string_view> known;
    for (const auto& row : all_settings()) known.push_back(row.key);
    const auto meant = nearest(key, known);
    return fail(Error{Errc::unknown_field,
                      fmt::format("{}: there is no setting `{}`{}", source, key, meant.empty() ? "" : fmt::format("; did you mean `{}`?", meant)),
                      {{"field", std::string(key)}}});
}

std::vector<std::string> words(std::string_view text, char separator) {
    std::vector<std::string> items;
    for (const auto part : split(text, separator))
        if (!trim(part).empty()) items.emplace_back(trim(part));
    return items;
}

Result<void> check_kind(const SettingRow& row, const std::vector<std::string>& items, std::string_view source) {
    const auto refuse = [&](std::string_view what) { return bad_field(row.key, fmt::format("{}: `{}` must be {}", source, row.key, what)); };
    if (row.kind == SettingKind::list) return {};
    if (items.size() != 1) return refuse("one value");
    const auto& item = items.front();
    if (row.kind == SettingKind::boolean && item != "true" && item != "false") return refuse("true or false");
    if (row.kind != SettingKind::integer) return {};
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), number);
    if (error != std::errc{} || end != item.data() + item.size() || number < 0) return refuse("a whole number");
    return {};
}

// A TOML value as the items of a setting, or nothing when its type does not fit any setting.
std::optional<std::vector<std::string>> items_of(const toml::node& node) {
    if (const auto* text = node.as_string()) return std::vector{text->get()};
    if (const auto* number = node.as_integer()) return std::vector{std::to_string(number->get())};
    if (const auto* truth = node.as_boolean()) return std::vector<std::string>{truth->get() ? "true" : "false"};
    const auto* array = node.as_array();
    if (array == nullptr) return std::nullopt;
    std::vector<std::string> items;
    for (const auto& element : *array) {
        if (!element.is_string()) return std::nullopt;
        items.push_back(element.as_string()->get());
    }
    return items;
}

}  // namespace

std::string environment_name(std::string_view key) {
    std::string name = "RENKEI_";
    for (const char c : key) name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    return name;
}

Config::Config() {
    for (const auto& row : all_settings()) {
        auto items = row.kind == SettingKind::list ? words(row.standard, ' ') : std::vector{std::string(row.standard)};
        values_[std::string(row.key)] = Value{std::move(items), "default"};
    }
}

Result<void> Config::put(const SettingRow& row, std::vector<std::string> items, std::string source) {
    if (auto fits = check_kind(row, items, source); !fits) return fits;
    values_[std::string(row.key)] = Value{std::move(items), std::move(source)};
    return {};
}

Result<void> Config::load_toml(std::string_view text, std::string_view file_name) {
    const auto parsed = toml::parse(text, file_name);
    if (!parsed)
        return fail(Errc::bad_request,
                    fmt::format("{} line {}: {}", file_name, parsed.error().source().begin.line, std::string_view(parsed.error().description())));
    std::vector<std::pair<std::string, const toml::table*>> tables{{"", &parsed.table()}};
    while (!tables.empty()) {
        const auto [prefix, table] = tables.back();
        tables.pop_back();
        for (const auto& [name, node] : *table) {
            const std::string key = prefix + std::string(name.str());
            const std::string source = fmt::format("{} line {}", file_name, node.source().begin.line);
            if (const auto* nested = node.as_table()) {
                tables.emplace_back(key + ".", nested);
                continue;
            }
            const auto* row = find_row(key);
            if (row == nullptr) return unknown_key(key, source);
            auto items = items_of(node);
            if (!items || (node.is_array() != (row->kind == SettingKind::list)))
                return bad_field(key, fmt::format("{}: `{}` has a value of the wrong type", source, key));
            if (auto stored = put(*row, std::move(*items), source); !stored) return stored;
        }
    }
    return {};
}

Result<void> Config::load_environment(std::span<const std::pair<std::string, std::string>> variables) {
    for (const auto& [name, value] : variables) {
        if (!name.starts_with("RENKEI_")) continue;
        if (name == "RENKEI_CONFIG" || name == "RENKEI_URL" || name == "RENKEI_KEY" || name.starts_with("RENKEI_TEST_") || name == "RENKEI_BUILD" ||
            name == "RENKEI_CRASH_CYCLES" || name.starts_with("RENKEI_LINT_"))
            continue;  // of the command line and of tests
        const auto rows = all_settings();
        const auto row = std::ranges::find(rows, name, [](const SettingRow& candidate) { return environment_name(candidate.key); });
        if (row == rows.end()) return unknown_key(lower_ascii(name.substr(7)), name);
        auto items = row->kind == SettingKind::list ? words(value, ',') : std::vector{value};
        if (auto stored = put(*row, std::move(items), name); !stored) return stored;
    }
    return {};
}

Result<void> Config::set(std::string_view key, std::string_view value, std::string source) {
    const auto* row = find_row(key);
    if (row == nullptr) return unknown_key(key, source);
    return put(*row, row->kind == SettingKind::list ? words(value, ',') : std::vector{std::string(value)}, std::move(source));
}

const std::string& Config::text(std::string_view key) const { return value(key).items.front(); }
const std::vector<std::string>& Config::list(std::string_view key) const { return value(key).items; }
bool Config::boolean(std::string_view key) const { return text(key) == "true"; }

std::int64_t Config::integer(std::string_view key) const {
    std::int64_t number = 0;
    const auto& digits = text(key);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

std::string config_reference() {
    std::string out = "| Setting | Default | Environment | Meaning |\n| --- | --- | --- | --- |\n";
    for (const auto& row : all_settings())
        out += fmt::format("| `{}` | {} | `{}` | {} |\n", row.key, row.standard.empty() ? "" : fmt::format("`{}`", row.standard), environment_name(row.key),
                           row.about);
    return out;
}

}  // namespace renkei::server
