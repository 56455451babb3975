#pragma once

#include "sandbox/login/client_auth.hpp"
#include "sandbox/login/consent.hpp"
#include "sandbox/login/jwt.hpp"
#include "sandbox/login/scopes.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::sandbox {

/// What a token answer is made of.
struct TokenIssue {
    const App* app = nullptr;
    const SandboxUser* user = nullptr;  ///< null: app-only
    std::string tenant;
    std::vector<Scope> scopes{};
    std::optional<std::string> nonce{};
    std::string grant{};  ///< refresh tokens and revocation hang on it; empty for app-only tokens
    bool refresh_token = false;
    bool client_info = false;
};

/// The answer of the token endpoint (RFC 6749 section 5.1 with the platform's additions). Remembers what it issued.
ServerResponse issue_tokens(World& world, const TokenSigner& signer, const ServerRequest& request, const TokenIssue& issue);

/// base64url of {"uid":"<oid>","utid":"<tid>"}: MSAL makes the account's key of it.
std::string client_info_of(const SandboxUser& user);
/// https://host:port/{tenant id}/v2.0
std::string issuer_of(const ServerRequest& request, std::string_view tenant_id);

/// The user of a grant or code, if the account still works: 50034, 50057.
std::expected<SandboxUser*, Aadsts> find_live_user(World& world, std::string_view object_id);
/// A line of refresh tokens for this user and app.
std::string make_grant(World& world, const App& app, const SandboxUser& user, const std::vector<Scope>& scopes);

}  // namespace renkei::sandbox
