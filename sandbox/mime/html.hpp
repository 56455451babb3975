#pragma once

#include <string>
#include <string_view>

namespace renkei::sandbox::mime {

/// Without scripts, frames, event handlers and javascript: addresses, as Graph hands HTML out.
std::string sanitised(std::string_view html);
/// What a reader sees, entities resolved, one line a block.
std::string text_of_html(std::string_view html);
/// Plain text in the frame that Exchange puts around it.
std::string html_of_text(std::string_view text);
/// The first characters of a text in one line.
std::string preview_of(std::string_view text, std::size_t characters = 255);
/// For comparing and searching: NFKC, case-folded. Full-width and half-width forms become one.
std::string folded(std::string_view text);

}  // namespace renkei::sandbox::mime
