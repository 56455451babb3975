#include "sandbox/world.hpp"

#include "base/encoding.hpp"

#include <algorithm>
#include <utility>

namespace renkei::sandbox {

bool TokenFacts::allows(std::string_view permission) const {
    const auto& held = app_only() ? roles : scopes;
    return std::ranges::any_of(held, [&](const std::string& one) { return equal_ignoring_case(one, permission); });
}

World::World(WorldClock& clock, Random& random, const Cloud& cloud) : clock_(clock), random_(random), cloud_(cloud) { seed(); }

World::~World() = default;

std::string World::new_guid() {
    auto bytes = random_.id();
    // RFC 9562 section 5.4: version 4, variant 10.
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
    auto text = id_text(bytes);
    for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
    return text;
}

const Tenant* World::find_tenant(std::string_view segment) const {
    for (const auto& tenant : tenants_) {
        if (equal_ignoring_case(tenant.id, segment)) return &tenant;
        for (const auto& domain : tenant.domains)
            if (equal_ignoring_case(domain, segment)) return &tenant;
    }
    return nullptr;
}

SandboxUser* World::find_user(std::string_view who, std::string_view tenant) {
    for (auto& user : users_) {
        if (user.deleted || (!tenant.empty() && !equal_ignoring_case(user.tenant, tenant))) continue;
        if (equal_ignoring_case(user.id, who) || equal_ignoring_case(user.upn, who)) return &user;
        for (const auto& alias : user.aliases)
            if (equal_ignoring_case(alias, who)) return &user;
    }
    return nullptr;
}

SandboxGroup* World::find_group(std::string_view who, std::string_view tenant) {
    for (auto& group : groups_) {
        if (!tenant.empty() && !equal_ignoring_case(group.tenant, tenant)) continue;
        if (equal_ignoring_case(group.id, who) || (!group.mail.empty() && equal_ignoring_case(group.mail, who))) return &group;
    }
    return nullptr;
}

App* World::find_app(std::string_view id_or_key) {
    for (auto& app : apps_)
        if (equal_ignoring_case(app.id, id_or_key) || app.key == id_or_key) return &app;
    return nullptr;
}

std::expected<TokenFacts, TokenProblem> World::check_access_token(std::string_view bearer) {
    const auto found = tokens_.access.find(std::string(bearer));
    if (found == tokens_.access.end()) {
        const auto elsewhere = [&](const Cloud& cloud) { return &cloud != &cloud_ && bearer.starts_with(access_token_prefix(cloud)); };
        return std::unexpected(std::ranges::any_of(clouds(), elsewhere) ? TokenProblem::other_cloud : TokenProblem::unknown);
    }
    if (found->second.expires <= now()) return std::unexpected(TokenProblem::expired);
    const auto link = tokens_.access_grant.find(found->first);
    if (link != tokens_.access_grant.end()) {
        const auto grant = tokens_.grants.find(link->second);
        if (grant == tokens_.grants.end() || grant->second.access_revoked) return std::unexpected(TokenProblem::revoked);
    }
    return found->second;
}

void World::add_redirects(const std::vector<std::string>& redirects) {
    extra_redirects_.insert(extra_redirects_.end(), redirects.begin(), redirects.end());
    for (auto& app : apps_)
        if (!app.redirects.empty()) app.redirects.insert(app.redirects.end(), redirects.begin(), redirects.end());
}

bool World::use_assertion_once(const std::string& client_and_jti, TimePoint expires) {
    std::erase_if(used_assertions_, [this](const auto& used) { return used.second <= now(); });
    return used_assertions_.emplace(client_and_jti, expires).second;
}

void World::set_app_certificate(std::string pem) {
    app_certificate_ = std::move(pem);
    if (auto* app = find_app("certificate")) app->certificates = {app_certificate_};
}

// What the command line has added survives a reset.
void World::keep_additions() {
    add_redirects(std::exchange(extra_redirects_, {}));
    if (!app_certificate_.empty()) set_app_certificate(std::exchange(app_certificate_, {}));
}

void World::reset() {
    tenants_.clear();
    users_.clear();
    apps_.clear();
    switches_ = {};
    tokens_.clear();
    seed();
}

}  // namespace renkei::sandbox
