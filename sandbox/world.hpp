#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "sandbox/tokens.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::sandbox {

/// A directory of people and applications at the simulated identity platform.
struct Tenant {
    std::string id;                    ///< GUID, lower case
    std::vector<std::string> domains;  ///< verified ones; the first is the main one
    std::string name;
};

/// A person (or shared mailbox) of a tenant.
struct SandboxUser {
    std::string id;  ///< object id, GUID
    std::string tenant;
    std::string upn;  ///< sign-in name and main mail address
    std::string display_name, given_name, surname;
    std::string job_title, department;
    std::string language = "ja-JP";
    std::string password;                  ///< empty: cannot sign in (shared mailbox)
    std::vector<std::string> aliases{};    ///< further mail addresses
    std::vector<std::string> delegates{};  ///< object ids of users who may open this mailbox (full access, send as)
    bool mailbox = true;
    bool enabled = true;
};

struct AppSecret {
    std::string value;
    TimePoint expires = TimePoint::max();
};

/// An application registered at the platform.
struct App {
    std::string id;  ///< client id, GUID
    std::string name;
    std::string tenant;  ///< home tenant
    std::string key;     ///< short name in `describe` and in the control endpoint
    bool multi_tenant = true;
    bool public_client = false;  ///< "Allow public client flows"; sends no secret
    bool enabled = true;
    bool consent_required = true;  ///< users are asked once; false: an administrator has consented for all
    bool strict_rotation = false;  ///< each refresh token works once, a replay revokes the family
    std::vector<AppSecret> secrets{};
    std::vector<std::string> certificates{};  ///< PEM of public certificates
    std::vector<std::string> redirects{};
    std::vector<std::string> roles{};  ///< application permissions an administrator has consented to
};

/// The sandbox's clock: the machine's, moved on by the control endpoint, or one that a test drives.
class WorldClock : public Clock {
public:
    /// Moves on; what has become due runs before it returns.
    virtual void advance(std::chrono::milliseconds by) = 0;
};
/// The machine's clock with an offset that only grows.
std::unique_ptr<WorldClock> make_shifted_clock();
/// Any manually driven clock, for tests; it must outlive the result.
std::unique_ptr<WorldClock> make_world_clock(ManualClock& clock);

/// What tests change while the sandbox runs.
struct Switches {
    bool strict_rotation = false;  ///< for every app
    std::chrono::seconds access_token_lifetime{3599};
    std::chrono::seconds refresh_token_lifetime{90 * 24 * 3600};
    std::chrono::seconds code_lifetime{600};
    std::chrono::seconds device_code_lifetime{900};
    std::chrono::seconds device_interval{5};
};

/// What all services share: who exists, which tokens live, what time it is. Everything runs on one event loop and no
/// service suspends while it works on the world, so there is no lock.
class World {
public:
    World(WorldClock& clock, Random& random);
    ~World();

    WorldClock& clock() { return clock_; }
    TimePoint now() const { return clock_.now(); }
    Random& random() { return random_; }
    /// A fresh GUID in lower case.
    std::string new_guid();

    std::vector<Tenant>& tenants() { return tenants_; }
    std::vector<SandboxUser>& users() { return users_; }
    std::vector<App>& apps() { return apps_; }
    Switches& switches() { return switches_; }
    TokenStore& tokens() { return tokens_; }

    /// By GUID or verified domain, without case; nullptr if unknown. Pointers live until the next reset().
    const Tenant* find_tenant(std::string_view segment) const;
    /// By object id, user principal name or alias, without case, in one tenant (empty: in any).
    SandboxUser* find_user(std::string_view who, std::string_view tenant = {});
    /// By client id or key.
    App* find_app(std::string_view id_or_key);

    /// What a bearer token allows, or why it does not count. The caller compares `audience` with its own.
    std::expected<TokenFacts, TokenProblem> check_access_token(std::string_view bearer);

    /// Registered for the confidential apps besides the seed's, and kept over reset().
    void add_redirects(const std::vector<std::string>& redirects);
    /// PEM certificate of the certificate app, kept over reset().
    void set_app_certificate(std::string pem);
    /// Back to the seed: people, apps, switches; no tokens. The clock stays.
    void reset();

private:
    void seed();
    void keep_additions();

    WorldClock& clock_;
    Random& random_;
    std::vector<Tenant> tenants_;
    std::vector<SandboxUser> users_;
    std::vector<App> apps_;
    Switches switches_;
    TokenStore tokens_;
    std::vector<std::string> extra_redirects_;
    std::string app_certificate_;
};

/// The audience of tokens for Microsoft Graph, whatever address the sandbox's Graph has.
inline constexpr std::string_view graph_audience = "https://graph.microsoft.com";

}  // namespace renkei::sandbox
