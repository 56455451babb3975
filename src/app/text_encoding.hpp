#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::app {

/// How files of people are written. cp932 is what Excel in Japan writes as CSV: Shift_JIS with NEC's and IBM's
/// characters (Windows code page 932).
enum class FileEncoding : std::uint8_t { utf8, cp932 };
std::optional<FileEncoding> parse_file_encoding(std::string_view text);

/// UTF-8 without its byte order mark. With nothing said: UTF-8 if it is, CP932 otherwise. Errors: bad_request naming the
/// first line that is in neither.
Result<std::string> read_encoded(std::string_view bytes, std::optional<FileEncoding> encoding);

/// A character that an encoding does not have, and where.
struct Unwritable {
    std::size_t line = 0;  ///< from 1
    std::string character;
};
/// UTF-8 with a byte order mark (so that Excel sees it), or CP932. Nothing is replaced: every character that does not fit
/// is added to `unwritable`, and then the text is empty.
std::string write_encoded(std::string_view text, FileEncoding encoding, std::vector<Unwritable>& unwritable);

}  // namespace renkei::app
