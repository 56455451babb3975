#include "app/text_encoding.hpp"

#include "base/encoding.hpp"

#include <unicode/ucnv.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <memory>

namespace renkei::app {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
// ICU's name for Microsoft's table, with ～ － ∥ where Microsoft has them.
constexpr const char* cp932_name = "ibm-943_P15A-2003";

using Converter = std::unique_ptr<UConverter, decltype(&ucnv_close)>;

// Strict in both directions: nothing is replaced and nothing is guessed.
Converter open_cp932() {
    UErrorCode error = U_ZERO_ERROR;
    Converter converter(ucnv_open(cp932_name, &error), &ucnv_close);
    if (U_FAILURE(error)) return {nullptr, &ucnv_close};
    ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
    ucnv_setFromUCallBack(converter.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
    ucnv_setFallback(converter.get(), 0);
    return U_FAILURE(error) ? Converter(nullptr, &ucnv_close) : std::move(converter);
}

std::optional<std::u16string> from_cp932(UConverter* converter, std::string_view bytes) {
    std::u16string text(bytes.size() + 1, u'\0');
    UErrorCode error = U_ZERO_ERROR;
    const auto length =
        ucnv_toUChars(converter, text.data(), static_cast<std::int32_t>(text.size()), bytes.data(), static_cast<std::int32_t>(bytes.size()), &error);
    if (U_FAILURE(error)) return std::nullopt;
    text.resize(static_cast<std::size_t>(length));
    return text;
}

void append_utf8(std::string& out, UChar32 character) {
    std::array<char, U8_MAX_LENGTH> bytes{};
    std::int32_t length = 0;
    U8_APPEND_UNSAFE(bytes.data(), length, character);
    out.append(bytes.data(), static_cast<std::size_t>(length));
}

std::string utf8_of(std::u16string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        UChar32 character = text[i];
        if (U16_IS_LEAD(character) && i + 1 < text.size()) character = U16_GET_SUPPLEMENTARY(character, text[++i]);
        append_utf8(out, character);
    }
    return out;
}

std::u16string utf16_of(UChar32 character) {
    if (character < 0x10000) return {static_cast<char16_t>(character)};
    return {U16_LEAD(character), U16_TRAIL(character)};
}

std::size_t line_of(std::string_view bytes, std::size_t at) { return 1 + static_cast<std::size_t>(std::ranges::count(bytes.substr(0, at), '\n')); }

// The first line that cannot be read; a CP932 character never holds the byte of a line's end.
std::size_t first_bad_line(UConverter* converter, std::string_view bytes) {
    std::size_t line = 1;
    for (const auto one : split(bytes, '\n')) {
        if (!from_cp932(converter, one)) break;
        ++line;
    }
    return line;
}

}  // namespace

std::optional<FileEncoding> parse_file_encoding(std::string_view text) {
    if (equal_ignoring_case(text, "utf-8")) return FileEncoding::utf8;
    if (equal_ignoring_case(text, "cp932")) return FileEncoding::cp932;
    return std::nullopt;
}

Result<std::string> read_encoded(std::string_view bytes, std::optional<FileEncoding> encoding) {
    const bool marked = bytes.starts_with(byte_order_mark);
    if (marked) bytes.remove_prefix(byte_order_mark.size());
    const bool as_utf8 = is_utf8(bytes);
    if (as_utf8 && encoding != FileEncoding::cp932) return std::string(bytes);
    if (marked || encoding == FileEncoding::utf8) return fail(Errc::bad_request, "the file is not UTF-8");
    const auto converter = open_cp932();
    if (!converter) return fail(Errc::internal, "the table of CP932 is missing");
    const auto text = from_cp932(converter.get(), bytes);
    if (!text) return fail(Errc::bad_request, "line " + std::to_string(first_bad_line(converter.get(), bytes)) + " is neither UTF-8 nor CP932");
    return utf8_of(*text);
}

std::string write_encoded(std::string_view text, FileEncoding encoding, std::vector<Unwritable>& unwritable) {
    if (encoding == FileEncoding::utf8) return std::string(byte_order_mark) + std::string(text);
    const auto converter = open_cp932();
    std::string out;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(text.size());) {
        const auto begin = static_cast<std::size_t>(i);
        UChar32 character = 0;
        U8_NEXT(bytes, i, static_cast<std::int32_t>(text.size()), character);
        if (character >= 0 && character < 0x80) {
            out += static_cast<char>(character);
            continue;
        }
        std::array<char, 8> two{};
        UErrorCode error = U_ZERO_ERROR;
        const auto wide = utf16_of(character);
        std::int32_t length = 0;
        if (converter && character >= 0)
            length = ucnv_fromUChars(converter.get(), two.data(), two.size(), wide.data(), static_cast<std::int32_t>(wide.size()), &error);
        if (length > 0 && U_SUCCESS(error))
            out.append(two.data(), static_cast<std::size_t>(length));
        else
            unwritable.push_back({line_of(text, begin), std::string(text.substr(begin, static_cast<std::size_t>(i) - begin))});
    }
    return unwritable.empty() ? out : std::string();
}

}  // namespace renkei::app
