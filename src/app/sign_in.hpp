#pragma once

#include "app/audit.hpp"
#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"
#include "app/sign_in_limits.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

struct SignInSettings {
    std::chrono::seconds idle{8 * 3600};          ///< a session ends when nothing came for so long
    std::chrono::seconds longest{7 * 24 * 3600};  ///< and at the latest so long after the sign-in
};

/// Where a request of a person came from.
struct Visitor {
    std::array<std::uint8_t, 16> address{};
    std::string agent;
    std::string request_id;
};

/// A session and its text, which goes into the cookie and is nowhere else.
struct NewSession {
    core::Session session;
    Secret text;
};

/// Who is behind a cookie.
struct SignedIn {
    core::Principal principal;  ///< of kind person; without rights while no workspace is chosen
    core::Session session;
    core::Person person;
    core::Membership membership;  ///< empty while no workspace is chosen
};

struct Choice {
    core::Workspace workspace;
    std::vector<core::Role> roles;
};

/// Local sign-in: a password for a session. Every refusal of a password is the same sign_in_failed and costs the same
/// work, whether the address is known or not; too many of them get too_many_requests with `retry_after`.
class SignIn {
public:
    struct Needs {
        Store& store;
        const Vault& vault;
        Clock& clock;
        Random& random;
        asio::thread_pool& pool;  ///< where passwords are hashed
    };
    SignIn(Needs needs, SignInSettings settings) : n_(needs), settings_(settings), limits_(needs.clock) {}

    /// A new session. A member of several workspaces gets one without a workspace: choose() comes next.
    Task<Result<NewSession>> sign_in(std::string email, Secret password, Visitor visitor);
    /// Whether this is the person's password, with the same limits. For confirmations by somebody who is known already.
    Task<Result<void>> confirm(core::Person person, Secret password, Visitor visitor);
    /// sign_in_required for everything that is no live session of an active member.
    Task<Result<SignedIn>> authenticate(std::optional<Secret> cookie);

    /// The workspaces in which the person is an active member.
    Task<Result<std::vector<Choice>>> choices(core::PersonId person);
    /// Another workspace, another session: the old one ends. not_found where the person is no member.
    Task<Result<NewSession>> choose(SignedIn who, core::Name workspace, Visitor visitor);
    Task<Result<void>> sign_out(SignedIn who, std::string request_id);
    /// Of this person in this workspace, newest first.
    Task<Result<std::vector<core::Session>>> sessions(SignedIn who);
    Task<Result<void>> end_session(SignedIn who, core::SessionId id, std::string request_id);
    /// Everywhere, but the one that asks.
    Task<Result<void>> end_other_sessions(SignedIn who, std::string request_id);
    /// Ends every session of the person; the answer is a new one for this browser.
    Task<Result<NewSession>> change_password(SignedIn who, Secret current, Secret wanted, Visitor visitor);

    /// For the cookie of a visitor, before anybody is signed in.
    Secret new_form_secret() { return Secret::take(n_.random.text(32)); }
    /// The token that a form of this session carries (CSRF): bound to the cookie, of no use in another browser.
    std::string form_token(const Secret& cookie) const;

private:
    Task<Result<bool>> matches(std::string hash, Secret password);
    NewSession make_session(core::WorkspaceId workspace, core::PersonId person, const Visitor& visitor);
    Task<Result<void>> record_failure(std::string email, std::optional<core::PersonId> person, Visitor visitor);
    AppendAudit row(const core::Person& person, core::WorkspaceId workspace, std::string request_id, std::string action, std::string reason) const;
    Digest hash_of_text(const Secret& text) const { return n_.vault.lookup_hash(text); }

    Needs n_;
    SignInSettings settings_;
    SignInLimits limits_;
    std::atomic<int> hashing_{0};
};

}  // namespace renkei::app
