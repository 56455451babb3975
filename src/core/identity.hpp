#pragma once

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "core/ids.hpp"
#include "core/name.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace renkei::core {

/// An isolated organisation inside an installation. Its id comes first in every key of the store.
struct Workspace {
    WorkspaceId id;
    Name name;
    std::string title;
    TimePoint created_at;
};

/// Somebody, known to the installation; what they may do stands in their memberships.
struct Person {
    PersonId id;
    std::string email;  ///< one spelling (parse_mailbox), unique in the installation
    std::string display_name;
    std::string password_hash;  ///< Argon2id, encoded; empty: no local sign-in
    std::string locale;         ///< en or ja
    TimePoint created_at;
    std::uint64_t version = 1;
};

enum class Role : std::uint8_t { administrator, user_administrator, builder, user, auditor };
std::string_view text_of(Role role);
std::optional<Role> parse_role(std::string_view text);

struct Membership {
    WorkspaceId workspace;
    PersonId person;
    std::vector<Role> roles;
    std::vector<GroupId> groups;  ///< several places in the tree are allowed (兼務)
    bool active = true;           ///< false: invited, and has not accepted yet; gives nothing until then
    std::string invited_name{};   ///< what the inviter wrote: the person's own name is not shown before they accept
    TimePoint since{};
    std::uint64_t version = 1;
};

struct Group {
    WorkspaceId workspace;
    GroupId id;
    Name name;
    std::string title;
    std::optional<GroupId> parent;
    std::uint64_t version = 1;
};

/// A sign-in of a person with the pages: one browser, one workspace. Its text is in a cookie; only a keyed hash is stored.
struct Session {
    WorkspaceId workspace;  ///< zero while the person, a member of several, has not chosen yet
    SessionId id;
    PersonId person;
    Digest hash{};
    std::string address;  ///< from where it was begun
    std::string agent;    ///< the browser's own words, cut off
    TimePoint created_at;
    TimePoint last_seen_at;
    TimePoint idle_until;  ///< never after ends_at
    TimePoint ends_at;
};

/// What can be done, one word for policy, keys, audit and manifests.
enum class Action : std::uint8_t {
    mail_read,
    mail_send,
    connections_read,
    connections_write,
    registrations_read,
    registrations_write,
    keys_read,
    keys_write,
    operations_read,
    operations_write,
    audit_read,
    people_read,
    people_write,
    vault_read,    ///< of the whole installation: counts only in the workspace that it began with
    vault_rotate,  ///< the same; new keys for everything that is sealed
    values_read,   ///< stored credentials (never their values), variables, external vaults
    values_write,
    sessions_read,   ///< runs and sessions of other keys; a key's own need no right
    sessions_write,  ///< ends them
    tokens_read,     ///< releases an access token; never implied by anything
    native,          ///< calls the provider's own API; never implied by anything
    count_
};
std::string_view text_of(Action action);  ///< mail:read
std::optional<Action> parse_action(std::string_view text);

/// Which actions, where. An empty list of a kind means: not limited in that way.
struct Right {
    std::vector<Action> actions;
    std::vector<std::string> connectors;
    std::vector<FolderId> folders;
    std::vector<GroupId> groups;           ///< only connections whose owner is in one of these groups or below
    std::vector<std::string> connections;  ///< names
    std::vector<std::string> mailboxes;
    friend bool operator==(const Right&, const Right&) = default;
};

/// An address range, IPv4 as IPv4-mapped IPv6.
struct AddressRange {
    std::array<std::uint8_t, 16> base{};
    std::uint8_t prefix = 128;  ///< of 128
    /// "10.0.0.0/8", "2001:db8::/32", or one address. Host bits must be zero.
    static Result<AddressRange> parse(std::string_view text, std::string_view field = "allowed_ranges");
    std::string text() const;
    bool contains(const std::array<std::uint8_t, 16>& address) const;
    friend bool operator==(const AddressRange&, const AddressRange&) = default;
};
/// The 16 bytes of an address as text, or nothing.
std::optional<std::array<std::uint8_t, 16>> parse_address(std::string_view text);

/// An automation's key. Its text is rk_ and 43 base64url characters, shown once; only a keyed hash is stored.
struct ApiKey {
    WorkspaceId workspace;
    KeyId id;
    Name name;
    Digest hash{};  ///< HMAC-SHA-256 under the installation's lookup key
    std::vector<Right> rights;
    std::vector<AddressRange> allowed_ranges;  ///< empty: from anywhere
    std::optional<PersonId> created_by;
    TimePoint created_at;
    std::optional<TimePoint> expires_at;
    std::optional<TimePoint> revoked_at;
    std::uint64_t version = 1;
};

/// Some actions, in four bytes: a hundred thousand sessions are kept in memory.
class ActionSet {
public:
    ActionSet() = default;
    explicit ActionSet(const std::vector<Action>& actions) {
        for (const auto action : actions) bits_ |= bit(action);
    }
    bool contains(Action action) const { return (bits_ & bit(action)) != 0; }
    friend bool operator==(const ActionSet&, const ActionSet&) = default;

private:
    static constexpr std::uint32_t bit(Action action) { return 1u << static_cast<unsigned>(action); }
    static_assert(static_cast<unsigned>(Action::count_) <= 32);
    std::uint32_t bits_ = 0;
};

/// What a session narrows its key's rights to. Decided on every call (core/policy).
struct SessionLimit {
    AutomationSessionId session;
    ConnectionId connection;
    Name connection_name;
    ActionSet actions;
    std::string mailbox;  ///< empty: no other limit than key and fence
    std::string act_as;
    TimePoint until;
};

/// The authenticated caller. It names exactly one workspace.
struct Principal {
    enum class Kind : std::uint8_t { person, key, system } kind = Kind::key;
    WorkspaceId workspace;
    IdBytes id{};      ///< person or key
    std::string name;  ///< e-mail address or key name, for the audit
    std::vector<Right> rights;
    std::optional<TimePoint> expires_at;
    std::string run{};  ///< id of the run on whose behalf, for the audit; empty: none was shown
    /// Set where a session's secret or name came instead of a key. Shared: every call of a session carries the same one.
    std::shared_ptr<const SessionLimit> limit{};
};

}  // namespace renkei::core
