#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace renkei::app {

/// One spelling of a scope, for comparing: "https://resource/Mail.Read" and "mail.read" are one.
std::string plain_scope(std::string_view scope);
/// Asked for at sign-in itself (OpenID Connect Core section 3.1.2.1, and section 11 for offline_access).
bool is_sign_in_scope(std::string_view plain);

struct ScopeDifference {
    std::vector<std::string> not_granted;  ///< asked for
    std::vector<std::string> not_asked;    ///< granted
};
/// Servers write a scope short or with its resource in front, in any case; offline_access, openid and what goes with it
/// show in the tokens and are left out of the answer, so they are not compared.
ScopeDifference difference_of_scopes(const std::vector<std::string>& asked, const std::vector<std::string>& granted);

}  // namespace renkei::app
