#include "base/encoding.hpp"
#include "sandbox/graph/directory_filter.hpp"
#include "sandbox/graph/handlers.hpp"
#include "sandbox/graph/render.hpp"

#include <algorithm>

// Groups: https://learn.microsoft.com/graph/api/resources/group, …/group-list-members, …/user-list-memberof

namespace renkei::sandbox::graph {
namespace {

constexpr std::size_t default_page = 100;
constexpr std::string_view group_filtered[] = {"id", "displayName", "mail"};

json::object render_group(const SandboxGroup& group) {
    json::object out{{"id", group.id}, {"displayName", group.name}, {"description", nullptr}};
    out["mail"] = group.mail.empty() ? json::value(nullptr) : json::value(group.mail);
    out["mailEnabled"] = !group.mail.empty();
    out["mailNickname"] = group.mail.empty() ? group.id.substr(0, 8) : group.mail.substr(0, group.mail.find('@'));
    out["securityEnabled"] = group.mail.empty();
    out["groupTypes"] = group.team ? json::array{"Unified"} : json::array{};
    json::array addresses;
    if (!group.mail.empty()) addresses.push_back(json::value("SMTP:" + group.mail));
    out["proxyAddresses"] = std::move(addresses);
    out["visibility"] = group.team ? json::value("Private") : json::value(nullptr);
    return out;
}

// A page of directory objects, 100 unless told otherwise.
Answer page_of(const Call& call, const Fields& options, const std::string& context, std::vector<json::object> all) {
    auto query = parse_query(options, call.now(), QueryFor::other);
    if (!query) return std::unexpected(query.error());
    if (std::ranges::none_of(options, [](const auto& one) { return equal_ignoring_case(one.first, "$top"); })) query->top = default_page;
    json::array value;
    for (auto at = query->skip; at < all.size() && value.size() < query->top; ++at) {
        keep_selected(all[at], *query);
        value.push_back(std::move(all[at]));
    }
    json::object out{{"@odata.context", base_address(call.request) + "/v1.0/$metadata#" + context}};
    if (query->count) out["@odata.count"] = all.size();
    if (query->skip + query->top < all.size()) out["@odata.nextLink"] = next_link(call.request, *query);
    out["value"] = std::move(value);
    return answer_json(call, 200, std::move(out));
}

GraphError no_group(const std::string& id) {
    return {404, "Request_ResourceNotFound",
            "Resource '" + id.substr(0, 120) + "' does not exist or one of its queried reference-property objects are not present."};
}

// Groups are addressed by their id only.
Outcome<SandboxGroup*> group_of(Call& call) {
    auto* group = call.world.find_group(call.args.front(), call.token.tenant);
    if (!group || !equal_ignoring_case(group->id, call.args.front())) return std::unexpected(no_group(call.args.front()));
    return group;
}

void add_once(std::vector<std::string>& to, const std::string& id) {
    if (std::ranges::find(to, id) == to.end()) to.push_back(id);
}

// Members of the group and of the groups in it; each once, however the groups hold each other.
std::vector<std::string> all_members(World& world, const SandboxGroup& group) {
    std::vector<std::string> ids = group.members;
    for (std::size_t i = 0; i < ids.size(); ++i)
        if (const auto* inner = world.find_group(ids[i], group.tenant))
            for (const auto& id : inner->members)
                if (id != group.id) add_once(ids, id);
    return ids;
}

std::vector<const SandboxGroup*> groups_with(Call& call, bool transitive) {
    std::vector<std::string> holders{call.user->id};
    std::vector<const SandboxGroup*> found;
    for (std::size_t i = 0; i < holders.size() && (transitive || i == 0); ++i)
        for (const auto& group : call.world.groups()) {
            const bool known = std::ranges::find(found, &group) != found.end();
            if (known || group.tenant != call.token.tenant || std::ranges::find(group.members, holders[i]) == group.members.end()) continue;
            found.push_back(&group);
            holders.push_back(group.id);
        }
    return found;
}

bool selects(const Call& call, std::string_view property) {
    return std::ranges::any_of(call.request.query, [&](const auto& option) {
        return equal_ignoring_case(option.first, "$select") && option.second.find(property) != std::string::npos;
    });
}

std::vector<json::object> rendered(Call& call, const std::vector<std::string>& ids) {
    const bool whole = call.token.allows("User.Read.All") || call.token.allows("Directory.Read.All");
    const bool profiles = call.token.allows("User.Read.All") || call.token.allows("User.ReadBasic.All") || call.token.allows("Directory.Read.All");
    std::vector<json::object> out;
    for (const auto& id : ids) {
        json::object one;
        if (const auto* user = call.world.find_user(id, call.token.tenant)) {
            // Without a right to read people only their type and id are shown.
            one = profiles ? render_user(*user, true) : json::object{{"id", user->id}};
            if (whole && selects(call, "proxyAddresses")) {
                json::array addresses;
                for (const auto& address : proxy_addresses(*user)) addresses.push_back(json::value(address));
                one["proxyAddresses"] = std::move(addresses);
            }
            one["@odata.type"] = "#microsoft.graph.user";
        } else if (const auto* group = call.world.find_group(id, call.token.tenant)) {
            one = render_group(*group);
            one["@odata.type"] = "#microsoft.graph.group";
        } else {
            continue;  // deleted
        }
        out.push_back(std::move(one));
    }
    return out;
}

Answer memberships(Call& call, bool transitive) {
    std::vector<json::object> all;
    for (const auto* group : groups_with(call, transitive)) {
        all.push_back(render_group(*group));
        all.back()["@odata.type"] = "#microsoft.graph.group";
    }
    return page_of(call, call.request.query, "directoryObjects", std::move(all));
}

Answer members(Call& call, bool transitive) {
    const auto group = group_of(call);
    if (!group) return std::unexpected(group.error());
    return page_of(call, call.request.query, "directoryObjects", rendered(call, transitive ? all_members(call.world, **group) : (*group)->members));
}

}  // namespace

Answer list_groups(Call& call) {
    Fields options = call.request.query;
    DirectoryTest test = [](const DirectoryValues&) { return true; };
    const auto filter = std::ranges::find_if(options, [](const auto& option) { return equal_ignoring_case(option.first, "$filter"); });
    if (filter != options.end()) {
        auto parsed = parse_directory_filter(filter->second, group_filtered);
        if (!parsed) return std::unexpected(parsed.error());
        test = std::move(*parsed);
        options.erase(filter);
    }
    std::vector<json::object> all;
    for (const auto& group : call.world.groups()) {
        const auto values = [&](std::string_view name) { return std::vector<std::string>{name == "id" ? group.id : name == "mail" ? group.mail : group.name}; };
        if (group.tenant == call.token.tenant && test(values)) all.push_back(render_group(group));
    }
    return page_of(call, options, "groups", std::move(all));
}

Answer get_group(Call& call) {
    const auto group = group_of(call);
    if (!group) return std::unexpected(group.error());
    const auto query = parse_query(call.request.query, call.now(), QueryFor::other);
    if (!query) return std::unexpected(query.error());
    auto entity = render_group(**group);
    keep_selected(entity, *query);
    json::object out{{"@odata.context", base_address(call.request) + "/v1.0/$metadata#groups/$entity"}};
    for (auto& [key, value] : entity) out[key] = value;
    return answer_json(call, 200, std::move(out));
}

Answer list_members(Call& call) { return members(call, false); }
Answer list_transitive_members(Call& call) { return members(call, true); }
Answer list_memberships(Call& call) { return memberships(call, false); }
Answer list_transitive_memberships(Call& call) { return memberships(call, true); }

Answer get_member_groups(Call& call) {
    const auto body = json_body(call);
    if (!body) return std::unexpected(body.error());
    const auto* only = find_any_case(*body, "securityEnabledOnly");
    if (!only || !only->is_bool()) return bad_request("The parameter 'securityEnabledOnly' is missing or no boolean.");
    json::array ids;
    for (const auto* group : groups_with(call, true))
        if (!only->get_bool() || group->mail.empty()) ids.emplace_back(group->id);
    return answer_json(call, 200, {{"@odata.context", base_address(call.request) + "/v1.0/$metadata#Collection(Edm.String)"}, {"value", std::move(ids)}});
}

}  // namespace renkei::sandbox::graph
