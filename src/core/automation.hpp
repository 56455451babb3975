#pragma once

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "core/identity.hpp"
#include "core/ids.hpp"
#include "core/name.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::core {

/// One execution of an automation. Runs form a tree that the store keeps: a child is made only by whoever holds its parent's secret.
struct Run {
    WorkspaceId workspace;
    RunId id;
    std::vector<RunId> path;  ///< from the root to this run itself, so that its length is the depth
    std::string name;         ///< for people's eyes, may be empty
    KeyId key;                ///< whose run it is
    Digest hash{};            ///< of its secret, under the installation's lookup key
    TimePoint created_at;
    TimePoint ends_at;
    std::optional<TimePoint> ended_at{};

    bool is_live(TimePoint now) const { return !ended_at && ends_at > now; }
};
inline constexpr std::size_t deepest_run = 16;

/// Who may use a session with what.
enum class SessionKind : std::uint8_t {
    local,     ///< the secret, in the very run that connected
    global,    ///< the secret or the name, in that run and every run below it
    variable,  ///< the secret alone, handed on explicitly
};
std::string_view text_of(SessionKind kind);
std::optional<SessionKind> parse_session_kind(std::string_view text);

/// Where a session stands in the tree of runs.
struct SessionScope {
    WorkspaceId workspace;
    RunId run;
    SessionKind kind = SessionKind::local;
    bool has_name = false;
};

/// The handle that an automation uses instead of a token. Its rights are connection ∩ key ∩ what was asked for, decided on every call.
struct AutomationSession {
    WorkspaceId workspace;
    AutomationSessionId id;
    SessionKind kind = SessionKind::local;
    std::optional<Name> name;  ///< of global ones that go by a name
    RunId run;
    KeyId key;
    ConnectionId connection;
    Name connection_name;
    std::vector<Action> actions;
    std::string mailbox;  ///< one spelling; empty: the connection's own
    std::string act_as;   ///< one spelling; empty: the connection's own
    Digest hash{};        ///< of its secret
    TimePoint created_at;
    TimePoint ends_at;
    std::optional<TimePoint> ended_at{};
    std::string ended_because{};  ///< run, key, connection, hand

    bool is_live(TimePoint now) const { return !ended_at && ends_at > now; }
    SessionScope scope() const { return {workspace, run, kind, name.has_value()}; }
};

/// Whether what was presented opens the session: the rule of A-60 without any other right. `presented`: the run whose secret came
/// along, if one did; `by_name`: the session was named instead of shown its secret.
bool opens(const SessionScope& session, const Run* presented, bool by_name);

}  // namespace renkei::core
