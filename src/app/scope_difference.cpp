#include "app/scope_difference.hpp"

#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::app {
std::string plain_scope(std::string_view scope) {
    if (scope.find("://") != scope.npos) scope = scope.substr(scope.rfind('/') + 1);
    return lower_ascii(scope);
}

bool is_sign_in_scope(std::string_view plain) { return plain == "openid" || plain == "offline_access" || plain == "profile" || plain == "email"; }

namespace {

std::vector<std::string> without(const std::vector<std::string>& list, const std::vector<std::string>& other) {
    std::vector<std::string> left, known;
    for (const auto& scope : other) known.push_back(plain_scope(scope));
    for (const auto& scope : list)
        if (const auto plain = plain_scope(scope); !is_sign_in_scope(plain) && std::ranges::find(known, plain) == known.end()) left.push_back(scope);
    return left;
}

}  // namespace

ScopeDifference difference_of_scopes(const std::vector<std::string>& asked, const std::vector<std::string>& granted) {
    return {without(asked, granted), without(granted, asked)};
}

}  // namespace renkei::app
