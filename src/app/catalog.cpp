#include "app/ports/catalog.hpp"

#include <algorithm>
#include <iterator>

namespace renkei::app {

std::string full_scope(const CloudFacts& cloud, std::string_view scope) {
    constexpr std::string_view of_openid[] = {"openid", "profile", "email", "address", "phone", "offline_access"};
    const bool plain = cloud.scope_prefix.empty() || scope.find("://") != scope.npos || std::ranges::find(of_openid, scope) != std::end(of_openid);
    return plain ? std::string(scope) : cloud.scope_prefix + std::string(scope);
}

const CloudFacts* Catalog::find_cloud(std::string_view connector, std::string_view cloud) const {
    const auto* manifest = find(connector);
    if (manifest == nullptr) return nullptr;
    for (const auto& facts : manifest->clouds)
        if (facts.key == cloud || (cloud.empty() && &facts == &manifest->clouds.front())) return &facts;
    return nullptr;
}

}  // namespace renkei::app
