#include "adapters/api/multipart.hpp"

#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::api {
namespace {

constexpr std::size_t longest_boundary = 70;  // RFC 2046 section 5.1.1
constexpr std::size_t longest_name = 64, longest_file_name = 255;

std::unexpected<Error> malformed(std::string detail) { return fail(Errc::bad_request, "the form is not well-formed: " + std::move(detail)); }

bool is_token_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

// RFC 2046 section 5.1.1: bchars, the last of them no blank.
bool is_boundary(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("'()+_,-./:=? ").contains(c);
    };
    return !text.empty() && text.size() <= longest_boundary && text.back() != ' ' && std::ranges::all_of(text, fits);
}

// One `; name=value` or `; name="value"` taken from the front. Browsers put %22 for a quote and leave a backslash as it is
// (WHATWG HTML, multipart/form-data encoding algorithm), so a backslash escapes nothing here.
struct Parameter {
    std::string_view name, value;
};
std::optional<Parameter> take_parameter(std::string_view& rest) {
    rest = trim(rest);
    if (!rest.starts_with(';')) return std::nullopt;
    rest = trim(rest.substr(1));
    const auto equals = rest.find('=');
    if (equals == rest.npos) return std::nullopt;
    Parameter out{rest.substr(0, equals), {}};
    if (out.name.empty() || !std::ranges::all_of(out.name, is_token_char)) return std::nullopt;
    rest.remove_prefix(equals + 1);
    const bool quoted = rest.starts_with('"');
    const auto end = quoted ? rest.find('"', 1) : static_cast<std::size_t>(std::ranges::find_if_not(rest, is_token_char) - rest.begin());
    if (end == rest.npos) return std::nullopt;
    out.value = quoted ? rest.substr(1, end - 1) : rest.substr(0, end);
    rest.remove_prefix(quoted ? end + 1 : end);
    return out;
}

Result<std::string> boundary_of(std::string_view content_type) {
    auto rest = trim(content_type).substr(std::string_view("multipart/form-data").size());
    std::optional<std::string> boundary;
    while (!trim(rest).empty()) {
        const auto parameter = take_parameter(rest);
        if (!parameter) return malformed("its Content-Type cannot be read");
        if (!equal_ignoring_case(parameter->name, "boundary")) continue;
        if (boundary) return malformed("two boundaries");
        boundary = std::string(parameter->value);
    }
    if (!boundary || !is_boundary(*boundary)) return malformed("a boundary of 1 to 70 characters is needed");
    return *std::move(boundary);
}

Result<void> read_disposition(FormPart& part, std::string_view value) {
    constexpr std::string_view kind = "form-data";
    if (!equal_ignoring_case(value.substr(0, kind.size()), kind)) return malformed("a part is no form-data");
    auto rest = value.substr(kind.size());
    bool named = false;
    while (!trim(rest).empty()) {
        const auto parameter = take_parameter(rest);
        if (!parameter) return malformed("a Content-Disposition cannot be read");
        const bool name = equal_ignoring_case(parameter->name, "name"), file = equal_ignoring_case(parameter->name, "filename");
        if ((name && named) || (file && part.file_name)) return malformed("a Content-Disposition says something twice");
        if (name) part.name = std::string(parameter->value), named = true;
        if (file) part.file_name = std::string(parameter->value);
    }
    if (part.name.empty() || part.name.size() > longest_name || !is_utf8(part.name)) return malformed("a part needs a name of 1 to 64 bytes");
    if (part.file_name && (part.file_name->size() > longest_file_name || !is_utf8(*part.file_name))) return malformed("the name of a file is too long");
    return {};
}

Result<void> read_head(FormPart& part, std::string_view head) {
    bool disposed = false;
    while (!head.empty()) {
        const auto end = head.find("\r\n");
        const auto line = head.substr(0, end);
        head.remove_prefix(end == head.npos ? head.size() : end + 2);
        const auto colon = line.find(':');
        if (colon == line.npos || colon == 0 || !std::ranges::all_of(line.substr(0, colon), is_token_char))
            return malformed("a field of a part cannot be read");
        const auto name = line.substr(0, colon), value = trim(line.substr(colon + 1));
        if (std::ranges::any_of(value, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }))
            return malformed("a field of a part holds control characters");
        if (equal_ignoring_case(name, "Content-Disposition")) {
            if (disposed) return malformed("a part has two Content-Disposition fields");
            disposed = true;
            if (auto read = read_disposition(part, value); !read) return read;
        } else if (equal_ignoring_case(name, "Content-Type") && equal_ignoring_case(value.substr(0, 10), "multipart/")) {
            return malformed("parts within parts are not taken");  // RFC 7578 section 4.3
        } else if (equal_ignoring_case(name, "Content-Transfer-Encoding") && !equal_ignoring_case(value, "binary") && !equal_ignoring_case(value, "8bit") &&
                   !equal_ignoring_case(value, "7bit")) {
            return malformed("encoded parts are not taken");  // RFC 7578 section 4.7
        }
    }
    if (!disposed) return malformed("a part has no Content-Disposition");
    return {};
}

// What follows a boundary: "--" ends the form, a line break begins a part.
enum class After { part, end, neither };
After after_boundary(std::string_view& rest) {
    if (rest.starts_with("--")) {
        rest.remove_prefix(2);
        return After::end;
    }
    const auto padding = rest.find_first_not_of(" \t");
    if (padding == rest.npos || padding > 64 || !rest.substr(padding).starts_with("\r\n")) return After::neither;
    rest.remove_prefix(padding + 2);
    return After::part;
}

}  // namespace

bool is_multipart(std::string_view content_type) { return equal_ignoring_case(trim(content_type.substr(0, content_type.find(';'))), "multipart/form-data"); }

Result<std::vector<FormPart>> parse_multipart(std::string_view content_type, std::string_view body) {
    if (!is_multipart(content_type)) return fail(Errc::unsupported_media_type, "this address takes multipart/form-data");
    auto boundary = boundary_of(content_type);
    if (!boundary) return propagate(boundary);
    const auto delimiter = "\r\n--" + *boundary;
    if (!body.starts_with(std::string_view(delimiter).substr(2))) return malformed("it does not begin with its boundary");
    auto rest = body.substr(delimiter.size() - 2);
    std::vector<FormPart> parts;
    for (;;) {
        const auto next = after_boundary(rest);
        if (next == After::end) break;
        if (next == After::neither) return malformed("a boundary is not followed by a part");
        if (parts.size() == most_form_parts) return malformed("it has more than 200 fields");
        const auto head_end = rest.substr(0, longest_part_head + 4).find("\r\n\r\n");
        if (head_end == rest.npos) return malformed("the fields of a part do not end within 2048 bytes");
        FormPart part;
        if (auto read = read_head(part, rest.substr(0, head_end)); !read) return propagate(read);
        rest.remove_prefix(head_end + 4);
        // The line break before a boundary belongs to it (RFC 2046 section 5.1.1).
        const auto end = rest.find(delimiter);
        if (end == rest.npos) return malformed("a part has no end");
        part.content = Secret(rest.substr(0, end));
        rest.remove_prefix(end + delimiter.size());
        parts.push_back(std::move(part));
    }
    if (!trim(rest).empty()) return malformed("something follows its end");
    return parts;
}

}  // namespace renkei::api
