// A manifest of an operator's folder: any text is either refused with words or gives a usable manifest.
#include "adapters/providers/catalog_loader.hpp"
#include "base/uri.hpp"

#include <cstdlib>

using namespace renkei;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    auto manifest = providers::parse_manifest("example.json", text);
    if (!manifest) {
        if (manifest.error().detail.find("example.json") == std::string::npos) std::abort();
        return 0;
    }
    if (manifest->key != "example" || manifest->modes.empty() || manifest->client_auth.empty()) std::abort();
    for (const auto& cloud : manifest->clouds)
        if (!Uri::parse(cloud.api_base) || cloud.token_hosts.empty()) std::abort();
    (void)providers::apply_override(*manifest, {manifest->key, "", "https://localhost:1", "https://localhost:2"});
    return 0;
}
