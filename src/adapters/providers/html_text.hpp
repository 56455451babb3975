#pragma once

#include <string>
#include <string_view>

namespace renkei::providers {

/// The readable text of an HTML body, for mails that have no text part. Scripts, styles and comments go; blocks become
/// lines. Never fails, runs in linear time, and gives valid UTF-8 for valid UTF-8.
std::string text_of_html(std::string_view html);

}  // namespace renkei::providers
