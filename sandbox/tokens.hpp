#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace renkei::sandbox {

/// What an access token allows.
struct TokenFacts {
    std::string tenant;                 ///< GUID
    std::string app;                    ///< client id
    std::string user;                   ///< object id; empty for an app-only token
    std::vector<std::string> scopes{};  ///< delegated permissions without the resource: User.Read, Mail.Send
    std::vector<std::string> roles{};   ///< application permissions of an app-only token
    std::string audience{};
    TimePoint expires{};

    bool app_only() const { return user.empty(); }
    /// Has this scope (with a user) or role (without one); without case.
    bool allows(std::string_view permission) const;
};

enum class TokenProblem { unknown, expired, revoked, other_cloud };

/// A user's (per app) line of refresh tokens.
struct Grant {
    std::string id;
    std::string tenant, app, user;
    std::vector<std::string> scopes{};  ///< as asked at the start, for refreshes without a scope
    TimePoint issued{};
    bool revoked = false;              ///< refresh tokens are refused
    bool access_revoked = false;       ///< access tokens too
    std::uint64_t conditions_met = 0;  ///< TokenStore::conditions at the sign-in
    bool spa = false;                  ///< of a single-page application: all its refresh tokens end 24 hours after the sign-in
};

struct RefreshToken {
    std::string grant;
    TimePoint expires{};
    bool used = false;
};

/// An authorization request that a user has approved.
struct AuthorizationCode {
    std::string tenant, segment, app, user;
    std::string redirect_uri;
    std::vector<std::string> scopes{};
    std::optional<std::string> nonce{};
    std::string challenge, challenge_method;
    TimePoint expires{};
    bool redeemed = false;
    bool spa = false;     ///< sent to an address of a single-page application
    std::string grant{};  ///< made at redemption
};

enum class DeviceState { pending, approved, declined, redeemed };

struct DeviceCode {
    std::string user_code;
    std::string segment, app;
    std::vector<std::string> scopes{};
    TimePoint expires{};
    DeviceState state = DeviceState::pending;
    std::string tenant{}, user{};  ///< once approved
    std::chrono::seconds interval{};
    std::optional<TimePoint> polled{};
};

/// Token requests of one grant type.
struct ExchangeCount {
    std::uint64_t issued = 0, refused = 0;
};

/// Everything that was issued. Tokens are random text; nothing can be read out of them.
struct TokenStore {
    std::unordered_map<std::string, TokenFacts> access;
    std::unordered_map<std::string, std::string> access_grant;  ///< access token -> grant, for revocation
    std::unordered_map<std::string, Grant> grants;
    std::unordered_map<std::string, RefreshToken> refresh;
    std::unordered_map<std::string, AuthorizationCode> codes;
    std::unordered_map<std::string, DeviceCode> devices;  ///< by device code
    /// (app, user) -> consented scopes in lower case
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> consents;
    /// (app, tenant) -> what an administrator has consented to for everybody: scopes as above
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> tenant_consents;
    /// (app, tenant) -> application permissions, besides those of the registration's own tenant
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> tenant_roles;

    std::uint64_t conditions = 0;                    ///< how often one was set
    std::map<std::string, ExchangeCount> exchanges;  ///< by grant type
    std::uint64_t families_ended = 0;                ///< by a replay, of a refresh token or a code

    /// A replay under strict rotation: no refresh token of the grant works any more (RFC 9700 section 4.14.2).
    void end_family(Grant& grant) {
        families_ended += grant.revoked ? 0 : 1;
        grant.revoked = true;
    }

    void clear() { *this = {}; }
};

}  // namespace renkei::sandbox
