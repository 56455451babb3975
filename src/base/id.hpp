#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace renkei {

/// 128 random bits.
using IdBytes = std::array<std::uint8_t, 16>;

/// 32 lower-case hexadecimal digits.
std::string id_text(const IdBytes& bytes);
/// Exactly 32 hexadecimal digits of either case, else nothing.
std::optional<IdBytes> parse_id(std::string_view text);

/// An id that cannot be mixed up with one of another kind.
template <class Tag>
class Id {
public:
    Id() = default;  ///< All zero: no id.
    explicit Id(const IdBytes& bytes) : bytes_(bytes) {}
    static std::optional<Id> parse(std::string_view text) {
        if (auto bytes = parse_id(text)) return Id(*bytes);
        return std::nullopt;
    }
    const IdBytes& bytes() const { return bytes_; }
    std::string text() const { return id_text(bytes_); }
    explicit operator bool() const { return bytes_ != IdBytes{}; }
    friend auto operator<=>(const Id&, const Id&) = default;

private:
    IdBytes bytes_{};
};

}  // namespace renkei

template <class Tag>
struct std::hash<renkei::Id<Tag>> {
    // Ids are random: any eight bytes are a hash.
    std::size_t operator()(const renkei::Id<Tag>& id) const noexcept {
        std::size_t h;
        std::memcpy(&h, id.bytes().data(), sizeof h);
        return h;
    }
};
