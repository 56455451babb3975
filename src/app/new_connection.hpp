#pragma once

#include "app/connections.hpp"
#include "app/imports.hpp"
#include "app/registrations.hpp"
#include "app/tenant_lookup.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

/// What a person's form gives at once: an app, known already or new, and the connection that uses it.
struct NewConnection {
    CreateConnection connection;               ///< its `registration` is filled in here
    std::optional<core::Name> registration{};  ///< an existing one; else `app` is made, named after the connection
    CreateRegistration app;
    Secret content{};              ///< a file or text with the app's credential, recognised by what it is (Imports), or empty
    Secret password{};             ///< of that file
    std::string import{};          ///< handle of a file that an earlier try left, or empty
    bool resolve_tenant = false;   ///< the tenant of a new app is the one that has the mailbox's domain (U-31)
    std::vector<Error> refused{};  ///< by who read the form, with their fields: told together with the rest
};

/// What became of it: a connection, or every refusal at once, each with its field.
struct MadeConnection {
    std::vector<Error> refused;
    std::optional<RecognisedImport> import;  ///< the file is kept: the next try needs its handle only
    std::optional<ShownConnection> connection;
};

struct NewConnectionPorts {
    Store& store;
    Access& access;
    const Catalog& catalog;
    Registrations& registrations;
    Imports& imports;
    Connections& connections;
    TenantLookup& tenants;
    Clock& clock;
};

/// Checks everything, then makes the client registration and the connection. If the connection cannot be made after all, the
/// registration goes again. Errors that are no field's: denied, storage_*, vault_locked.
/// Fields are those of CreateConnection and CreateRegistration, `content` and `password`; `tenant` has `shared_tenant` in
/// its context where an app-only connection was given a tenant for everybody (U-31), unless it is to be resolved; what a user-specific connection cannot
/// have says `token_type` there.
Task<Result<MadeConnection>> make_connection(NewConnectionPorts ports, By by, std::shared_ptr<NewConnection> wanted);

}  // namespace renkei::app
