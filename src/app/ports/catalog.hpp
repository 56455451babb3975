#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::app {

/// One of a provider's separate worlds, e.g. a national cloud.
struct CloudFacts {
    std::string key;
    std::string title_en, title_ja;
    std::string authorization_endpoint;           ///< may hold {tenant}
    std::string token_endpoint;                   ///< may hold {tenant}
    std::string issuer;                           ///< may hold {tenant}; empty: not checked
    std::string api_base;                         ///< e.g. https://graph.microsoft.com/v1.0
    std::vector<std::string> token_hosts;         ///< host[:port] to which a bearer token may go
    std::string app_scope;                        ///< scope of client credentials
    std::string device_authorization_endpoint{};  ///< may hold {tenant}; empty: there is none
    std::string scope_prefix;                     ///< put before API scopes when they are asked for (full_scope), empty in most
    std::vector<std::string> missing{};           ///< features of the connector that this cloud does not have
    std::string admin_consent_endpoint{};         ///< may hold {tenant}; empty: there is none
    std::vector<std::string> recognised_by{};     ///< hosts and names by which answers tell that they come from this cloud
};

/// The least scopes of an action or a trigger.
struct ActionScopes {
    std::string action;  ///< mail:read, or a trigger's name
    std::vector<std::string> delegated;
    std::vector<std::string> application;
    std::vector<std::string> application_any{};  ///< where one of these is enough, instead of all of `application`
};

/// A connector: what Renkei knows about a provider, read from catalog/*.json.
struct Manifest {
    std::string key;
    std::string name_en, name_ja;
    std::string category;
    std::string adapter;                   ///< name of the code that speaks its API, or empty: tokens only
    std::string native_api;                ///< name of the code that passes native calls on, or empty: none
    std::vector<std::string> modes;        ///< words of core::ConnectionMode
    std::vector<std::string> client_auth;  ///< accepted methods, the usual one first
    std::vector<CloudFacts> clouds;        ///< empty: endpoints come with the client registration
    std::vector<std::string> default_scopes;
    std::vector<std::string> always_scopes;  ///< e.g. openid, offline_access
    std::string scope_separator = " ";
    std::vector<std::pair<std::string, std::string>> authorize_params;
    bool strict_rotation = false;  ///< replaying an old refresh token ends the grant
    bool sends_iss = false;        ///< RFC 9207
    bool account_required = true;
    std::vector<ActionScopes> action_scopes;
    std::vector<ActionScopes> trigger_scopes{};
    std::string docs_url;
};

/// A scope as this cloud wants it: national clouds take API scopes only with their address before them; those of
/// OpenID Connect stay as they are.
std::string full_scope(const CloudFacts& cloud, std::string_view scope);

/// The clouds that a host or a name in an answer may belong to; several where clouds share it, none when it is unknown.
std::vector<const CloudFacts*> clouds_of(const Manifest& manifest, std::string_view host);

/// What is least to be asked for.
struct LeastScopes {
    std::vector<std::string> scopes;
    std::vector<std::string> any_of{};  ///< one of these beside `scopes` is enough for a connection; empty: no such choice
};
enum class PermissionKind : unsigned char { delegated, application };
/// The least scopes for the actions and triggers ticked, with what a connection needs at all; a wider one that is there
/// makes a narrower one superfluous. invalid_field, naming `actions` or `triggers`, for a word that the connector does not have.
Result<LeastScopes> least_scopes(const Manifest& manifest, const std::vector<std::string>& actions, const std::vector<std::string>& triggers,
                                 PermissionKind permissions);

class Catalog {
public:
    virtual ~Catalog() = default;
    virtual const Manifest* find(std::string_view key) const = 0;
    virtual std::vector<const Manifest*> all() const = 0;
    const CloudFacts* find_cloud(std::string_view connector, std::string_view cloud) const;
};

}  // namespace renkei::app
