#include "adapters/api/show_people.hpp"

#include "adapters/api/show.hpp"

#include <algorithm>

namespace renkei::api {

json::array shown_roles(const std::vector<core::Role>& roles) {
    json::array list;
    for (const auto role : roles) list.emplace_back(json::view(core::text_of(role)));
    return list;
}

const std::string& name_of(const app::Member& member) { return member.membership.active ? member.person.display_name : member.membership.invited_name; }

json::object shown_member(const app::Member& member, const std::vector<core::Group>& groups) {
    const auto& membership = member.membership;
    json::array names;
    for (const auto& group : groups)
        if (std::ranges::find(membership.groups, group.id) != membership.groups.end()) names.emplace_back(group.name.text());
    return {{"id", member.person.id.text()},          {"email", member.person.email},
            {"display_name", name_of(member)},        {"state", membership.active ? "active" : "invited"},
            {"roles", shown_roles(membership.roles)}, {"groups", std::move(names)},
            {"since", shown_time(membership.since)},  {"version", membership.version}};
}

json::object shown_group(const app::ShownGroup& shown) {
    return {{"name", shown.group.name.text()},
            {"id", shown.group.id.text()},
            {"title", shown.group.title},
            {"parent", shown.parent.empty() ? json::value(nullptr) : json::value(shown.parent)},
            {"version", shown.group.version}};
}

json::object shown_session(const core::Session& session) {
    return {{"id", session.id.text()},
            {"address", session.address},
            {"agent", session.agent},
            {"created_at", shown_time(session.created_at)},
            {"last_seen_at", shown_time(session.last_seen_at)},
            {"idle_until", shown_time(session.idle_until)},
            {"ends_at", shown_time(session.ends_at)}};
}

}  // namespace renkei::api
