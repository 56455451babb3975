#include "app/ports/catalog.hpp"

namespace renkei::app {

const CloudFacts* Catalog::find_cloud(std::string_view connector, std::string_view cloud) const {
    const auto* manifest = find(connector);
    if (manifest == nullptr) return nullptr;
    for (const auto& facts : manifest->clouds)
        if (facts.key == cloud || (cloud.empty() && &facts == &manifest->clouds.front())) return &facts;
    return nullptr;
}

}  // namespace renkei::app
