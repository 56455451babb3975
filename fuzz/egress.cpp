// Egress ranges from the configuration, and addresses: an IPv4 address is judged alike in each of its IPv6 forms.
#include "adapters/http/egress.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace renkei;
    if (size < 16) return 0;
    http::Address address;
    std::copy_n(data, 16, address.begin());
    http::Address mapped{}, nat64{}, six_to_four{};
    mapped[10] = mapped[11] = 0xff;
    nat64[1] = 0x64, nat64[2] = 0xff, nat64[3] = 0x9b;
    six_to_four[0] = 0x20, six_to_four[1] = 0x02;
    std::copy_n(data, 4, mapped.begin() + 12);
    std::copy_n(data, 4, nat64.begin() + 12);
    std::copy_n(data, 4, six_to_four.begin() + 2);
    if (http::special_use(mapped) != http::special_use(nat64) || http::special_use(mapped) != http::special_use(six_to_four)) std::abort();
    if (http::is_metadata_service(address) && http::special_use(address).empty()) std::abort();

    const auto range = core::AddressRange::parse({reinterpret_cast<const char*>(data) + 16, size - 16});
    if (!range) return 0;
    const http::EgressPolicy policy({{"*", {}, *range, {443}}});
    const auto scope = policy.scope_of("provider", {});
    const bool allowed = policy.check(scope, address, 443, "host").has_value();
    if (allowed && !http::special_use(address).empty() && !range->contains(address)) std::abort();
    return 0;
}
