#include "sandbox/mime/html.hpp"

#include "base/encoding.hpp"
#include "sandbox/mime/gmime.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace renkei::sandbox::mime {
namespace {

struct Tag {
    std::string name;  ///< lower case, with "/" in front if it closes
    std::size_t end = 0;
};

/// The tag at `at` (which is '<'), quotes respected; nothing if it is no tag.
std::optional<Tag> tag_at(std::string_view html, std::size_t at) {
    if (html.substr(at, 4) == "<!--") {
        const auto end = html.find("-->", at + 4);
        return Tag{"!--", end == std::string_view::npos ? html.size() : end + 3};
    }
    std::size_t i = at + 1;
    Tag tag;
    if (i < html.size() && html[i] == '/') tag.name += html[i++];
    if (i >= html.size() || (!g_ascii_isalpha(html[i]) && html[i] != '!' && html[i] != '?')) return std::nullopt;
    while (i < html.size() && (g_ascii_isalnum(html[i]) || html[i] == '!' || html[i] == '?')) tag.name += g_ascii_tolower(html[i++]);
    char quote = 0;
    for (; i < html.size(); ++i) {
        if (quote) {
            if (html[i] == quote) quote = 0;
        } else if ((html[i] == '"' || html[i] == '\'') && html[i - 1] == '=') {
            quote = html[i];
        } else if (html[i] == '>') {
            break;
        }
    }
    tag.end = std::min(i + 1, html.size());
    return tag;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) { return std::ranges::find(names, name) != names.end(); }

/// The place after `</name>`, or the end.
std::size_t after_element(std::string_view html, std::size_t from, const std::string& name) {
    for (std::size_t at = html.find('<', from); at != std::string_view::npos; at = html.find('<', at + 1)) {
        if (!equal_ignoring_case(html.substr(at, name.size() + 2), "</" + name)) continue;
        const auto end = html.find('>', at);
        return end == std::string_view::npos ? html.size() : end + 1;
    }
    return html.size();
}

/// A start tag without on… attributes and without addresses that run code.
std::string clean_tag(std::string_view tag) {
    std::string out;
    std::size_t i = 1;
    while (i < tag.size() && !g_ascii_isspace(tag[i]) && tag[i] != '>' && tag[i] != '/') ++i;
    out = tag.substr(0, i);
    while (i < tag.size()) {
        const std::size_t start = i;
        while (i < tag.size() && (g_ascii_isspace(tag[i]) || tag[i] == '/')) ++i;
        const std::size_t name_at = i;
        while (i < tag.size() && !g_ascii_isspace(tag[i]) && tag[i] != '=' && tag[i] != '>') ++i;
        const std::string name = lower_ascii(tag.substr(name_at, i - name_at));
        std::size_t value_at = i;
        if (i < tag.size() && tag[i] == '=') {
            value_at = ++i;
            if (i < tag.size() && (tag[i] == '"' || tag[i] == '\'')) {
                const auto close = tag.find(tag[i], i + 1);
                i = close == std::string_view::npos ? tag.size() : close + 1;
            } else {
                while (i < tag.size() && !g_ascii_isspace(tag[i]) && tag[i] != '>') ++i;
            }
        }
        std::string value = lower_ascii(tag.substr(value_at, i - value_at));
        std::erase_if(value, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\''; });
        const bool bad = name.starts_with("on") || value.starts_with("javascript:") || value.starts_with("vbscript:") || name == "srcdoc";
        if (!bad) out += tag.substr(start, i - start);
        if (i < tag.size() && tag[i] == '>') return out + ">";
        if (i == start) ++i;
    }
    return out.ends_with('>') ? out : out + ">";
}

void append_utf8(std::string& out, unsigned long point) {
    if (point == 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) point = 0xfffd;
    std::array<char, 6> bytes;
    const int length = g_unichar_to_utf8(static_cast<gunichar>(point), bytes.data());
    out.append(bytes.data(), static_cast<std::size_t>(length));
}

/// The character reference at `at` (which is '&'); the length taken, 0 if it is none.
std::size_t take_entity(std::string_view html, std::size_t at, std::string& out) {
    const auto end = html.substr(at, 12).find(';');
    if (end == std::string_view::npos || end < 2) return 0;
    const std::string name(html.substr(at + 1, end - 1));
    static constexpr std::pair<std::string_view, std::string_view> names[] = {
        {"amp", "&"},    {"lt", "<"},    {"gt", ">"},    {"quot", "\""}, {"apos", "'"}, {"nbsp", " "},  {"copy", "©"},   {"yen", "¥"},
        {"hellip", "…"}, {"mdash", "—"}, {"ndash", "–"}, {"reg", "®"},   {"euro", "€"}, {"times", "×"}, {"middot", "·"}, {"bull", "•"}};
    for (const auto& [key, value] : names)
        if (key == name) {
            out += value;
            return end + 1;
        }
    if (name[0] != '#') return 0;
    const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    char* stop = nullptr;
    const unsigned long point = std::strtoul(name.c_str() + (hex ? 2 : 1), &stop, hex ? 16 : 10);
    if (*stop != 0 || name.size() < (hex ? 3u : 2u)) return 0;
    append_utf8(out, point);
    return end + 1;
}

std::string escape_html(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else
            out += c;
    }
    return out;
}

std::string normalised(std::string_view text) {
    const OwnedText normal(g_utf8_normalize(text.data(), static_cast<gssize>(text.size()), G_NORMALIZE_NFKC));
    if (!normal) return lower_ascii(text);
    const OwnedText folded_text(g_utf8_casefold(normal.get(), -1));
    return folded_text.get();
}

/// The length of a first character that folding leaves alone (or only makes lower case): ASCII, kana, most kanji. 0: another one.
std::size_t plain_length(std::string_view text) {
    const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
    if (byte(0) < 0x80) return 1;
    if (text.size() < 3 || byte(0) < 0xe3 || byte(0) > 0xe9) return 0;
    if (byte(0) == 0xe3 && byte(1) == 0x80) return byte(2) == 0x81 || byte(2) == 0x82 || (byte(2) >= 0x8c && byte(2) <= 0x91) ? 3 : 0;
    if (byte(0) == 0xe3 && byte(1) == 0x82) return byte(2) < 0x99 || byte(2) > 0x9f ? 3 : 0;
    if (byte(0) == 0xe3) return byte(1) == 0x81 || (byte(1) == 0x83 && byte(2) != 0xbf) ? 3 : 0;
    return byte(0) > 0xe4 || byte(1) >= 0xb8 ? 3 : 0;
}

}  // namespace

std::string sanitised(std::string_view html) {
    std::string out;
    for (std::size_t i = 0; i < html.size();) {
        const auto tag = html[i] == '<' ? tag_at(html, i) : std::nullopt;
        if (!tag) {
            out += html[i++];
            continue;
        }
        if (is_one_of(tag->name, {"script", "iframe", "object", "applet", "frameset", "noscript"})) {
            i = after_element(html, tag->end, tag->name);
            continue;
        }
        const bool drop = is_one_of(tag->name, {"/script", "/iframe", "/object", "embed", "/embed", "base", "form", "/form", "frame", "link"});
        if (!drop) out += tag->name[0] == '/' || tag->name[0] == '!' ? std::string(html.substr(i, tag->end - i)) : clean_tag(html.substr(i, tag->end - i));
        i = tag->end;
    }
    return out;
}

std::string text_of_html(std::string_view html) {
    std::string out;
    for (std::size_t i = 0; i < html.size();) {
        if (html[i] == '<') {
            if (const auto tag = tag_at(html, i)) {
                if (is_one_of(tag->name, {"script", "style", "head", "title"})) {
                    i = after_element(html, tag->end, tag->name);
                    continue;
                }
                const bool block =
                    is_one_of(tag->name, {"br", "p", "/p", "div", "/div", "tr", "/tr", "li", "h1", "h2", "h3", "/h1", "/h2", "/h3", "table", "/table", "hr"});
                if (block && !out.empty() && !out.ends_with('\n')) out += "\r\n";
                if (is_one_of(tag->name, {"td", "th"}) && !out.empty() && !out.ends_with('\n')) out += ' ';
                i = tag->end;
                continue;
            }
        }
        if (html[i] == '&')
            if (const auto length = take_entity(html, i, out)) {
                i += length;
                continue;
            }
        const bool space = g_ascii_isspace(html[i]);
        if (!space)
            out += html[i];
        else if (!out.empty() && out.back() != ' ' && out.back() != '\n')
            out += ' ';
        ++i;
    }
    return out;
}

std::string html_of_text(std::string_view text) {
    std::string body;
    for (const auto line : split(text, '\n')) {
        if (!body.empty()) body += "<br>\r\n";
        body += escape_html(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
    }
    return "<html><head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body>\r\n<div class=\"PlainText\">" + body +
           "</div>\r\n</body></html>\r\n";
}

std::string preview_of(std::string_view text, std::size_t characters) {
    std::string out;
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (lead <= ' ') {
            if (!out.empty() && out.back() != ' ') out += ' ', ++count;
        } else {
            out += text.substr(i, length);
            ++count;
        }
        if (count >= characters) break;
        i += length;
    }
    return std::string(trim(out));
}

std::string folded(std::string_view text) {
    // Marks that join the character before them need the whole text at once; they are rare.
    for (const std::string_view mark : {"\xE3\x82\x99", "\xE3\x82\x9A", "\xCC", "\xCD"})
        if (text.find(mark) != std::string_view::npos) return normalised(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t plain = plain_length(text.substr(i));
        if (plain == 1) out += g_ascii_tolower(text[i]);
        if (plain == 3) out += text.substr(i, 3);
        i += plain;
        if (plain > 0) continue;
        const std::size_t from = i;
        while (i < text.size() && plain_length(text.substr(i)) == 0) ++i;
        out += normalised(text.substr(from, i - from));
    }
    return out;
}

}  // namespace renkei::sandbox::mime
