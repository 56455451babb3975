#include "base/encoding.hpp"
#include "sandbox/graph/directory_filter.hpp"
#include "sandbox/graph/handlers.hpp"
#include "sandbox/graph/render.hpp"

#include <algorithm>

namespace renkei::sandbox::graph {
namespace {

constexpr std::string_view filtered[] = {"id",      "mail",     "userPrincipalName", "displayName",    "givenName",
                                         "surname", "jobTitle", "department",        "accountEnabled", "proxyAddresses"};
constexpr std::string_view properties[] = {
    "id",      "businessPhones",    "displayName", "givenName",      "jobTitle", "mail",          "mobilePhone", "officeLocation", "preferredLanguage",
    "surname", "userPrincipalName", "department",  "accountEnabled", "userType", "proxyAddresses"};

Outcome<Query> user_query(const Call& call, const Fields& options) {
    auto query = parse_query(options, call.now(), QueryFor::other);
    if (!query) return query;
    for (const auto& name : query->select)
        if (std::ranges::find(properties, name) == std::end(properties))
            return bad_query("Could not find a property named '" + name + "' on type 'microsoft.graph.user'.");
    return query;
}

// Nobody signs in to a shared mailbox: its account is disabled.
bool account_enabled(const SandboxUser& user) { return user.enabled && !user.shared(); }

std::vector<std::string> values_of(const SandboxUser& user, std::string_view property) {
    if (property == "proxyAddresses") return proxy_addresses(user);
    if (property == "accountEnabled") return {account_enabled(user) ? "true" : "false"};
    if (property == "mail") return user.mailbox ? std::vector<std::string>{user.upn} : std::vector<std::string>{};
    const auto& value = property == "id"            ? user.id
                        : property == "displayName" ? user.display_name
                        : property == "givenName"   ? user.given_name
                        : property == "surname"     ? user.surname
                        : property == "jobTitle"    ? user.job_title
                        : property == "department"  ? user.department
                                                    : user.upn;
    return {value};
}

json::object render(const Call& call, const SandboxUser& user, const Query& query) {
    const auto& token = call.token;
    const bool whole = token.user == user.id || token.allows("User.Read.All") || token.allows("Directory.Read.All");
    auto out = render_user(user, !whole);
    const auto selected = [&](std::string_view name) { return std::ranges::find(query.select, name) != query.select.end(); };
    if (whole && selected("department")) out["department"] = user.department;
    if (whole && selected("accountEnabled")) out["accountEnabled"] = account_enabled(user);
    if (selected("userType")) out["userType"] = "Member";
    if (whole && selected("proxyAddresses")) {
        json::array addresses;
        for (const auto& one : proxy_addresses(user)) addresses.emplace_back(one);
        out["proxyAddresses"] = std::move(addresses);
    }
    keep_selected(out, query);
    return out;
}

}  // namespace

std::vector<std::string> proxy_addresses(const SandboxUser& user) {
    std::vector<std::string> out;
    if (!user.mailbox) return out;
    out.push_back("SMTP:" + user.upn);
    for (const auto& one : user.aliases) out.push_back("smtp:" + one);
    return out;
}

Answer get_user(Call& call) {
    const auto query = user_query(call, call.request.query);
    if (!query) return std::unexpected(query.error());
    json::object out{{"@odata.context", base_address(call.request) + "/v1.0/$metadata#users/$entity"}};
    for (auto& [key, value] : render(call, *call.user, *query)) out[key] = value;
    return answer_json(call, 200, std::move(out));
}

Answer list_users(Call& call) {
    Fields options = call.request.query;
    DirectoryTest test = [](const DirectoryValues&) { return true; };
    const auto is_filter = [](const auto& option) { return equal_ignoring_case(option.first, "$filter"); };
    if (const auto filter = std::ranges::find_if(options, is_filter); filter != options.end()) {
        auto parsed = parse_directory_filter(filter->second, filtered);
        if (!parsed) return std::unexpected(parsed.error());
        // Who sees basic profiles only must not learn the rest by asking for it.
        const bool basic = !call.token.allows("User.Read.All") && !call.token.allows("Directory.Read.All");
        if (basic && (filter->second.contains("accountEnabled") || filter->second.contains("proxyAddresses")))
            return refuse(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
        test = std::move(*parsed);
        options.erase(filter);
    }
    const auto query = user_query(call, options);
    if (!query) return std::unexpected(query.error());
    std::vector<const SandboxUser*> found;
    for (const auto& user : call.world.users())
        if (!user.deleted && user.tenant == call.token.tenant && test([&](std::string_view name) { return values_of(user, name); })) found.push_back(&user);
    json::array value;
    for (auto at = query->skip; at < found.size() && value.size() < query->top; ++at) value.push_back(render(call, *found[at], *query));
    json::object out{{"@odata.context", base_address(call.request) + "/v1.0/$metadata#users"}};
    if (query->count) out["@odata.count"] = found.size();
    if (query->skip + query->top < found.size()) out["@odata.nextLink"] = next_link(call.request, *query);
    out["value"] = std::move(value);
    return answer_json(call, 200, std::move(out));
}

}  // namespace renkei::sandbox::graph
