#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace renkei {

/// Number of single-character changes between two words (Levenshtein), at most `limit` + 1.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

/// The known word closest to a mistyped one, or empty when none is near.
template <class Words>
std::string_view nearest(std::string_view typed, const Words& known) {
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(1, typed.size() / 3) + 1;
    for (const auto& word : known) {
        const auto distance = edit_distance(typed, word, best_distance);
        if (distance >= best_distance) continue;
        best_distance = distance;
        best = word;
    }
    return best;
}

}  // namespace renkei
