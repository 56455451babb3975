#include "sandbox/login/issue.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"

#include <algorithm>

namespace renkei::sandbox {
namespace {

constexpr std::size_t keep_tokens = 20'000;
constexpr std::chrono::hours spa_lifetime{24};

// Expired tokens are dropped now and then, so that a long benchmark does not fill the memory.
void prune(World& world) {
    auto& tokens = world.tokens();
    if (tokens.access.size() < keep_tokens || tokens.access.size() % keep_tokens != 0) return;
    std::erase_if(tokens.access, [&](const auto& entry) { return entry.second.expires + std::chrono::hours(1) < world.now(); });
    std::erase_if(tokens.access_grant, [&](const auto& entry) { return !tokens.access.contains(entry.first); });
}

// Permissions inside the token. For .default: everything consented for the resource.
std::vector<std::string> granted_permissions(World& world, const TokenIssue& issue) {
    std::vector<std::string> permissions;
    const auto resource = resource_of(world.cloud(), issue.scopes);
    for (const auto& scope : issue.scopes) {
        if (!scope.is_default()) {
            if (scope.permission != "offline_access" && (scope.openid() || scope.resource == resource)) permissions.push_back(scope.permission);
            continue;
        }
        for (auto& name : consented_permissions(world, *issue.app, *issue.user, scope.resource)) permissions.push_back(std::move(name));
    }
    return permissions;
}

std::string access_token_for(World& world, const TokenIssue& issue) {
    prune(world);
    TokenFacts facts;
    facts.tenant = issue.tenant;
    facts.app = issue.app->id;
    facts.audience = resource_of(world.cloud(), issue.scopes);
    facts.expires = world.now() + world.switches().access_token_lifetime;
    if (issue.user) {
        facts.user = issue.user->id;
        facts.scopes = granted_permissions(world, issue);
    } else {
        facts.roles = application_permissions(world, *issue.app, issue.tenant);
    }
    // As long as real ones are short: about 700 characters, and nothing to be read out of them.
    auto token = access_token_prefix(world.cloud()) + world.random().text(525);
    if (!issue.grant.empty()) world.tokens().access_grant.emplace(token, issue.grant);
    world.tokens().access.emplace(token, std::move(facts));
    return token;
}

// Scopes come back in the form in which they were asked for: MSAL looks its cache up by them.
std::string scope_text(World& world, const TokenIssue& issue) {
    std::string text;
    const auto add = [&](std::string_view one) { text += (text.empty() ? "" : " ") + std::string(one); };
    const auto resource = resource_of(world.cloud(), issue.scopes);
    for (const auto& scope : issue.scopes) {
        if (scope.permission == "offline_access" || (!scope.openid() && scope.resource != resource)) continue;
        if (scope.is_default())
            for (const auto& permission : granted_permissions(world, issue))
                if (std::ranges::none_of(issue.scopes, [&](const Scope& one) { return one.permission == permission; })) add(scope.resource + "/" + permission);
        add(scope.asked);
    }
    return text;
}

std::string id_token_for(World& world, const TokenSigner& signer, const ServerRequest& request, const TokenIssue& issue) {
    const auto now = to_millis(world.now()) / 1000;
    const auto& user = *issue.user;
    json::object claims;
    claims["aud"] = issue.app->id;
    claims["iss"] = issuer_of(request, issue.tenant);
    claims["iat"] = now;
    claims["nbf"] = now;
    claims["exp"] = now + 3600;
    claims["name"] = user.display_name;
    if (issue.nonce) claims["nonce"] = *issue.nonce;
    claims["oid"] = user.id;
    claims["preferred_username"] = user.upn;
    if (asks_for(issue.scopes, "email") && user.mailbox) claims["email"] = user.upn;
    claims["rh"] = "1." + base64url(sha256(issue.tenant)).substr(0, 20) + ".";
    // Pairwise: another value for each application.
    claims["sub"] = base64url(sha256(issue.app->id + user.id));
    claims["tid"] = issue.tenant;
    claims["uti"] = world.random().text(16);
    claims["ver"] = "2.0";
    return signer.sign(json::serialize(claims));
}

std::string refresh_token_for(World& world, const TokenIssue& issue) {
    auto token = "1.sbrt." + world.random().text(300);
    const auto grant = world.tokens().grants.find(issue.grant);
    const bool spa = grant != world.tokens().grants.end() && grant->second.spa;
    // A single-page application's tokens all end a day after the sign-in (microsoft.md section 2.8).
    const auto expires = spa ? grant->second.issued + spa_lifetime : world.now() + world.switches().refresh_token_lifetime;
    world.tokens().refresh[token] = {issue.grant, expires, false};
    return token;
}

}  // namespace

std::string issuer_of(const ServerRequest& request, std::string_view tenant_id) { return base_address(request) + "/" + std::string(tenant_id) + "/v2.0"; }

std::string client_info_of(const SandboxUser& user) { return base64url(as_bytes(json::serialize(json::object{{"uid", user.id}, {"utid", user.tenant}}))); }

std::expected<SandboxUser*, Aadsts> find_live_user(World& world, std::string_view object_id) {
    auto* user = world.find_user(object_id);
    if (!user) return std::unexpected(Aadsts{50034});
    if (!user->enabled) return std::unexpected(Aadsts{50057});
    return user;
}

std::string make_grant(World& world, const App& app, const SandboxUser& user, const std::vector<Scope>& scopes) {
    Grant grant{world.new_guid(), user.tenant, app.id, user.id, {}, world.now()};
    for (const auto& scope : scopes) grant.scopes.push_back(scope.asked);
    grant.conditions_met = world.tokens().conditions;
    auto id = grant.id;
    world.tokens().grants.emplace(id, std::move(grant));
    return id;
}

ServerResponse issue_tokens(World& world, const TokenSigner& signer, const ServerRequest& request, const TokenIssue& issue) {
    json::object body;
    body["token_type"] = "Bearer";
    if (issue.user) body["scope"] = scope_text(world, issue);
    const auto lifetime = world.switches().access_token_lifetime.count();
    body["expires_in"] = lifetime;
    body["ext_expires_in"] = lifetime;
    body["access_token"] = access_token_for(world, issue);
    if (issue.refresh_token) body["refresh_token"] = refresh_token_for(world, issue);
    if (issue.user && asks_for(issue.scopes, "openid")) body["id_token"] = id_token_for(world, signer, request, issue);
    if (issue.user && issue.client_info) body["client_info"] = client_info_of(*issue.user);

    auto response = json_response(200, json::serialize(body));
    response.headers.set("Cache-Control", "no-store, no-cache");
    response.headers.set("Pragma", "no-cache");
    response.headers.set("x-ms-request-id", world.new_guid());
    response.headers.set("client-request-id", correlation_id(request));
    return response;
}

}  // namespace renkei::sandbox
