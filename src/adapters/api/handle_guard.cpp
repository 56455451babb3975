#include "adapters/api/handle_guard.hpp"

#include <algorithm>
#include <cstddef>

namespace renkei::api {
namespace {

constexpr std::size_t random_characters = 43;

bool is_base64url(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

}  // namespace

bool holds_handle(std::string_view text) {
    for (auto at = text.find("r"); at != text.npos; at = text.find('r', at + 1)) {
        const auto rest = text.substr(at);
        if (rest.size() < 3 + random_characters) return false;
        if (rest[2] != '_' || (rest[1] != 'k' && rest[1] != 'r' && rest[1] != 's')) continue;
        if (at > 0 && is_base64url(text[at - 1])) continue;  // the end of a longer word
        const auto random = rest.substr(3, random_characters);
        const bool ends = rest.size() == 3 + random_characters || !is_base64url(rest[3 + random_characters]);
        if (ends && std::ranges::all_of(random, is_base64url)) return true;
    }
    return false;
}

}  // namespace renkei::api
