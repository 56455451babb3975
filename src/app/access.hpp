#pragma once

#include "app/ports/catalog.hpp"
#include "app/ports/store.hpp"
#include "core/permission.hpp"
#include "core/policy.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::app {

class FenceFacts;
class Values;

/// What a caller was allowed: the connection, and the mailbox that the fence let through.
struct Granted {
    core::Connection connection;
    std::string mailbox;         ///< one spelling; empty: the signed-in person's own, or the action touches none
    std::string reason;          ///< for the audit
    std::string directory_id{};  ///< of the mailbox, where the provider's directory knows it: what is called, whoever has the address now
};

/// A caller's place in a workspace, read once and asked often.
struct Standing {
    core::Principal caller;
    std::vector<core::Role> roles;      ///< empty for keys
    std::vector<core::GroupId> groups;  ///< with all groups above them
    std::vector<core::Folder> folders;  ///< all of the workspace
    std::vector<core::FolderGrant> grants;
    std::vector<core::Group> tree;
};

/// What a folder gives the caller: the strongest of role, privacy and grants; nothing if they may not even see it.
/// The default folder and every shared one that is granted are open to keys as far as their own rights go.
std::optional<core::FolderRight> right_in_folder(const Standing& standing, core::FolderId folder);

/// The groups and all groups above them; a tree that runs in a circle ends.
std::vector<core::GroupId> with_groups_above(std::vector<core::GroupId> groups, const std::vector<core::Group>& tree);

/// mail:*, tokens:read, native.
bool reaches_provider(core::Action action);

/// Refuses what a connection's state does not allow: draft, paused, needs_user, needs_admin, needs_secret, revoked.
Result<void> check_usable(const core::Connection& connection);

/// Answers who may do what through which connection, before anything else happens. The rules are core::decide; this
/// reads what they need.
class Access {
public:
    /// Without `facts` every mailbox is judged by its spelling.
    Access(WorkspaceStore& workspaces, ConnectionStore& connections, const Catalog& catalog, const Clock& clock, FenceFacts* facts = nullptr,
           Values* values = nullptr)
        : workspaces_(workspaces), connections_(connections), catalog_(catalog), clock_(clock), facts_(facts), values_(values) {}

    /// Finds the connection and decides. `mailbox` as the caller wrote it, empty: the connection's own. Actions that
    /// reach the provider (mail:*, tokens:read, native) are also refused when the connection's state does not allow them.
    /// Errors: not_found (also where the caller may not see it), denied, outside_fence, invalid_field, needs_admin,
    /// reconnect_required, needs_app_owner, connection_paused, connection_draft, unauthenticated, fence_moved, fence_unknown,
    /// storage_*. `as`: as what the mailbox is touched.
    /// `act_as`: with whose account, by their e-mail address. A user-specific connection needs it, and gives that
    /// person's own connection; a personal one is closed to everybody whom its owner, or a rule, does not let: permission_needed,
    /// with `permission_path`. Elsewhere it must be the connection's own account, or for an application within the fence.
    Task<Result<Granted>> authorize(core::Principal caller, core::Name connection, core::Action action, std::string mailbox = {}, std::string act_as = {},
                                    core::TouchedAs as = core::TouchedAs::mailbox);
    /// The same for a connection that is at hand.
    Task<Result<Granted>> authorize_loaded(core::Principal caller, core::Connection connection, core::Action action, std::string mailbox = {},
                                           std::string act_as = {}, core::TouchedAs as = core::TouchedAs::mailbox);

    /// For lists: read once, then ask right_in_folder and decide_here for each.
    Task<Result<Standing>> standing(core::Principal caller);
    /// The groups of the connection's owner and all above; empty when the workspace owns it.
    Task<Result<std::vector<core::GroupId>>> owner_groups(core::Connection connection, std::vector<core::Group> tree);
    /// Whether the caller may place or change connections in a folder: not_found where they may not see it.
    Task<Result<void>> authorize_folder(core::Principal caller, core::FolderId folder, core::FolderRight needed);

private:
    static Result<void> fill_from_session(const core::Principal& caller, std::string& mailbox, std::string& act_as);
    Task<Result<Granted>> judge(Standing standing, core::Connection connection, core::Action action, std::string mailbox,
                                std::vector<core::GroupId> owner_groups, core::TouchedAs as = core::TouchedAs::mailbox) const;
    // In act_as.cpp.
    Task<Result<Granted>> judge_with_account(Standing standing, core::Connection connection, core::Action action, std::string mailbox, std::string act_as,
                                             std::vector<core::GroupId> owner_groups, core::TouchedAs as) const;
    Task<Result<Granted>> authorize_as(Standing place, core::Connection above, core::Action action, std::string mailbox, std::string act_as,
                                       core::TouchedAs as);
    Task<Result<Granted>> authorize_personal(Standing place, core::Connection connection, core::Action action, std::string mailbox, std::string act_as,
                                             core::TouchedAs as);
    Task<Result<std::string>> lent(core::Principal caller, core::Connection connection, core::Person person, core::Action action);
    struct Lender {
        std::string email;
        std::optional<core::Person> person{};
        std::vector<core::GroupId> groups{};
    };
    Task<Result<Lender>> lender(core::Principal caller, core::WorkspaceId workspace, std::string act_as);

    WorkspaceStore& workspaces_;
    ConnectionStore& connections_;
    const Catalog& catalog_;
    const Clock& clock_;
    FenceFacts* facts_;
    Values* values_;  ///< reads what a connection's mailbox refers to
};

}  // namespace renkei::app
