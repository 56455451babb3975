#pragma once

#include <cstdint>
#include <string_view>

namespace renkei::api {

enum class Language : std::uint8_t { en, ja };

/// The best of Renkei's languages for an Accept-Language field (RFC 9110 section 12.5.4); English when nothing fits.
Language negotiate(std::string_view accept_language);
std::string_view tag_of(Language language);
/// One of two texts.
inline std::string_view pick(Language language, std::string_view en, std::string_view ja) { return language == Language::ja ? ja : en; }

}  // namespace renkei::api
