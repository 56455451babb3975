#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/connect_flow.hpp"
#include "app/permissions.hpp"
#include "app/ports/store.hpp"
#include "app/sign_in.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

/// Somebody whose rights reach a connection now and who is let use it.
struct ConnectionUser {
    core::Principal::Kind kind = core::Principal::Kind::key;
    std::string name;  ///< of the key, or a person's e-mail address
    std::vector<core::Action> actions;
};

/// A connection as the person sees it whose account is behind it.
struct MyConnection {
    core::Connection connection;              ///< their own; for an offer that nobody has taken yet, the user-specific one
    std::optional<core::Connection> above{};  ///< the user-specific one below which it is
    bool connected = true;                    ///< false: an offer
    std::string account;                      ///< with which the person signs in at the provider
    std::string folder;
    std::vector<core::Grant> grants;
    std::vector<ConnectionUser> users;    ///< without the owner
    std::vector<ShownPermission> lent{};  ///< by them, and the rules that hold for them

    /// By which everybody, they too, call it.
    const core::Name& name() const { return above ? above->name : connection.name; }
    /// Whose permissions count.
    const core::Connection& lendable() const { return above ? *above : connection; }
};

/// What a person lent: their connections, who may act through them, and the way to end it (K-41, A-52).
class MyConnections {
public:
    struct Needs {
        Store& store;
        Access& access;
        ConnectFlow& flow;
        Permissions& permissions;
        Clock& clock;
        Random& random;
    };
    explicit MyConnections(Needs needs) : n_(needs) {}

    /// Those whose owner is the caller, and user-specific ones that wait for them, by name.
    Task<Result<std::vector<MyConnection>>> list(By by);
    /// One of them. not_found for one that is neither theirs nor offered to them.
    Task<Result<MyConnection>> look(By by, core::Name name);
    /// Sends the person to the provider, to sign in with their own account: that of their e-mail
    /// address, or of the account name that was set for them. Makes their own
    /// connection if it is the first time. Errors: also conflict, connection_paused, those of ConnectFlow::start.
    Task<Result<StartedAuthorization>> connect(By by, core::Name name);
    /// Lets a key, or a person's runs, act with their account; works at once. Errors: not_found, invalid_field.
    Task<Result<void>> lend(By by, core::Name name, Lend wanted);
    /// Takes back what they lent; works at once. A rule of the workspace is not theirs: not_found.
    Task<Result<void>> withdraw(By by, core::Name name, core::PermissionId id);
    /// Forgets the tokens and closes the connection until somebody signs in again. Works at once. not_found for one that
    /// somebody else owns. The account at the provider still lists Renkei: its owner can remove it there.
    Task<Result<void>> disconnect(By by, core::Name name);

private:
    Task<Result<std::vector<Standing>>> everybody(Standing place);
    Task<Result<void>> fill(MyConnection& mine, const Standing& place, const std::vector<Standing>& others);
    Task<Result<std::optional<MyConnection>>> mine_of(core::Connection connection, By by, Standing place);
    Task<Result<std::string>> account_of(core::Principal person);
    Task<Result<core::Connection>> make_own(By by, core::Connection above, std::string account);

    Needs n_;
};

}  // namespace renkei::app
