#include "core/policy.hpp"

#include <algorithm>

namespace renkei::core {
namespace {

template <class List, class Item>
bool holds(const List& list, const Item& item) {
    return std::ranges::find(list, item) != list.end();
}

template <class List, class Item>
bool admits(const List& list, const Item& item) {
    return list.empty() || holds(list, item);
}

bool covers(const Right& right, Action action, const Connection& connection, const std::vector<GroupId>& owner_groups) {
    if (!holds(right.actions, action)) return false;
    if (!admits(right.connectors, connection.connector) || !admits(right.folders, connection.folder)) return false;
    if (!admits(right.connections, connection.name.text())) return false;
    return right.groups.empty() || std::ranges::any_of(owner_groups, [&](GroupId group) { return holds(right.groups, group); });
}

FolderRight needed_in_folder(Action action) {
    switch (action) {
        case Action::connections_read: return FolderRight::see;
        case Action::connections_write: return FolderRight::edit;
        default: return FolderRight::use;
    }
}

std::string missing(Action action) { return "the caller lacks the right " + std::string(text_of(action)); }

bool ended(const Principal& caller, TimePoint now) { return caller.expires_at && *caller.expires_at <= now; }

}  // namespace

Decision decide(const Principal& caller, Action action, TimePoint now) {
    if (ended(caller, now)) return {false, false, Errc::unauthenticated, "the caller's rights have expired"};
    for (const auto& right : caller.rights)
        if (holds(right.actions, action)) return {true, true, Errc::denied, "granted by a right of the caller"};
    return {false, true, Errc::denied, missing(action)};
}

Decision decide(const Principal& caller, Action action, const Connection& connection, std::optional<FolderRight> folder_right,
                const std::vector<GroupId>& owner_groups, std::string_view mailbox, TimePoint now) {
    if (ended(caller, now)) return {false, false, Errc::unauthenticated, "the caller's rights have expired"};
    if (caller.workspace != connection.workspace) return {false, false, Errc::not_found, "another workspace"};
    if (!folder_right) return {false, false, Errc::not_found, "the folder gives the caller no right"};
    if (*folder_right < needed_in_folder(action)) return {false, true, Errc::denied, "the folder does not give the caller enough rights"};
    bool action_held = false;
    for (const auto& right : caller.rights) {
        if (!covers(right, action, connection, owner_groups)) continue;
        action_held = true;
        if (!mailbox.empty() && !admits(right.mailboxes, mailbox)) continue;
        if (!mailbox.empty() && !connection.fence.allows(mailbox)) return {false, true, Errc::outside_fence, "the mailbox is not on the connection's list"};
        return {true, true, Errc::denied, "granted by a right of the caller"};
    }
    if (action_held) return {false, true, Errc::denied, "the caller's right does not cover this mailbox"};
    return {false, true, Errc::denied, missing(action) + " on this connection"};
}

}  // namespace renkei::core
