#pragma once

#include "base/result.hpp"
#include "base/secret.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::api {

/// One field of a form that was sent as multipart/form-data (RFC 7578).
struct FormPart {
    std::string name;                      ///< UTF-8, 1 to 64 bytes
    std::optional<std::string> file_name;  ///< given: it is a file. What the browser calls it; never a path of ours
    Secret content;                        ///< bytes as they came
};

inline constexpr std::size_t most_form_parts = 200;
inline constexpr std::size_t longest_part_head = 2048;  ///< all fields before a part's content, in bytes

bool is_multipart(std::string_view content_type);
/// Takes only what browsers send: no preamble, no nested parts, no transfer encodings, nothing after the end. The length of
/// `body` is the caller's to limit. bad_request or unsupported_media_type, without any of the content in its detail.
Result<std::vector<FormPart>> parse_multipart(std::string_view content_type, std::string_view body);

}  // namespace renkei::api
