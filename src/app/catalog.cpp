#include "app/ports/catalog.hpp"

#include "base/encoding.hpp"
#include "base/suggest.hpp"
#include "base/uri.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

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

namespace {

bool has_authority(const CloudFacts& cloud, std::string_view host) {
    for (const auto* address : {&cloud.authorization_endpoint, &cloud.token_endpoint, &cloud.api_base}) {
        auto plain = *address;
        if (const auto at = plain.find("{tenant}"); at != plain.npos) plain.replace(at, 8, "common");
        if (const auto uri = Uri::parse(plain); uri && uri->origin() == "https://" + std::string(host)) return true;
    }
    return false;
}

// Read without the address of the API that some clouds put before it; case does not count.
std::string plain(std::string_view scope) { return lower_ascii(scope.substr(scope.rfind('/') == scope.npos ? 0 : scope.rfind('/') + 1)); }

// Whoever may write may read: the narrower one need not be asked for.
bool covers(std::string_view wide, std::string_view narrow) {
    constexpr std::pair<std::string_view, std::string_view> steps[] = {
        {".readwrite", ".read"}, {".readwrite.shared", ".read.shared"}, {".readwrite.all", ".read.all"}, {".read", ".readbasic"}};
    const auto a = plain(wide), b = plain(narrow);
    return std::ranges::any_of(steps, [&](const auto& step) {
        return a.ends_with(step.first) && b.ends_with(step.second) && a.substr(0, a.size() - step.first.size()) == b.substr(0, b.size() - step.second.size());
    });
}

const ActionScopes* row_of(const std::vector<ActionScopes>& rows, std::string_view word) {
    const auto found = std::ranges::find(rows, word, &ActionScopes::action);
    return found == rows.end() ? nullptr : &*found;
}

std::unexpected<Error> unknown_word(std::string_view field, std::string_view word, const std::vector<ActionScopes>& rows) {
    std::vector<std::string> known;
    for (const auto& row : rows) known.push_back(row.action);
    const auto near = nearest(word.substr(0, 64), known);
    return bad_field(field,
                     "the connector has no such entry in `" + std::string(field) + "`" + (near.empty() ? "" : "; did you mean `" + std::string(near) + "`?"));
}

}  // namespace

std::vector<const CloudFacts*> clouds_of(const Manifest& manifest, std::string_view host) {
    std::vector<const CloudFacts*> found;
    for (const auto& cloud : manifest.clouds)
        if (std::ranges::find(cloud.recognised_by, host) != cloud.recognised_by.end() || has_authority(cloud, host)) found.push_back(&cloud);
    return found;
}

Result<LeastScopes> least_scopes(const Manifest& manifest, const std::vector<std::string>& actions, const std::vector<std::string>& triggers,
                                 PermissionKind permissions) {
    std::vector<const ActionScopes*> rows;
    for (const auto& [words, table, field] :
         {std::tuple(&actions, &manifest.action_scopes, "actions"), std::tuple(&triggers, &manifest.trigger_scopes, "triggers")})
        for (const auto& word : *words) {
            const auto* row = row_of(*table, word);
            if (row == nullptr) return unknown_word(field, word, *table);
            rows.push_back(row);
        }
    const bool of_app = permissions == PermissionKind::application;
    LeastScopes out;
    const auto add = [&](const std::vector<std::string>& scopes) {
        for (const auto& scope : scopes)
            if (std::ranges::find(out.scopes, scope) == out.scopes.end()) out.scopes.push_back(scope);
    };
    if (!of_app) add(manifest.always_scopes);
    for (const auto* row : rows) add(of_app ? row->application : row->delegated);
    // Only a connection for nothing in particular needs what is least to be made at all.
    if (const auto* connect = row_of(manifest.action_scopes, "connect"); rows.empty() && connect != nullptr) {
        add(of_app ? connect->application : connect->delegated);
        if (of_app) out.any_of = connect->application_any;
    }
    const auto all = out.scopes;
    std::erase_if(out.scopes, [&](const auto& scope) { return std::ranges::any_of(all, [&](const auto& other) { return covers(other, scope); }); });
    return out;
}

}  // namespace renkei::app
