#pragma once

#include "app/access.hpp"
#include "app/audit.hpp"
#include "app/connect_flow.hpp"
#include "app/device_sign_in.hpp"
#include "app/fences.hpp"
#include "app/ports/catalog.hpp"
#include "app/ports/store.hpp"
#include "app/scope_standing.hpp"
#include "base/random.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

struct CreateConnection {
    core::Name name;
    std::string title{};
    std::string connector{};  ///< empty: the registration's
    core::Name registration;
    core::ConnectionMode mode = core::ConnectionMode::client_credentials;
    std::string act_as{};
    std::string mailbox{};
    std::optional<std::vector<std::string>> scopes{};
    std::optional<core::Fence> fence{};
    std::optional<core::Name> folder{};
    core::TokenType token_type = core::TokenType::shared;
    std::vector<core::FieldSource> sources{};  ///< of the mailbox: the fence must then be given
};

struct ChangeConnection {
    std::optional<std::string> title{};
    std::optional<std::string> mailbox{};
    std::optional<std::vector<std::string>> scopes{};
    std::optional<core::Fence> fence{};
    std::optional<core::Name> folder{};
    std::optional<core::Name> registration{};
};

/// A connection as callers see it: with the names of what it points to.
struct ShownConnection {
    core::Connection connection;
    std::string registration;
    std::string folder;
    std::optional<Error> problem{};  ///< why it could not be connected at once
    /// Of one connection, not in lists; nothing where nobody can tell: without a grant, and with the app's own access, whose token
    /// answer names no permission.
    std::optional<ScopeStanding> scopes{};
};

/// Connections: made, shown, changed, paused, removed. Who may do what is decided by Access.
class Connections {
public:
    struct Needs {
        Store& store;
        Access& access;
        const Catalog& catalog;
        ConnectFlow& flow;
        DeviceSignIns& devices;
        Clock& clock;
        Random& random;
        FenceResolver* fences = nullptr;  ///< without it entries of fences are looked up when they are used
    };
    explicit Connections(Needs needs) : n_(needs) {}

    /// App-only ones are connected at once; if that fails the draft stays and `problem` says why.
    Task<Result<ShownConnection>> create(By by, CreateConnection wanted);
    Task<Result<ShownConnection>> show(By by, core::Name name);
    /// By name; those that the caller may not see are left out, so a page may hold fewer than asked for.
    Task<Result<Page<ShownConnection>>> list(By by, PageRequest page);
    /// Names of all that the caller may see.
    Task<Result<std::vector<std::string>>> visible_names(By by);
    Task<Result<ShownConnection>> change(By by, core::Name name, ChangeConnection wanted, std::optional<std::uint64_t> expected);
    Task<Result<ShownConnection>> pause(By by, core::Name name, std::optional<std::uint64_t> expected);
    Task<Result<ShownConnection>> resume(By by, core::Name name, std::optional<std::uint64_t> expected);
    Task<Result<ShownConnection>> connect(By by, core::Name name);
    /// `other_account`: whoever signs in may be another than before.
    Task<Result<ConnectLink>> link(By by, core::Name name, bool other_account = false);
    /// A code with which a person signs in on another machine.
    Task<Result<StartedDevice>> device(By by, core::Name name);
    Task<Result<void>> remove(By by, core::Name name, std::optional<std::uint64_t> expected);

private:
    /// The connection, if the caller may do this to it; a refusal is audited as `action`.
    Task<Result<core::Connection>> allowed(By by, core::Name name, core::Action right, std::string action, std::optional<std::uint64_t> expected = {});
    Task<Result<ShownConnection>> with_names(core::Connection connection);
    Task<Result<ShownConnection>> save(By by, core::Connection changed, std::string action, UnitOfWork further = {});
    Task<Result<core::Connection>> draft(By by, CreateConnection wanted, Standing place);
    /// Whether the caller may open the connection this far; a refusal is audited as `action`.
    Task<Result<void>> allowed_to_open(By by, std::string action, core::Name name, core::Fence fence, Standing place);
    /// The new fence of a connection, in one spelling, and what is stored with it.
    struct Opened {
        core::Fence fence;
        UnitOfWork further{};
    };
    Task<Result<Opened>> open_to(By by, core::Connection connection, core::Fence wanted, Standing place);
    /// Asks the directory about the entries, if that can be waited for; otherwise they are due.
    Task<void> look_up(core::Connection connection, std::string request_id);
    Task<Result<void>> record_refusal(By by, std::string action, core::Name name, std::string reason);
    Result<core::FolderId> place_of(const Standing& place, const std::optional<core::Name>& folder) const;

    Needs n_;
};

/// One account of everybody's own: refuses what only one account can have.
Result<void> fit_user_specific(const Manifest& manifest, const core::ClientRegistration& registration, core::Connection& connection,
                               const std::optional<core::Fence>& fence);
/// One spelling, sorted, without doubles.
Result<core::Fence> fit_fence(core::Fence fence);
/// RFC 6749 section 3.3.
Result<std::vector<std::string>> fit_scopes(std::vector<std::string> scopes);
/// Fills in accounts and fence of a new connection: the app-only one starts with the fence {its mailbox}.
Result<void> fit_accounts(const Manifest& manifest, core::Connection& connection, const std::optional<core::Fence>& fence);
/// Whether the caller's rights to change connections reach as far as this fence: nobody opens more than they have.
bool may_open(const core::Principal& caller, const core::Fence& fence);

}  // namespace renkei::app
