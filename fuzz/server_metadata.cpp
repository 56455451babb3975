// A published server description: what is accepted is the issuer's own and leads to https alone.
#include "oauth/client/metadata.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace renkei;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    static_cast<void>(oauth::metadata_addresses(text));
    const auto metadata = oauth::parse_metadata({200, {}, text}, "https://as.example");
    if (!metadata) return 0;
    if (metadata->server.issuer != "https://as.example" || !metadata->server.token_endpoint.starts_with("https://")) {
        // Scheme names compare without case.
        if (!metadata->server.token_endpoint.starts_with("HTTPS://") && metadata->server.token_endpoint.substr(5, 3) != "://") std::abort();
    }
    return 0;
}
