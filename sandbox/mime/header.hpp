#pragma once

#include "sandbox/mime/message.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace renkei::sandbox::mime {

using RawHeaders = std::vector<std::pair<std::string, std::string>>;

/// The header block of a message in order, folded lines joined, bytes as they came. A line that is no field ends the block only if it is
/// empty; a broken one is skipped. `body_at` is set to where the body begins.
RawHeaders split_headers(std::string_view raw, std::size_t& body_at);
/// The first field of that name, or empty.
std::string_view first_header(const RawHeaders& headers, std::string_view name);

/// base64 as broken mail has it: what is not of the alphabet is passed over, padding may be missing.
std::string loose_base64(std::string_view text);

/// An unstructured field as text: RFC 2047 words (also broken ones: cut, with blanks inside, split within a character) and raw 8-bit.
std::string decode_unstructured(std::string_view raw);
/// The same field with each word re-encoded as UTF-8, so that a parser of addresses sees structure and words apart.
std::string recode_words(std::string_view raw);

/// `Content-Type` and `Content-Disposition`: value in lower case, parameters with RFC 2231 continuations joined and decoded.
struct Parameterised {
    std::string value;
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string_view get(std::string_view name) const;
};
Parameterised parse_parameterised(std::string_view raw);

/// The `<…>` tokens of References and In-Reply-To.
std::vector<std::string> message_ids(std::string_view raw);

}  // namespace renkei::sandbox::mime
