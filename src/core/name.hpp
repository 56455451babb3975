#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace renkei::core {

/// The stable name by which automations call a connection, a key or a folder: 1 to 63 of a-z 0-9 . _ -, beginning
/// with a letter or digit. It stands in headers and paths, so it stays ASCII; titles are free text.
class Name {
public:
    static constexpr std::size_t longest = 63;
    Name() = default;
    /// `field` is named in the refusal.
    static Result<Name> parse(std::string_view text, std::string_view field = "name");
    const std::string& text() const { return text_; }
    friend auto operator<=>(const Name&, const Name&) = default;

private:
    explicit Name(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// A mailbox address in one spelling: trimmed, domain and local part in lower case. Refuses what is not local@domain,
/// longer than 254 characters, or has blanks, control characters, quotes or angle brackets.
Result<std::string> parse_mailbox(std::string_view text, std::string_view field = "mailbox");

}  // namespace renkei::core
