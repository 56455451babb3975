#include "core/name.hpp"

#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::core {

Result<Name> Name::parse(std::string_view text, std::string_view field) {
    const auto word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const bool fits = !text.empty() && text.size() <= longest && word(text.front()) &&
                      std::ranges::all_of(text, [&](char c) { return word(c) || c == '.' || c == '_' || c == '-'; });
    if (!fits)
        return bad_field(field, "`" + std::string(field) +
                                    "` must be 1 to 63 characters of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit, for example invoice-mail");
    return Name(std::string(text));
}

Result<std::string> parse_mailbox(std::string_view text, std::string_view field) {
    text = trim(text);
    const auto at = text.find('@');
    const bool clean = std::ranges::none_of(text, [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '"' || c == '<' || c == '>' || c == ',' || c == ';' || c == '\\';
    });
    const bool fits =
        text.size() <= 254 && at != text.npos && at > 0 && at <= 64 && at + 1 < text.size() && text.find('@', at + 1) == text.npos && clean && is_utf8(text);
    if (!fits) return bad_field(field, "`" + std::string(field) + "` must be one mailbox address, for example invoices@contoso.com");
    return lower_ascii(text);
}

}  // namespace renkei::core
