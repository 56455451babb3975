#pragma once

#include "app/ports/catalog.hpp"
#include "core/connection.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace renkei::app {

/// One spelling of a scope, for comparing: "https://resource/Mail.Read" and "mail.read" are one.
std::string plain_scope(std::string_view scope);
/// Asked for at sign-in itself (OpenID Connect Core section 3.1.2.1, and section 11 for offline_access).
bool is_sign_in_scope(std::string_view plain);

/// What a sign-in for the connection asks for, each scope once; of an application: what its work needs.
std::vector<std::string> asked_scopes(const core::Connection& connection, const Manifest& manifest);

/// What a person's grant and the connection's wishes have in common, in the words of each; the case and the address of the API
/// before a scope do not count.
struct ScopeStanding {
    std::vector<std::string> granted;
    std::vector<std::string> not_granted;  ///< asked for and not granted: the next sign-in asks for them
    std::vector<std::string> not_asked;    ///< granted and not asked for: nothing here needs them
};
/// Servers leave openid, offline_access and what goes with them out of their answer; whether they were granted shows in what the
/// grant holds.
ScopeStanding scope_standing(const core::Connection& connection, const Manifest& manifest, const core::Grant& grant);

}  // namespace renkei::app
