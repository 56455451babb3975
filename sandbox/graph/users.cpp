#include "sandbox/graph/handlers.hpp"
#include "sandbox/graph/render.hpp"

#include <algorithm>

namespace renkei::sandbox::graph {
namespace {

constexpr std::string_view properties[] = {
    "id",      "businessPhones",    "displayName", "givenName",      "jobTitle", "mail",          "mobilePhone", "officeLocation", "preferredLanguage",
    "surname", "userPrincipalName", "department",  "accountEnabled", "userType", "proxyAddresses"};

Outcome<Query> user_query(const Call& call) {
    auto query = parse_query(call.request.query, call.now(), QueryFor::other);
    if (!query) return query;
    for (const auto& name : query->select)
        if (std::ranges::find(properties, name) == std::end(properties))
            return bad_query("Could not find a property named '" + name + "' on type 'microsoft.graph.user'.");
    return query;
}

json::object render(const Call& call, const SandboxUser& user, const Query& query) {
    const auto& token = call.token;
    const bool whole = token.user == user.id || token.allows("User.Read.All") || token.allows("Directory.Read.All");
    auto out = render_user(user, !whole);
    const auto selected = [&](std::string_view name) { return std::ranges::find(query.select, name) != query.select.end(); };
    if (whole && selected("department")) out["department"] = user.department;
    if (whole && selected("accountEnabled")) out["accountEnabled"] = user.enabled;
    if (selected("userType")) out["userType"] = "Member";
    if (whole && selected("proxyAddresses")) {
        json::array addresses{json::value("SMTP:" + user.upn)};
        for (const auto& one : user.aliases) addresses.push_back(json::value("smtp:" + one));
        out["proxyAddresses"] = std::move(addresses);
    }
    keep_selected(out, query);
    return out;
}

}  // namespace

Answer get_user(Call& call) {
    const auto query = user_query(call);
    if (!query) return std::unexpected(query.error());
    json::object out{{"@odata.context", base_address(call.request) + "/v1.0/$metadata#users/$entity"}};
    for (auto& [key, value] : render(call, *call.user, *query)) out[key] = value;
    return answer_json(call, 200, std::move(out));
}

Answer list_users(Call& call) {
    const auto query = user_query(call);
    if (!query) return std::unexpected(query.error());
    json::array value;
    std::size_t index = 0, more = 0;
    for (const auto& user : call.world.users()) {
        if (user.tenant != call.token.tenant) continue;
        const auto at = index++;
        if (at < query->skip) continue;
        if (value.size() < std::max<std::size_t>(query->top, 1))
            value.push_back(render(call, user, *query));
        else
            ++more;
    }
    json::object out{{"@odata.context", base_address(call.request) + "/v1.0/$metadata#users"}};
    if (query->count) out["@odata.count"] = index;
    if (more > 0) out["@odata.nextLink"] = next_link(call.request, *query);
    out["value"] = std::move(value);
    return answer_json(call, 200, std::move(out));
}

}  // namespace renkei::sandbox::graph
