#pragma once

#include "base/secret_memory.hpp"

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace renkei {

/// Text that must not be seen: a token, a password, a key. Move only, wiped at the end, cannot be printed,
/// compared with == or turned into JSON. `expose()` is the one way out; tools/check_secrets lists who may call it.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string_view text) : bytes_(text.begin(), text.end()) {}
    /// Takes the text over and wipes the source.
    static Secret take(std::string&& text);
    Secret(Secret&&) noexcept = default;
    Secret& operator=(Secret&& other) noexcept {
        bytes_.swap(other.bytes_);
        return *this;
    }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret();

    std::string_view expose() const { return {bytes_.data(), bytes_.size()}; }
    bool empty() const { return bytes_.empty(); }
    /// A deliberate second copy.
    Secret clone() const { return Secret(expose()); }
    /// Constant time in the content.
    bool equals(const Secret& other) const;

private:
    std::vector<char, SecretAllocator<char>> bytes_;
};

std::ostream& operator<<(std::ostream&, const Secret&) = delete;

/// Overwrites a string's bytes, then empties it.
void wipe(std::string& text);

}  // namespace renkei
