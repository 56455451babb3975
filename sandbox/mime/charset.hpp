#pragma once

#include <string>
#include <string_view>

namespace renkei::sandbox::mime {

/// UTF-8 of text in a charset as mail names it. Never fails: what cannot be read becomes U+FFFD, an unknown or missing name is guessed.
/// Microsoft's code pages stand for the standards' names (CP932 for Shift_JIS, UHC for KS_C_5601-1987, CP50221 for ISO-2022-JP), because
/// that is what senders mean; only so ①, ㈱ and 髙 survive.
std::string to_utf8(std::string_view bytes, std::string_view charset);
/// For text without a charset: UTF-8 if it is that, then ISO-2022-JP, EUC-JP, CP932, at last Windows-1252.
std::string guess_utf8(std::string_view bytes);

}  // namespace renkei::sandbox::mime
