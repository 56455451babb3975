#pragma once

#include "base/secret.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace renkei::http {

/// Takes the secrets of one exchange out of what is written about it. The values of secret names are removed, and the same
/// values wherever else they turn up: learn from everything first, then show.
class Redaction {
public:
    void learn(const Secret& secret);
    void learn_body(std::string_view content_type, std::string_view body);
    void learn_query(std::string_view query);

    /// Path and query.
    std::string target(std::string_view path, std::string_view query) const;
    std::string body(std::string_view content_type, std::string_view body) const;

private:
    void learn_value(std::string_view value);
    std::string without_known(std::string text) const;
    /// Whether the text repeats a piece of a known secret, in whichever encoding.
    bool holds_piece(std::string_view text) const;

    std::vector<Secret> known_;
};

}  // namespace renkei::http
