#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/ports/store.hpp"
#include "base/random.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

/// Who is let, for which actions, until when. `holder`: name of an API key, or e-mail address of the person whose runs it is for.
struct Lend {
    core::Principal::Kind kind = core::Principal::Kind::key;
    std::string holder;
    std::vector<core::Action> actions;
    std::optional<TimePoint> until{};
};

/// A permission with the names that people know.
struct ShownPermission {
    core::Permission permission;
    std::string holder;  ///< empty: it is there no more, or was revoked
    std::string person;  ///< e-mail address; empty: a rule of the workspace
};

/// Somebody who has a connection of their own below a user-specific one.
struct ConnectedPerson {
    core::Person person;
    core::Connection connection;
    std::string signed_in_as;
    std::optional<TimePoint> last_used_at{};
};

/// Who may act as whom, from the workspace's side: its rules, and what people have lent. Rules are for those who may write
/// keys (administrators). The persons' own side is MyConnections.
class Permissions {
public:
    struct Needs {
        Store& store;
        Access& access;
        Clock& clock;
        Random& random;
    };
    explicit Permissions(Needs needs) : n_(needs) {}

    /// Of a user-specific connection, or one that a person owns. Errors: not_found, denied.
    Task<Result<std::vector<ShownPermission>>> list(By by, core::Name connection);
    /// For everybody who has an account behind the connection: they see it under My connections. Errors: also invalid_field.
    Task<Result<ShownPermission>> make_rule(By by, core::Name connection, Lend wanted);
    /// A rule, or what a person lent.
    Task<Result<void>> remove(By by, core::Name connection, core::PermissionId id);
    Task<Result<std::vector<ConnectedPerson>>> people(By by, core::Name connection);

    /// For both sides: names to a row, checked. `person`: who lets.
    Task<Result<core::Permission>> row_of(By by, core::Connection connection, std::optional<core::PersonId> person, Lend wanted);
    Task<Result<std::vector<ShownPermission>>> shown(core::WorkspaceId workspace, std::vector<core::Permission> rows);
    static constexpr std::size_t most_of_a_connection = 1000;

private:
    Task<Result<core::Connection>> visible(By by, core::Name connection);
    Task<Result<IdBytes>> holder_of(core::WorkspaceId workspace, Lend wanted);

    Needs n_;
};

/// mail:read, mail:send
std::string text_of(const std::vector<core::Action>& actions);

}  // namespace renkei::app
