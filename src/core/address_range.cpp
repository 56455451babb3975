#include "core/identity.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace renkei::core {
namespace {

bool is_mapped_v4(const std::array<std::uint8_t, 16>& address) {
    constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return std::equal(prefix.begin(), prefix.end(), address.begin());
}

// Whether the bits behind the prefix are all zero.
bool host_bits_zero(const std::array<std::uint8_t, 16>& base, unsigned prefix) {
    for (unsigned bit = prefix; bit < 128; ++bit)
        if ((base[bit / 8] >> (7 - bit % 8) & 1) != 0) return false;
    return true;
}

}  // namespace

std::optional<std::array<std::uint8_t, 16>> parse_address(std::string_view text) {
    const std::string terminated(text);
    std::array<std::uint8_t, 16> bytes{};
    if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return bytes;
    bytes[10] = bytes[11] = 0xff;
    if (inet_pton(AF_INET, terminated.c_str(), bytes.data() + 12) == 1) return bytes;
    return std::nullopt;
}

Result<AddressRange> AddressRange::parse(std::string_view text, std::string_view field) {
    const auto refuse = [&] {
        return bad_field(field, "`" + std::string(field) + "` must hold address ranges such as 10.0.0.0/8 or 2001:db8::/32, with zero host bits");
    };
    const auto slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address) return refuse();
    const bool v4 = is_mapped_v4(*address) && text.find(':') == text.npos;
    unsigned prefix = v4 ? 32 : 128;
    if (slash != text.npos) {
        const auto digits = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (error != std::errc{} || end != digits.data() + digits.size() || prefix > (v4 ? 32u : 128u)) return refuse();
    }
    if (v4) prefix += 96;
    if (!host_bits_zero(*address, prefix)) return refuse();
    return AddressRange{*address, static_cast<std::uint8_t>(prefix)};
}

std::string AddressRange::text() const {
    char buffer[INET6_ADDRSTRLEN];
    const bool v4 = is_mapped_v4(base) && prefix >= 96;
    inet_ntop(v4 ? AF_INET : AF_INET6, base.data() + (v4 ? 12 : 0), buffer, sizeof buffer);
    return std::string(buffer) + "/" + std::to_string(v4 ? prefix - 96 : prefix);
}

bool AddressRange::contains(const std::array<std::uint8_t, 16>& address) const {
    const unsigned whole = prefix / 8, rest = prefix % 8;
    if (std::memcmp(base.data(), address.data(), whole) != 0) return false;
    return rest == 0 || ((base[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

}  // namespace renkei::core
