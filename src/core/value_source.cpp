#include "core/value_source.hpp"

#include "base/encoding.hpp"

#include <algorithm>
#include <array>

namespace renkei::core {
namespace {

using namespace std::string_view_literals;

constexpr std::array words{std::pair{SourceKind::literal, "literal"sv},   std::pair{SourceKind::credential, "credential"sv},
                           std::pair{SourceKind::variable, "variable"sv}, std::pair{SourceKind::vault, "vault"sv},
                           std::pair{SourceKind::environment, "env"sv},   std::pair{SourceKind::file, "file"sv}};
constexpr std::size_t longest_part = 1024;

std::unexpected<Error> refuse(std::string_view field, std::string_view what) { return bad_field(field, "`" + std::string(field) + "` " + std::string(what)); }

bool is_plain(std::string_view text) {
    return !text.empty() && text.size() <= longest_part && std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

// Takes what stands behind the last mark off the text.
std::string take_behind(std::string_view& text, char mark) {
    const auto at = text.rfind(mark);
    if (at == text.npos) return {};
    std::string behind(text.substr(at + 1));
    text = text.substr(0, at);
    return behind;
}

Result<ValueSource> named(SourceKind kind, std::string_view rest, std::string_view field) {
    ValueSource source{kind, {}};
    const bool pinned = kind == SourceKind::credential && rest.find('@') != rest.npos;
    if (pinned) source.version = take_behind(rest, '@');
    if (pinned && (source.version.empty() || !std::ranges::all_of(source.version, [](char c) { return c >= '0' && c <= '9'; })))
        return refuse(field, "pins a version that is not a number");
    auto name = Name::parse(rest, field);
    if (!name) return refuse(field, "refers to a name that is none: letters, digits, dots, hyphens and underscores are taken");
    source.name = name->text();
    return source;
}

Result<ValueSource> in_vault(std::string_view rest, std::string_view field) {
    ValueSource source{SourceKind::vault, {}};
    if (!is_plain(rest)) return refuse(field, "needs vault:NAME/PATH, without blanks");
    const auto hash = rest.rfind('#');
    // A version stands at the very end, behind the field where there is one.
    if (const auto at = rest.rfind('@'); at != rest.npos && (hash == rest.npos || at > hash)) source.version = take_behind(rest, '@');
    if (rest.find('#') != rest.npos) source.field = take_behind(rest, '#');
    const auto slash = rest.find('/');
    if (slash == rest.npos || slash + 1 == rest.size()) return refuse(field, "needs vault:NAME/PATH");
    auto name = Name::parse(rest.substr(0, slash), field);
    if (!name) return refuse(field, "names no external vault");
    source.name = name->text();
    source.path = rest.substr(slash + 1);
    for (const auto segment : split(source.path, '/'))
        if (segment.empty() || segment == "." || segment == "..") return refuse(field, "has a path with an empty segment or with dots");
    return source;
}

Result<ValueSource> environment(std::string_view rest, std::string_view field) {
    const auto good = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    if (rest.empty() || rest.size() > 128 || !std::ranges::all_of(rest, good)) return refuse(field, "needs env:NAME with letters, digits and underscores");
    return ValueSource{SourceKind::environment, std::string(rest)};
}

Result<ValueSource> file(std::string_view rest, std::string_view field) {
    if (!is_plain(rest) || rest.starts_with('/')) return refuse(field, "needs file:PATH, relative to the folder that the operator mapped");
    for (const auto segment : split(rest, '/'))
        if (segment.empty() || segment == "." || segment == "..") return refuse(field, "has a path with an empty segment or with dots");
    return ValueSource{SourceKind::file, std::string(rest)};
}

}  // namespace

std::string_view text_of(SourceKind kind) {
    for (const auto& [value, word] : words)
        if (value == kind) return word;
    return {};
}

Result<ValueSource> parse_value_source(std::string_view text, std::string_view field) {
    const auto colon = text.find(':');
    if (colon == text.npos) return ValueSource{SourceKind::literal, std::string(text)};
    const auto word = text.substr(0, colon), rest = text.substr(colon + 1);
    for (const auto& [kind, known] : words) {
        if (word != known) continue;
        switch (kind) {
            case SourceKind::literal: return ValueSource{kind, std::string(rest)};
            case SourceKind::credential:
            case SourceKind::variable: return named(kind, rest, field);
            case SourceKind::vault: return in_vault(rest, field);
            case SourceKind::environment: return environment(rest, field);
            case SourceKind::file: return file(rest, field);
        }
    }
    return ValueSource{SourceKind::literal, std::string(text)};
}

std::string text_of(const ValueSource& source) {
    if (source.kind == SourceKind::literal) {
        const auto again = parse_value_source(source.name, "value");
        return again && *again == source ? source.name : "literal:" + source.name;
    }
    std::string text = std::string(text_of(source.kind)) + ":" + source.name;
    if (source.kind == SourceKind::vault) text += "/" + source.path;
    if (!source.field.empty()) text += "#" + source.field;
    if (!source.version.empty()) text += "@" + source.version;
    return text;
}

const std::string* source_of(const std::vector<FieldSource>& sources, std::string_view field) {
    const auto found = std::ranges::find(sources, field, &FieldSource::field);
    return found == sources.end() ? nullptr : &found->source;
}

}  // namespace renkei::core
