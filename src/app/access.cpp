#include "app/access.hpp"

#include "app/fence_resolver.hpp"
#include "app/values.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

using core::Action;
using core::FolderRight;

// Stands for "the signed-in person's own mailbox" where no address is known: no list holds it, so only a fence or right
// that allows everything lets it through (B-05).
constexpr std::string_view own_mailbox = "(own)";

// An address, or the directory id of somebody: without a directory no list holds one.
Result<std::string> spelled_touched(std::string_view mailbox) {
    if (auto id = core::parse_directory_id(mailbox)) return *std::move(id);
    return core::parse_mailbox(mailbox);
}

bool has_role(const Standing& standing, core::Role role) { return std::ranges::find(standing.roles, role) != standing.roles.end(); }

std::optional<FolderRight> by_place(const Standing& standing, const core::Folder& folder) {
    using Kind = core::Principal::Kind;
    if (standing.caller.kind == Kind::system) return FolderRight::edit;
    if (standing.caller.kind == Kind::key) {
        // A key's rights already name actions, folders and connections; the default folder adds no second limit.
        if (folder.is_default && !folder.private_to) return FolderRight::edit;
        return std::nullopt;
    }
    if (standing.roles.empty()) return std::nullopt;
    if (folder.private_to) {
        if (folder.private_to->bytes() == standing.caller.id) return FolderRight::edit;
        return has_role(standing, core::Role::administrator) ? std::optional(FolderRight::see) : std::nullopt;
    }
    if (has_role(standing, core::Role::administrator)) return FolderRight::edit;
    if (folder.is_default) {
        if (has_role(standing, core::Role::builder)) return FolderRight::edit;
        if (has_role(standing, core::Role::user)) return FolderRight::use;
    }
    if (has_role(standing, core::Role::auditor)) return FolderRight::see;
    return std::nullopt;
}

bool holds_grant(const Standing& standing, const core::FolderGrant& grant) {
    using Kind = core::Principal::Kind;
    switch (grant.holder) {
        case core::FolderGrant::Holder::person: return standing.caller.kind == Kind::person && grant.holder_id == standing.caller.id;
        case core::FolderGrant::Holder::key: return standing.caller.kind == Kind::key && grant.holder_id == standing.caller.id;
        case core::FolderGrant::Holder::group:
            return std::ranges::any_of(standing.groups, [&](core::GroupId group) { return group.bytes() == grant.holder_id; });
    }
    return false;
}

}  // namespace

bool reaches_provider(Action action) { return !core::touched_by(action).empty(); }

std::optional<FolderRight> right_in_folder(const Standing& standing, core::FolderId folder) {
    const auto found = std::ranges::find(standing.folders, folder, &core::Folder::id);
    if (found == standing.folders.end() || found->workspace != standing.caller.workspace) return std::nullopt;
    auto right = by_place(standing, *found);
    for (const auto& grant : standing.grants) {
        if (grant.workspace != standing.caller.workspace || grant.folder != folder || !holds_grant(standing, grant)) continue;
        if (!right || *right < grant.right) right = grant.right;
    }
    return right;
}

std::vector<core::GroupId> with_groups_above(std::vector<core::GroupId> groups, const std::vector<core::Group>& tree) {
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const auto found = std::ranges::find(tree, groups[i], &core::Group::id);
        if (found == tree.end() || !found->parent) continue;
        const auto parent = *found->parent;
        if (std::ranges::find(groups, parent) == groups.end()) groups.push_back(parent);
    }
    return groups;
}

Result<void> check_usable(const core::Connection& connection) {
    const auto refuse = [&](Errc code, std::string fallback) {
        return fail(Error{code, connection.state_detail.empty() ? std::move(fallback) : connection.state_detail, {{"connection", connection.name.text()}}});
    };
    const auto name = "the connection " + connection.name.text();
    switch (connection.state) {
        case core::ConnectionState::draft: return refuse(Errc::connection_draft, name + " has not been connected yet");
        case core::ConnectionState::paused: return refuse(Errc::connection_paused, name + " is paused");
        case core::ConnectionState::needs_user: return refuse(Errc::reconnect_required, name + " needs its owner to sign in again");
        case core::ConnectionState::needs_secret: return refuse(Errc::needs_app_owner, name + " needs a new client secret in its client registration");
        case core::ConnectionState::needs_admin: return refuse(Errc::needs_admin, name + " waits for the provider's administrator");
        case core::ConnectionState::revoked: return refuse(Errc::reconnect_required, name + " was revoked");
        case core::ConnectionState::active:
        case core::ConnectionState::expiring:
        case core::ConnectionState::degraded: return {};
    }
    return {};
}

Task<Result<Standing>> Access::standing(core::Principal caller) {
    Standing standing;
    auto folders = co_await workspaces_.all_folders(caller.workspace);
    if (!folders) co_return propagate(folders);
    auto grants = co_await workspaces_.all_folder_grants(caller.workspace);
    if (!grants) co_return propagate(grants);
    auto tree = co_await workspaces_.all_groups(caller.workspace);
    if (!tree) co_return propagate(tree);
    if (caller.kind == core::Principal::Kind::person) {
        auto membership = co_await workspaces_.find_membership(caller.workspace, core::PersonId(caller.id));
        if (!membership && membership.error().code != Errc::not_found) co_return propagate(membership);
        if (membership) {
            standing.roles = std::move(membership->roles);
            standing.groups = with_groups_above(std::move(membership->groups), *tree);
        }
    }
    standing.folders = *std::move(folders);
    standing.grants = *std::move(grants);
    standing.tree = *std::move(tree);
    standing.caller = std::move(caller);
    co_return standing;
}

Task<Result<std::vector<core::GroupId>>> Access::owner_groups(core::Connection connection, std::vector<core::Group> tree) {
    if (!connection.owner) co_return std::vector<core::GroupId>{};
    auto membership = co_await workspaces_.find_membership(connection.workspace, *connection.owner);
    // An owner who left the workspace stands in no group of it any more.
    if (!membership && membership.error().code == Errc::not_found) co_return std::vector<core::GroupId>{};
    if (!membership) co_return propagate(membership);
    co_return with_groups_above(std::move(membership->groups), tree);
}

// What the session was connected for takes the place of what a call leaves open; the policy refuses anything else.
Result<void> Access::fill_from_session(const core::Principal& caller, std::string& mailbox, std::string& act_as) {
    if (!caller.limit) return {};
    const auto& limit = *caller.limit;
    if (mailbox.empty()) mailbox = limit.mailbox;
    if (limit.act_as.empty() || act_as.empty()) {
        if (!limit.act_as.empty()) act_as = limit.act_as;
        return {};
    }
    auto wanted = core::parse_mailbox(act_as, "act_as");
    if (!wanted) return propagate(wanted);
    if (*wanted != limit.act_as) return fail(Errc::denied, "the session was connected to act as somebody else");
    return {};
}

Task<Result<Granted>> Access::authorize(core::Principal caller, core::Name connection, Action action, std::string mailbox, std::string act_as,
                                        core::TouchedAs as) {
    auto found = co_await connections_.find_connection(caller.workspace, connection);
    if (!found && found.error().code == Errc::not_found)
        co_return fail(Errc::not_found, "there is no connection " + connection.text() + " that this caller may see");
    if (!found) co_return propagate(found);
    co_return co_await authorize_loaded(std::move(caller), *std::move(found), action, std::move(mailbox), std::move(act_as), as);
}

Task<Result<Granted>> Access::authorize_loaded(core::Principal caller, core::Connection connection, Action action, std::string mailbox, std::string act_as,
                                               core::TouchedAs as) {
    if (caller.workspace != connection.workspace) co_return fail(Errc::not_found, "there is no such connection that this caller may see");
    if (auto filled = fill_from_session(caller, mailbox, act_as); !filled) co_return propagate(filled);
    if (const auto* from = core::source_of(connection.sources, "mailbox"); from != nullptr && reaches_provider(action) && mailbox.empty()) {
        auto source = core::parse_value_source(*from, "mailbox");
        if (!source) co_return propagate(source);
        if (values_ == nullptr) co_return fail(Errc::source_refused, "references are not read here");
        auto value = co_await values_->resolve_text(connection.workspace, *std::move(source), {}, {});
        if (!value) co_return fail(std::move(value.error()).with("connection", connection.name.text()));
        mailbox = *std::move(value);
    }
    auto place = co_await standing(std::move(caller));
    if (!place) co_return propagate(place);
    if (reaches_provider(action)) {
        if (connection.token_type == core::TokenType::user_specific)
            co_return co_await authorize_as(*std::move(place), std::move(connection), action, std::move(mailbox), std::move(act_as), as);
        if (connection.is_personal())
            co_return co_await authorize_personal(*std::move(place), std::move(connection), action, std::move(mailbox), std::move(act_as), as);
    }
    auto groups = co_await owner_groups(connection, place->tree);
    if (!groups) co_return propagate(groups);
    // What stays inside Renkei is done with nobody's account.
    if (!reaches_provider(action)) act_as.clear();
    co_return co_await judge_with_account(*std::move(place), std::move(connection), action, std::move(mailbox), std::move(act_as), *std::move(groups), as);
}

Task<Result<Granted>> Access::judge(Standing standing, core::Connection connection, Action action, std::string mailbox, std::vector<core::GroupId> owner_groups,
                                    core::TouchedAs as) const {
    const auto* manifest = catalog_.find(connection.connector);
    // A connector that gives tokens only has no mailboxes: there is nothing for a fence to stand around.
    const bool has_mailboxes = reaches_provider(action) && (manifest == nullptr || !manifest->adapter.empty());
    Result<std::string> spelled = std::string();
    if (!mailbox.empty())
        spelled = spelled_touched(mailbox);
    else if (has_mailboxes)
        spelled = connection.mailbox;
    const bool own = spelled && spelled->empty() && has_mailboxes;
    const std::string_view judged = !spelled || own ? own_mailbox : std::string_view(*spelled);
    const auto right = right_in_folder(standing, connection.folder);
    // Whoever may not do this at all sets off no question to the provider.
    FenceFacts::Known known;
    if (facts_ != nullptr && spelled && !own && core::decide(standing.caller, action, connection, right, owner_groups, {}, clock_.now()).allowed) {
        auto asked = co_await facts_->known(connection, *spelled, as);
        if (!asked) co_return propagate(asked);
        known = *std::move(asked);
    }
    const core::Touched touched(judged, as, known.has_directory ? &known.hits : nullptr);
    auto decision = core::decide(standing.caller, action, connection, right, owner_groups, touched, clock_.now());
    const auto about = [&](Error error) { return fail(std::move(error).with("connection", connection.name.text())); };
    if (!decision.allowed && !decision.visible) {
        const bool over = decision.code == Errc::unauthenticated || decision.code == Errc::session_refused;
        const auto code = over ? decision.code : Errc::not_found;
        co_return fail(code, code == Errc::not_found ? "there is no connection " + connection.name.text() + " that this caller may see" : decision.reason);
    }
    if (!spelled) co_return propagate(spelled);
    if (!decision.allowed && own && decision.code == Errc::outside_fence)
        co_return about({Errc::outside_fence, "name a mailbox: the connection has none of its own, and its list does not allow every mailbox"});
    // A connection that does not work asks no directory: what is wrong with it is the better answer.
    if (decision.code == Errc::fence_unknown)
        if (auto usable = check_usable(connection); !usable) co_return propagate(usable);
    if (!decision.allowed) co_return about({decision.code, decision.reason});
    if (own && connection.mode == core::ConnectionMode::client_credentials)
        co_return bad_field("mailbox", "this connection speaks for an application, which has no mailbox of its own: name one");
    if (reaches_provider(action))
        if (auto usable = check_usable(connection); !usable) co_return propagate(usable);
    co_return Granted{std::move(connection), *std::move(spelled), std::move(decision.reason), std::move(decision.directory_id)};
}

Task<Result<void>> Access::authorize_folder(core::Principal caller, core::FolderId folder, FolderRight needed) {
    auto place = co_await standing(std::move(caller));
    if (!place) co_return propagate(place);
    const auto right = right_in_folder(*place, folder);
    if (!right) co_return fail(Errc::not_found, "there is no such folder that this caller may see");
    if (*right < needed) co_return fail(Errc::denied, "the folder does not give the caller enough rights");
    co_return Result<void>();
}

}  // namespace renkei::app
