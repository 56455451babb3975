#include "sandbox/mime/charset.hpp"

#include "base/encoding.hpp"

#include <iconv.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

namespace renkei::sandbox::mime {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

struct CloseIconv {
    void operator()(void* handle) const { iconv_close(handle); }
};

/// Nothing if the converter is unknown, or if `strict` and a byte does not fit.
std::optional<std::string> convert(std::string_view bytes, const std::string& from, bool strict) {
    iconv_t handle = iconv_open("UTF-8", from.c_str());
    if (handle == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
    const std::unique_ptr<void, CloseIconv> close(handle);
    std::string out;
    std::array<char, 4096> buffer;
    std::string source(bytes);
    char* in = source.data();
    std::size_t left = source.size();
    while (left > 0) {
        char* to = buffer.data();
        std::size_t room = buffer.size();
        const std::size_t result = iconv(handle, &in, &left, &to, &room);
        const int error = errno;
        out.append(buffer.data(), buffer.size() - room);
        if (result != static_cast<std::size_t>(-1)) break;
        if (error == E2BIG) continue;
        if (strict) return std::nullopt;
        out += replacement;
        ++in;
        --left;
    }
    return out;
}

/// One double-byte JIS character as CP932: the arithmetic of JIS X 0208 annex 1. Rows 13 and 89 to 92 are NEC's vendor characters,
/// which CP932 has and the standard ISO-2022-JP does not.
std::string shift_jis_of(unsigned char row, unsigned char cell) {
    const unsigned r = row - 0x21u;
    unsigned first = r / 2 + 0x81u;
    if (first > 0x9f) first += 0x40u;
    unsigned second = r % 2 == 1 ? cell + 0x7eu : cell + (cell < 0x60 ? 0x1fu : 0x20u);
    return {static_cast<char>(first), static_cast<char>(second)};
}

enum class Jis { ascii, kana, kanji, kanji_0212 };

/// The escape sequences of RFC 1468, RFC 1554 and CP50221; nothing if it is none of them.
std::optional<std::pair<Jis, std::size_t>> escape_at(std::string_view text) {
    static constexpr std::pair<std::string_view, Jis> sequences[] = {{"\x1b(B", Jis::ascii},  {"\x1b(J", Jis::ascii},      {"\x1b(H", Jis::ascii},
                                                                     {"\x1b(I", Jis::kana},   {"\x1b$@", Jis::kanji},      {"\x1b$B", Jis::kanji},
                                                                     {"\x1b$(B", Jis::kanji}, {"\x1b$(D", Jis::kanji_0212}};
    for (const auto& [bytes, mode] : sequences)
        if (text.starts_with(bytes)) return std::pair(mode, bytes.size());
    return std::nullopt;
}

bool is_cell(char c) { return c >= 0x21 && c <= 0x7e; }

std::string half_width_kana(char c) {
    const auto code = static_cast<unsigned char>(c) & 0x7fu;
    if (code < 0x21 || code > 0x5f) return std::string(replacement);
    const unsigned point = 0xff61u + (code - 0x21u);
    return {static_cast<char>(0xe0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 0x3f)), static_cast<char>(0x80 | (point & 0x3f))};
}

/// Half-width kana and rows outside the standard included; a line end closes an open double-byte state, because cut messages forget to.
std::string decode_iso_2022_jp(std::string_view in) {
    std::string out;
    Jis mode = Jis::ascii;
    bool shifted_out = false;
    for (std::size_t i = 0; i < in.size();) {
        const char c = in[i];
        if (c == '\x1b') {
            if (const auto escape = escape_at(in.substr(i))) {
                mode = escape->first;
                i += escape->second;
                continue;
            }
            out += replacement;
            ++i;
        } else if (c == '\x0e' || c == '\x0f') {
            shifted_out = c == '\x0e';
            ++i;
        } else if (c == '\r' || c == '\n') {
            mode = Jis::ascii;
            out += c;
            ++i;
        } else if ((mode == Jis::kanji || mode == Jis::kanji_0212) && i + 1 < in.size() && is_cell(c) && is_cell(in[i + 1])) {
            const auto row = static_cast<unsigned char>(c);
            const auto cell = static_cast<unsigned char>(in[i + 1]);
            const std::string pair =
                mode == Jis::kanji ? shift_jis_of(row, cell) : std::string{'\x8f', static_cast<char>(row | 0x80), static_cast<char>(cell | 0x80)};
            out += convert(pair, mode == Jis::kanji ? "CP932" : "EUC-JP", true).value_or(std::string(replacement));
            i += 2;
        } else if (mode == Jis::kana || shifted_out || static_cast<unsigned char>(c) >= 0xa1) {
            out += static_cast<unsigned char>(c) <= 0x20 ? std::string(1, c) : half_width_kana(c);
            ++i;
        } else {
            out += static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : std::string(replacement);
            ++i;
        }
    }
    return out;
}

/// The converter that reads what senders mean by a name; empty: guess.
std::string converter_for(std::string_view charset) {
    static constexpr std::pair<std::string_view, std::string_view> names[] = {{"shift_jis", "CP932"},
                                                                              {"shift-jis", "CP932"},
                                                                              {"x-sjis", "CP932"},
                                                                              {"sjis", "CP932"},
                                                                              {"ms_kanji", "CP932"},
                                                                              {"windows-31j", "CP932"},
                                                                              {"csshiftjis", "CP932"},
                                                                              {"x-ms-cp932", "CP932"},
                                                                              {"euc-jp", "EUCJP-MS"},
                                                                              {"x-euc-jp", "EUCJP-MS"},
                                                                              {"x-euc", "EUCJP-MS"},
                                                                              {"cseucpkdfmtjapanese", "EUCJP-MS"},
                                                                              {"ks_c_5601-1987", "UHC"},
                                                                              {"ks_c_5601", "UHC"},
                                                                              {"ksc5601", "UHC"},
                                                                              {"euc-kr", "UHC"},
                                                                              {"cp949", "UHC"},
                                                                              {"gb2312", "GB18030"},
                                                                              {"gb_2312-80", "GB18030"},
                                                                              {"gbk", "GB18030"},
                                                                              {"x-gbk", "GB18030"},
                                                                              {"cp936", "GB18030"},
                                                                              {"big5", "BIG5-HKSCS"},
                                                                              {"x-big5", "BIG5-HKSCS"},
                                                                              {"iso-8859-1", "CP1252"},
                                                                              {"iso8859-1", "CP1252"},
                                                                              {"latin1", "CP1252"},
                                                                              {"iso-8859-8-i", "ISO-8859-8"},
                                                                              {"unicode-1-1-utf-7", "UTF-7"},
                                                                              {"unicode-1-1-utf-8", "UTF-8"},
                                                                              {"utf8", "UTF-8"},
                                                                              {"iso-8859-9", "CP1254"},
                                                                              {"us-ascii", ""},
                                                                              {"ascii", ""},
                                                                              {"ansi_x3.4-1968", ""},
                                                                              {"unknown-8bit", ""},
                                                                              {"x-unknown", ""},
                                                                              {"default", ""},
                                                                              {"unknown", ""},
                                                                              {"", ""}};
    for (const auto& [name, converter] : names)
        if (name == charset) return std::string(converter);
    return std::string(charset);
}

bool is_iso_2022_jp(std::string_view name) {
    return name.starts_with("iso-2022-jp") || name.starts_with("cp5022") || name == "csiso2022jp" || name == "x-jis" || name == "jis";
}

bool has_escape(std::string_view bytes) { return bytes.find("\x1b$") != std::string_view::npos || bytes.find("\x1b(") != std::string_view::npos; }

/// iconv turns some invalid input into characters that UTF-8 forbids; the answer must be valid whatever came.
std::string only_valid(std::string text) {
    if (is_utf8(text)) return text;
    return convert(text, "UTF-8", false).value_or(std::string(replacement));
}

}  // namespace

std::string guess_utf8(std::string_view bytes) {
    if (has_escape(bytes)) return only_valid(decode_iso_2022_jp(bytes));
    if (is_utf8(bytes)) return std::string(bytes);
    // A few 8-bit bytes among Latin letters are Western; Japanese text has many in a row.
    const auto high = std::count_if(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (high >= 4)
        for (const char* candidate : {"EUCJP-MS", "CP932"})
            if (auto text = convert(bytes, candidate, true)) return only_valid(std::move(*text));
    return only_valid(convert(bytes, "CP1252", false).value_or(std::string(replacement)));
}

std::string to_utf8(std::string_view bytes, std::string_view charset) {
    std::string name = lower_ascii(trim(charset));
    if (const auto end = name.find_first_of(";, \t\"'"); end != std::string::npos) name.resize(end);
    if (is_iso_2022_jp(name)) return only_valid(decode_iso_2022_jp(bytes));
    const std::string converter = converter_for(name);
    // "x//IGNORE" and other converter options are glibc's, not a sender's.
    if (converter.empty() || converter.find('/') != std::string::npos || converter.size() > 40) return guess_utf8(bytes);
    if (converter == "utf-8" || converter == "UTF-8") {
        if (is_utf8(bytes)) return std::string(bytes);
        // A body labelled UTF-8 that is not: keep what fits if most does, else guess.
        auto kept = convert(bytes, "UTF-8", false);
        return only_valid(kept.value_or(std::string(replacement)));
    }
    auto text = convert(bytes, converter, false);
    return text ? only_valid(std::move(*text)) : guess_utf8(bytes);
}

}  // namespace renkei::sandbox::mime
