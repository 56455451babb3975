#pragma once

#include "base/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::api {

/// What was wrong with an input, all of it at once, so that a caller corrects it in one go.
class Refusals {
public:
    void add(Errc code, std::string field, std::string detail);
    bool empty() const { return list_.empty(); }
    /// The first one as an error whose context names every one.
    Result<void> result() const;

private:
    struct Refusal {
        Errc code;
        std::string field;
        std::string detail;
    };
    std::vector<Refusal> list_;
};

/// At most 64 bytes of a name that a caller chose, cut between characters.
std::string short_text(std::string_view text);
/// "`nmae` is not known here; did you mean `name`?"
std::string unknown_text(std::string_view what, std::string_view field, std::string_view word, std::span<const std::string> known);

}  // namespace renkei::api
