#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/ports/store.hpp"
#include "app/sign_in.hpp"

#include <string>
#include <vector>

namespace renkei::app {

/// Somebody whose rights reach a connection now.
struct ConnectionUser {
    core::Principal::Kind kind = core::Principal::Kind::key;
    std::string name;  ///< of the key, or a person's e-mail address
    std::vector<core::Action> actions;
};

/// A connection as its owner sees it.
struct MyConnection {
    core::Connection connection;
    std::string folder;
    std::vector<core::Grant> grants;
    std::vector<ConnectionUser> users;  ///< without the owner
};

/// What a person lent: their connections, who may act through them, and the way to end it (K-41).
class MyConnections {
public:
    MyConnections(Store& store, Access& access, Clock& clock) : store_(store), access_(access), clock_(clock) {}

    /// Those whose owner is the caller, by name.
    Task<Result<std::vector<MyConnection>>> list(By by);
    /// Forgets the tokens and closes the connection until somebody signs in again. Works at once. not_found for one that
    /// somebody else owns. The account at the provider still lists Renkei: its owner can remove it there.
    Task<Result<void>> disconnect(By by, core::Name name);

private:
    Task<Result<std::vector<Standing>>> everybody(Standing place);

    Store& store_;
    Access& access_;
    Clock& clock_;
};

}  // namespace renkei::app
