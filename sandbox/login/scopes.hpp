#pragma once

#include "sandbox/login/aadsts.hpp"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::sandbox {

/// One scope as asked for, and what it means.
struct Scope {
    std::string asked;       ///< User.Read or https://graph.microsoft.com/User.Read
    std::string resource;    ///< graph_audience or another; empty for the OpenID scopes
    std::string permission;  ///< User.Read, .default, openid
    bool openid() const { return resource.empty(); }
    bool is_default() const { return permission == ".default"; }
};

/// A scope parameter, understood. Scopes of Graph may carry no resource (in the commercial cloud only), the cloud's own address,
/// its app id or a loopback address (the sandbox's own). Fails with 70011 (unknown, .default mixed with named ones) or 500011
/// (a resource that this cloud does not have).
std::expected<std::vector<Scope>, Aadsts> parse_scopes(const Cloud& cloud, std::string_view text);

/// More than one resource: allowed at the authorize endpoint only.
bool several_resources(const std::vector<Scope>& scopes);
/// The resource of the first scope that has one, else Graph.
std::string resource_of(const Cloud& cloud, const std::vector<Scope>& scopes);
bool asks_for(const std::vector<Scope>& scopes, std::string_view permission);

/// The catalogue's spelling of a permission.
std::string canonical_permission(std::string_view permission);
/// Only an administrator may consent to it (section 8 of the reference).
bool needs_admin(std::string_view permission);
/// The sentence of the consent page.
std::string consent_sentence(std::string_view permission, bool japanese);

}  // namespace renkei::sandbox
