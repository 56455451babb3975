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

// A list of mailboxes in a right holds somebody by what the caller wrote, or by another name of the same mailbox.
bool admits_touched(const std::vector<std::string>& list, const Touched& touched) {
    if (touched.who.empty() || admits(list, touched.who)) return true;
    return touched.known != nullptr && std::ranges::any_of(*touched.known, [&](const FenceHit& hit) {
               return hit.state == FenceState::resolved && std::ranges::any_of(hit.names, [&](const std::string& name) { return holds(list, name); });
           });
}

// What a session narrows: connection ∩ key ∩ what was asked for.
std::optional<Decision> beyond_session(const Principal& caller, Action action, const Connection& connection, const Touched& touched, TimePoint now) {
    if (!caller.limit) return std::nullopt;
    const auto& limit = *caller.limit;
    if (limit.until <= now) return Decision{false, false, Errc::session_refused, "the session is over"};
    if (connection.id != limit.connection && connection.managed_by != limit.connection)
        return Decision{false, false, Errc::not_found, "the session is for another connection"};
    if (!limit.actions.contains(action)) return Decision{false, true, Errc::denied, "the session was not connected for " + std::string(text_of(action))};
    if (!limit.mailbox.empty() && touched.as != TouchedAs::act_as && !admits_touched({limit.mailbox}, touched))
        return Decision{false, true, Errc::denied, "the session was connected for another mailbox"};
    return std::nullopt;
}

bool ended(const Principal& caller, TimePoint now) { return caller.expires_at && *caller.expires_at <= now; }

}  // namespace

Decision decide(const Principal& caller, Action action, TimePoint now) {
    if (ended(caller, now)) return {false, false, Errc::unauthenticated, "the caller's rights have expired"};
    if (caller.limit && caller.limit->until <= now) return {false, false, Errc::session_refused, "the session is over"};
    if (caller.limit && !caller.limit->actions.contains(action))
        return {false, true, Errc::denied, "the session was not connected for " + std::string(text_of(action))};
    for (const auto& right : caller.rights)
        if (holds(right.actions, action)) return {true, true, Errc::denied, "granted by a right of the caller"};
    return {false, true, Errc::denied, missing(action)};
}

Decision decide(const Principal& caller, Action action, const Connection& connection, std::optional<FolderRight> folder_right,
                const std::vector<GroupId>& owner_groups, Touched touched, TimePoint now) {
    if (ended(caller, now)) return {false, false, Errc::unauthenticated, "the caller's rights have expired"};
    if (caller.workspace != connection.workspace) return {false, false, Errc::not_found, "another workspace"};
    if (auto beyond = beyond_session(caller, action, connection, touched, now)) return *std::move(beyond);
    if (!folder_right) return {false, false, Errc::not_found, "the folder gives the caller no right"};
    if (*folder_right < needed_in_folder(action)) return {false, true, Errc::denied, "the folder does not give the caller enough rights"};
    bool action_held = false;
    for (const auto& right : caller.rights) {
        if (!covers(right, action, connection, owner_groups)) continue;
        action_held = true;
        if (!admits_touched(right.mailboxes, touched)) continue;
        const auto fence = touched.who.empty() ? FenceAnswer{true} : judge(connection.fence, touched, now);
        if (!fence.inside) return {false, true, fence.code, std::string(fence.reason)};
        return {true, true, Errc::denied, "granted by a right of the caller", std::string(fence.directory_id)};
    }
    if (action_held) return {false, true, Errc::denied, "the caller's right does not cover this mailbox"};
    return {false, true, Errc::denied, missing(action) + " on this connection"};
}

}  // namespace renkei::core
