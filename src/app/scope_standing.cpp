#include "app/scope_standing.hpp"

#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

bool names(const std::vector<std::string>& scopes, std::string_view scope) {
    return std::ranges::any_of(scopes, [&](const auto& one) { return plain_scope(one) == plain_scope(scope); });
}

// Servers leave out of their answer what shows by itself.
bool shows_by_itself(const core::Grant& grant, std::string_view plain) {
    if (plain == "offline_access") return !grant.refresh_token.empty();
    return is_sign_in_scope(plain) && !grant.identity.subject.empty();
}

}  // namespace

std::string plain_scope(std::string_view scope) {
    if (scope.find("://") != scope.npos) scope = scope.substr(scope.rfind('/') + 1);
    return lower_ascii(scope);
}

bool is_sign_in_scope(std::string_view plain) { return plain == "openid" || plain == "offline_access" || plain == "profile" || plain == "email"; }

std::vector<std::string> asked_scopes(const core::Connection& connection, const Manifest& manifest) {
    if (connection.mode == core::ConnectionMode::client_credentials) return connection.scopes;
    std::vector<std::string> asked;
    for (const auto* list : {&connection.scopes, &manifest.always_scopes})
        for (const auto& scope : *list)
            if (!names(asked, scope)) asked.push_back(scope);
    return asked;
}

ScopeStanding scope_standing(const core::Connection& connection, const Manifest& manifest, const core::Grant& grant) {
    const auto asked = asked_scopes(connection, manifest);
    ScopeStanding out;
    out.granted = grant.scopes;
    for (const auto& scope : asked)
        if (!names(grant.scopes, scope) && !shows_by_itself(grant, plain_scope(scope))) out.not_granted.push_back(scope);
    for (const auto& scope : grant.scopes)
        if (!names(asked, scope) && !is_sign_in_scope(plain_scope(scope))) out.not_asked.push_back(scope);
    return out;
}

}  // namespace renkei::app
