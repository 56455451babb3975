#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "sandbox/cloud.hpp"
#include "sandbox/tokens.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::sandbox {

/// To what people who are no administrators may consent by themselves.
enum class UserConsent {
    all,       ///< everything: tests need no administrator
    standard,  ///< what needs no administrator (as Microsoft's default)
    none,
};

/// A directory of people and applications at the simulated identity platform.
struct Tenant {
    std::string id;                    ///< GUID, lower case
    std::vector<std::string> domains;  ///< verified ones; the first is the main one
    std::string name;
    UserConsent user_consent = UserConsent::all;
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
    bool admin = false;               ///< may consent for the tenant
    bool deleted = false;             ///< unknown everywhere
    int condition = 0;                ///< number of a Conditional Access refusal or demand, see login/conditions.hpp; 0: none
    std::uint64_t condition_set = 0;  ///< TokenStore::conditions when it was set: a later sign-in has met a demand

    bool shared() const { return password.empty(); }
};

/// A group of a tenant: people and other groups are its members.
struct SandboxGroup {
    std::string id;
    std::string tenant;
    std::string name;
    std::string mail{};                  ///< empty: a security group without mail
    std::vector<std::string> members{};  ///< object ids
    bool team = false;                   ///< has a team in Microsoft Teams
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
    std::vector<std::string> roles{};              ///< application permissions an administrator has consented to
    std::vector<std::string> registered_roles{};   ///< those that the registration lists: `.default` of admin consent grants them
    std::vector<std::string> registered_scopes{};  ///< delegated ones
    std::vector<std::string> spa_redirects{};      ///< registered as single-page application: no secret, 24 hours
    bool deleted = false;                          ///< 700016
    bool assignment_required = false;              ///< only who is assigned may sign in (50105)
    std::vector<std::string> assigned{};           ///< object ids
    int condition = 0;                             ///< as a person's, for everybody who uses the app
    std::uint64_t condition_set = 0;
    std::chrono::seconds sign_in_frequency{0};  ///< refresh tokens end so long after the sign-in (70043); 0: no policy
    /// Application access policy: app-only calls reach these mailboxes (object ids) and no others.
    std::optional<std::vector<std::string>> mailboxes{};
    /// RBAC for Applications: these rights count for those mailboxes, besides what was consented to.
    std::vector<std::string> exchange_roles{}, exchange_mailboxes{};
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
    /// RFC 8628 section 3.5. Off: Microsoft does not document it, and MSAL takes it for the end.
    bool device_slow_down = false;
    bool single_use_assertions = false;  ///< a client assertion whose jti was seen is refused (RFC 7523 section 3, item 7)
};

/// What all services share: who exists, which tokens live, what time it is. Everything runs on one event loop and no
/// service suspends while it works on the world, so there is no lock.
class World {
public:
    World(WorldClock& clock, Random& random, const Cloud& cloud = commercial_cloud());
    ~World();

    const Cloud& cloud() const { return cloud_; }

    WorldClock& clock() { return clock_; }
    TimePoint now() const { return clock_.now(); }
    Random& random() { return random_; }
    /// A fresh GUID in lower case.
    std::string new_guid();

    std::vector<Tenant>& tenants() { return tenants_; }
    std::vector<SandboxUser>& users() { return users_; }
    std::vector<SandboxGroup>& groups() { return groups_; }
    std::vector<App>& apps() { return apps_; }
    Switches& switches() { return switches_; }
    TokenStore& tokens() { return tokens_; }
    /// True the first time that this `jti` of a client comes; it is remembered until `expires`.
    bool use_assertion_once(const std::string& client_and_jti, TimePoint expires);

    /// By GUID or verified domain, without case; nullptr if unknown. Pointers live until the next reset().
    const Tenant* find_tenant(std::string_view segment) const;
    /// By object id, user principal name or alias, without case, in one tenant (empty: in any).
    SandboxUser* find_user(std::string_view who, std::string_view tenant = {});
    /// By object id or mail address, in one tenant (empty: in any).
    SandboxGroup* find_group(std::string_view who, std::string_view tenant = {});
    /// By client id or key.
    App* find_app(std::string_view id_or_key);

    /// What a bearer token allows, or why it does not count. The caller compares `audience` with its own.
    std::expected<TokenFacts, TokenProblem> check_access_token(std::string_view bearer);

    /// Registered for all apps with web addresses besides the seed's, and kept over reset().
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
    const Cloud& cloud_;
    std::vector<Tenant> tenants_;
    std::vector<SandboxUser> users_;
    std::vector<SandboxGroup> groups_;
    std::vector<App> apps_;
    Switches switches_;
    TokenStore tokens_;
    std::vector<std::string> extra_redirects_;
    std::string app_certificate_;
    std::map<std::string, TimePoint> used_assertions_;
};

/// The audience of tokens for the commercial Graph, whatever address the sandbox's Graph has.
inline constexpr std::string_view graph_audience = "https://graph.microsoft.com";

}  // namespace renkei::sandbox
