#include "base/encoding.hpp"

#include <algorithm>
#include <array>

namespace renkei {
namespace {

constexpr std::string_view standard_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string encode64(std::span<const std::uint8_t> in, std::string_view alphabet, bool pad) {
    std::string out;
    out.reserve((in.size() + 2) / 3 * 4);
    std::size_t i = 0;
    for (; i + 2 < in.size(); i += 3) {
        const unsigned n = static_cast<unsigned>(in[i] << 16 | in[i + 1] << 8 | in[i + 2]);
        for (unsigned shift : {18u, 12u, 6u, 0u}) out += alphabet[n >> shift & 63];
    }
    const std::size_t left = in.size() - i;
    if (left == 0) return out;
    const unsigned n = static_cast<unsigned>(in[i] << 16 | (left == 2 ? in[i + 1] << 8 : 0));
    out += alphabet[n >> 18 & 63];
    out += alphabet[n >> 12 & 63];
    if (left == 2) out += alphabet[n >> 6 & 63];
    if (pad) out.append(3 - left, '=');
    return out;
}

std::array<std::int8_t, 256> reverse_of(std::string_view alphabet) {
    std::array<std::int8_t, 256> table;
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    return table;
}

std::optional<std::string> decode64(std::string_view in, const std::array<std::int8_t, 256>& table) {
    if (in.size() % 4 == 1) return std::nullopt;
    std::string out;
    out.reserve(in.size() * 3 / 4);
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : in) {
        const int value = table[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
        buffer = buffer << 6 | static_cast<unsigned>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        out += static_cast<char>(buffer >> bits & 0xff);
    }
    if ((buffer & ((1u << bits) - 1)) != 0) return std::nullopt;  // stray bits: not a canonical encoding
    return out;
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Length of the well-formed sequence at the front of `s`, or 0 (Unicode 15, table 3-7).
std::size_t utf8_length(std::string_view s) {
    const auto at = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0u; };
    const auto tail = [&](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
    const unsigned first = at(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        if (!tail(1) || !tail(2) || (first == 0xe0 && at(1) < 0xa0) || (first == 0xed && at(1) > 0x9f)) return 0;
        return 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (!tail(1) || !tail(2) || !tail(3) || (first == 0xf0 && at(1) < 0x90) || (first == 0xf4 && at(1) > 0x8f)) return 0;
        return 4;
    }
    return 0;
}

}  // namespace

std::string to_hex(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const auto b : bytes) {
        out += digits[b >> 4];
        out += digits[b & 15];
    }
    return out;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::vector<std::uint8_t> out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return out;
}

std::string base64(std::span<const std::uint8_t> bytes) { return encode64(bytes, standard_alphabet, true); }
std::string base64url(std::span<const std::uint8_t> bytes) { return encode64(bytes, url_alphabet, false); }

std::optional<std::string> decode_base64(std::string_view text) {
    static const auto table = reverse_of(standard_alphabet);
    if (text.size() % 4 != 0) return std::nullopt;
    if (text.ends_with("=="))
        text.remove_suffix(2);
    else if (text.ends_with('='))
        text.remove_suffix(1);
    return decode64(text, table);
}

std::optional<std::string> decode_base64url(std::string_view text) {
    static const auto table = reverse_of(url_alphabet);
    return decode64(text, table);
}

std::string percent_encode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        constexpr std::string_view digits = "0123456789ABCDEF";
        out += '%';
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high << 4 | low);
        i += 2;
    }
    return out;
}

std::string form_encode(const Fields& fields) {
    std::string out;
    for (const auto& [name, value] : fields) {
        if (!out.empty()) out += '&';
        out.append(percent_encode(name)).append("=").append(percent_encode(value));
    }
    return out;
}

std::optional<Fields> form_decode(std::string_view text) {
    Fields fields;
    if (text.empty()) return fields;
    for (const auto part : split(text, '&')) {
        if (part.empty()) continue;
        const auto equals = part.find('=');
        std::string name(part.substr(0, equals)), value(equals == part.npos ? std::string_view{} : part.substr(equals + 1));
        std::ranges::replace(name, '+', ' ');
        std::ranges::replace(value, '+', ' ');
        auto decoded_name = percent_decode(name), decoded_value = percent_decode(value);
        if (!decoded_name || !decoded_value) return std::nullopt;
        fields.emplace_back(std::move(*decoded_name), std::move(*decoded_value));
    }
    return fields;
}

const std::string* find_field(const Fields& fields, std::string_view name) {
    for (const auto& [key, value] : fields)
        if (key == name) return &value;
    return nullptr;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string lower_ascii(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == text.npos) return parts;
        text.remove_prefix(at + 1);
    }
}

}  // namespace renkei
