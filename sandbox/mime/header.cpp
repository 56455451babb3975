#include "sandbox/mime/header.hpp"

#include "base/encoding.hpp"
#include "sandbox/mime/charset.hpp"

#include <optional>

namespace renkei::sandbox::mime {
namespace {

constexpr std::size_t max_headers = 2000;
constexpr std::size_t max_header_bytes = 256 * 1024;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_field_name(std::string_view name) {
    if (name.empty() || name.size() > 200) return false;
    for (const char c : name)
        if (c <= 32 || c >= 127 || c == ':') return false;
    return true;
}

/// The next line without its end, whichever of CR LF, LF or bare CR that is.
std::string_view next_line(std::string_view raw, std::size_t& at) {
    const auto end = raw.find_first_of("\r\n", at);
    const auto line = raw.substr(at, end == std::string_view::npos ? end : end - at);
    if (end == std::string_view::npos)
        at = raw.size();
    else
        at = end + (raw.substr(end, 2) == "\r\n" ? 2 : 1);
    return line;
}

/// RFC 2047 section 4.2.
std::string decode_q(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '_') {
            out += ' ';
        } else if (text[i] == '=' && i + 2 < text.size() && from_hex(text.substr(i + 1, 2))) {
            out += static_cast<char>((*from_hex(text.substr(i + 1, 2)))[0]);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

struct Word {
    std::string charset;
    std::string bytes;
    std::size_t length = 0;
};

/// The encoded-word at the beginning of `text`. Blanks inside the encoded text are taken, though RFC 2047 section 2 forbids them.
std::optional<Word> word_at(std::string_view text) {
    if (!text.starts_with("=?")) return std::nullopt;
    const auto first = text.find('?', 2);
    if (first == std::string_view::npos || first == 2 || first > 60) return std::nullopt;
    if (first + 2 >= text.size() || text[first + 2] != '?') return std::nullopt;
    const char kind = static_cast<char>(text[first + 1] | 0x20);
    if (kind != 'b' && kind != 'q') return std::nullopt;
    auto end = text.find("?=", first + 3);
    // "=?utf-8?Q??= 41": the closing mark may not be the text's own "=XX".
    if (end == first + 3 && kind == 'q' && text.size() > end + 3 && from_hex(text.substr(end + 2, 2)) && text.find("?=", end + 2) != std::string_view::npos)
        end = text.find("?=", end + 2);
    std::size_t length = end + 2;
    if (end == std::string_view::npos) {
        end = text.find_first_of(" \t\r\n", first + 3);  // cut: what there is up to the next blank
        if (end == std::string_view::npos) end = text.size();
        length = end;
    }
    const auto content = text.substr(first + 3, end - first - 3);
    std::string charset(text.substr(2, first - 2));
    if (const auto language = charset.find('*'); language != std::string::npos) charset.resize(language);  // RFC 2231 section 5
    return Word{std::move(charset), kind == 'b' ? loose_base64(content) : decode_q(content), length};
}

/// Calls `plain(text)` for what stands between words and `word(utf8)` for each run of adjacent words of one charset: their bytes are joined
/// before decoding, because senders split characters across words (forbidden by RFC 2047 section 5, done all the same).
template <class Plain, class Encoded>
void walk_words(std::string_view raw, Plain plain, Encoded encoded) {
    std::string run;
    std::string run_charset;
    std::string between;
    bool in_run = false;
    const auto flush = [&] {
        if (in_run) encoded(to_utf8(run, run_charset));
        in_run = false;
        run.clear();
    };
    for (std::size_t i = 0; i < raw.size();) {
        const auto word = raw[i] == '=' ? word_at(raw.substr(i)) : std::nullopt;
        if (!word) {
            between += raw[i++];
            continue;
        }
        const bool only_blanks = between.find_first_not_of(" \t\r\n") == std::string::npos;
        const bool same = in_run && only_blanks && equal_ignoring_case(word->charset, run_charset);
        if (!same) {
            const bool drop_blanks = in_run && only_blanks;  // RFC 2047 section 6.2
            flush();
            if (!drop_blanks && !between.empty()) plain(between);
        }
        between.clear();
        run += word->bytes;
        run_charset = word->charset;
        in_run = true;
        i += word->length;
    }
    flush();
    if (!between.empty()) plain(between);
}

std::string unfold(std::string_view raw) {
    std::string out;
    for (const char c : raw)
        if (c != '\r' && c != '\n' && c != '\0') out += c;
    return out;
}

std::string percent_bytes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = text[i] == '%' && i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
        if (byte && !byte->empty()) {
            out += static_cast<char>((*byte)[0]);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

/// A parameter's value at `at`: quoted or a token. Unquoted values with blanks are taken up to the semicolon: senders forget quotes.
std::string take_value(std::string_view raw, std::size_t& at) {
    std::string value;
    if (at < raw.size() && raw[at] == '"') {
        for (++at; at < raw.size() && raw[at] != '"'; ++at) {
            if (raw[at] == '\\' && at + 1 < raw.size()) ++at;
            value += raw[at];
        }
        if (at < raw.size()) ++at;
        while (at < raw.size() && raw[at] != ';') ++at;
        return value;
    }
    while (at < raw.size() && raw[at] != ';') value += raw[at++];
    return std::string(trim(value));
}

struct Piece {
    std::string name;
    int section = 0;
    bool extended = false;
    std::string value;
};

/// `filename*1*` is section 1 of `filename`, percent-encoded (RFC 2231 section 3 and 4).
Piece piece_of(std::string name, std::string value) {
    Piece piece{std::move(name), -1, false, std::move(value)};
    if (piece.name.ends_with('*')) {
        piece.extended = true;
        piece.name.pop_back();
    }
    if (const auto star = piece.name.find('*'); star != std::string::npos) {
        const auto digits = piece.name.substr(star + 1);
        if (!digits.empty() && digits.size() <= 4 && digits.find_first_not_of("0123456789") == std::string::npos) {
            piece.section = std::stoi(digits);
            piece.name.resize(star);
        }
    }
    return piece;
}

std::string joined(const std::vector<Piece>& pieces, const std::string& name) {
    std::string bytes, charset;
    bool extended = false;
    for (int wanted = 0; wanted < 10000; ++wanted) {
        const Piece* found = nullptr;
        for (const auto& piece : pieces)
            if (piece.name == name && (piece.section == wanted || (wanted == 0 && piece.section < 0 && piece.extended))) found = &piece;
        if (!found) break;
        std::string value = found->value;
        if (wanted == 0 && found->extended) {
            const auto first = value.find('\'');
            const auto second = first == std::string::npos ? first : value.find('\'', first + 1);
            if (second != std::string::npos) {
                charset = value.substr(0, first);
                value.erase(0, second + 1);
            }
            extended = true;
        }
        bytes += found->extended ? percent_bytes(value) : value;
        if (found->section < 0) break;
    }
    return extended ? to_utf8(bytes, charset) : decode_unstructured(bytes);
}

}  // namespace

RawHeaders split_headers(std::string_view raw, std::size_t& body_at) {
    RawHeaders headers;
    std::size_t at = 0;
    std::size_t total = 0;
    bool skipping = false;
    while (at < raw.size()) {
        const std::size_t line_at = at;
        const auto line = next_line(raw, at);
        if (line.empty()) break;
        if (is_blank(line[0])) {
            if (!headers.empty() && !skipping && headers.back().second.size() < max_header_bytes) headers.back().second.append("\r\n").append(line);
            continue;
        }
        const auto colon = line.find(':');
        const auto name = trim(line.substr(0, colon));
        skipping = colon == std::string_view::npos || !is_field_name(name);
        if (skipping && line_at > 0 && colon == std::string_view::npos && !headers.empty() && line.size() > 1000) break;
        if (skipping) continue;
        total += line.size();
        if (headers.size() < max_headers && total < 4 * max_header_bytes)
            headers.emplace_back(std::string(name), std::string(line.substr(colon + 1, max_header_bytes)));
    }
    body_at = at;
    return headers;
}

std::string loose_base64(std::string_view text) {
    std::string out;
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : text) {
        int value = -1;
        if (c >= 'A' && c <= 'Z')
            value = c - 'A';
        else if (c >= 'a' && c <= 'z')
            value = c - 'a' + 26;
        else if (c >= '0' && c <= '9')
            value = c - '0' + 52;
        else if (c == '+')
            value = 62;
        else if (c == '/')
            value = 63;
        if (c == '=') bits = 0;  // blocks put one after another each have their own padding
        if (value < 0) continue;
        buffer = buffer << 6 | static_cast<unsigned>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        out += static_cast<char>(buffer >> bits & 0xff);
    }
    return out;
}

std::string_view first_header(const RawHeaders& headers, std::string_view name) {
    for (const auto& [field, value] : headers)
        if (equal_ignoring_case(field, name)) return value;
    return {};
}

std::string decode_unstructured(std::string_view raw) {
    std::string out;
    walk_words(unfold(raw), [&](const std::string& text) { out += guess_utf8(text); }, [&](const std::string& text) { out += text; });
    std::string clean;
    for (const char c : out) clean += static_cast<unsigned char>(c) < 32 ? ' ' : c;
    return std::string(trim(clean));
}

std::string recode_words(std::string_view raw) {
    std::string out;
    walk_words(
        unfold(raw),
        [&](const std::string& text) {
            // ISO-2022-JP put raw into a field has bytes that look like quotes and commas.
            out += guess_utf8(text);
        },
        [&](const std::string& text) { out += "=?utf-8?B?" + base64(as_bytes(text)) + "?="; });
    return out;
}

std::string_view Parameterised::get(std::string_view name) const {
    for (const auto& [key, found] : parameters)
        if (key == name) return found;
    return {};
}

Parameterised parse_parameterised(std::string_view folded) {
    const std::string raw = unfold(folded);
    Parameterised out;
    auto at = raw.find(';');
    out.value = lower_ascii(trim(std::string_view(raw).substr(0, at)));
    std::vector<Piece> pieces;
    while (at != std::string::npos && at < raw.size() && pieces.size() < 500) {
        ++at;
        const auto equals = raw.find_first_of("=;", at);
        if (equals == std::string::npos) break;
        if (raw[equals] == ';') {
            at = equals;
            continue;
        }
        std::string name = lower_ascii(trim(std::string_view(raw).substr(at, equals - at)));
        at = equals + 1;
        while (at < raw.size() && is_blank(raw[at])) ++at;
        pieces.push_back(piece_of(std::move(name), take_value(raw, at)));
    }
    for (const auto& piece : pieces) {
        if (!out.get(piece.name).empty() && piece.section < 0 && !piece.extended) continue;
        const bool plain = piece.section < 0 && !piece.extended;
        bool has_better = false;
        for (const auto& other : pieces) has_better = has_better || (other.name == piece.name && (other.extended || other.section >= 0));
        if (plain && has_better) continue;
        if (!out.get(piece.name).empty()) continue;
        out.parameters.emplace_back(piece.name, plain ? decode_unstructured(piece.value) : joined(pieces, piece.name));
    }
    return out;
}

std::vector<std::string> message_ids(std::string_view raw) {
    std::vector<std::string> ids;
    for (std::size_t at = raw.find('<'); at != std::string_view::npos && ids.size() < 200; at = raw.find('<', at)) {
        const auto end = raw.find('>', at);
        if (end == std::string_view::npos) break;
        std::string id;
        for (const char c : raw.substr(at, end - at + 1))
            if (!is_blank(c)) id += c;
        if (id.size() > 2) ids.push_back(guess_utf8(id));
        at = end;
    }
    return ids;
}

}  // namespace renkei::sandbox::mime
