#include "base/encoding.hpp"
#include "sandbox/graph/handlers.hpp"

#include <algorithm>

// One call each of OneDrive, SharePoint, Teams and the organization, so that every Graph connector can be shown to work. Their data
// follows from who exists.

namespace renkei::sandbox::graph {
namespace {

std::string web(const Call& call, const std::string& path) { return base_address(call.request) + "/web/" + path; }
std::string drive_id(const SandboxUser& user) { return "b!" + base64url(as_bytes(user.id)); }

json::object identity(const SandboxUser& user) { return {{"user", json::object{{"id", user.id}, {"displayName", user.display_name}, {"email", user.upn}}}}; }

json::object item(const Call& call, int number, const std::string& name, std::int64_t size) {
    const auto& user = *call.user;
    return {{"id", "01SANDBOX" + std::to_string(number)},
            {"name", name},
            {"size", size},
            {"createdDateTime", "2026-04-01T00:00:00Z"},
            {"lastModifiedDateTime", "2026-04-02T00:00:00Z"},
            {"webUrl", web(call, percent_encode(user.upn) + "/" + percent_encode(name))},
            {"createdBy", identity(user)},
            {"parentReference", json::object{{"driveId", drive_id(user)}, {"driveType", "business"}, {"path", "/drive/root:"}}}};
}

Answer collection(const Call& call, const std::string& context, json::array value) {
    json::object out{{"@odata.context", base_address(call.request) + "/v1.0/$metadata#" + context}};
    out["value"] = std::move(value);
    return answer_json(call, 200, std::move(out));
}

// Who has no licence for mail has none for files.
std::optional<GraphError> no_drive(const SandboxUser& user) {
    if (user.mailbox && !user.shared()) return std::nullopt;
    return GraphError{404, "ResourceNotFound", "User's mysite not found."};
}

}  // namespace

Answer get_drive(Call& call) {
    if (auto missing = no_drive(*call.user)) return std::unexpected(std::move(*missing));
    json::object out{{"@odata.context", base_address(call.request) + "/v1.0/$metadata#drives/$entity"},
                     {"id", drive_id(*call.user)},
                     {"driveType", "business"},
                     {"name", "OneDrive"},
                     {"webUrl", web(call, percent_encode(call.user->upn))},
                     {"owner", identity(*call.user)}};
    out["quota"] =
        json::object{{"total", std::int64_t{1} << 40}, {"used", 2048}, {"remaining", (std::int64_t{1} << 40) - 2048}, {"deleted", 0}, {"state", "normal"}};
    return answer_json(call, 200, std::move(out));
}

Answer list_drive_items(Call& call) {
    if (auto missing = no_drive(*call.user)) return std::unexpected(std::move(*missing));
    auto folder = item(call, 1, "請求書", 0);
    folder["folder"] = json::object{{"childCount", 0}};
    auto file = item(call, 2, "見積.xlsx", 2048);
    file["file"] = json::object{{"mimeType", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}};
    return collection(call, "users('" + percent_encode(call.user->id) + "')/drive/root/children", {std::move(folder), std::move(file)});
}

Answer list_joined_teams(Call& call) {
    json::array teams;
    for (const auto& group : call.world.groups())
        if (group.team && std::ranges::find(group.members, call.user->id) != group.members.end())
            teams.push_back(json::object{{"id", group.id},
                                         {"displayName", group.name},
                                         {"description", group.name},
                                         {"isArchived", false},
                                         {"visibility", "private"},
                                         {"tenantId", group.tenant}});
    return collection(call, "teams", std::move(teams));
}

Answer list_channels(Call& call) {
    const auto* team = call.world.find_group(call.args.front(), call.token.tenant);
    if (!team || !team->team) return refuse(404, "NotFound", "No team found with Group Id " + call.args.front().substr(0, 60));
    if (!call.token.app_only() && std::ranges::find(team->members, call.token.user) == team->members.end())
        return refuse(403, "Forbidden", "The user is not a member of the team.");
    const auto id = "19:" + team->id.substr(0, 8) + team->id.substr(24) + "@thread.tacv2";
    json::object general{{"id", id},
                         {"displayName", "General"},
                         {"description", team->name},
                         {"membershipType", "standard"},
                         {"createdDateTime", "2026-04-01T00:00:00Z"},
                         {"webUrl", web(call, "channel/" + percent_encode(id))}};
    return collection(call, "teams('" + team->id + "')/channels", {std::move(general)});
}

Answer get_root_site(Call& call) {
    const auto* tenant = call.world.find_tenant(call.token.tenant);
    const auto host = tenant->domains.back();
    json::object out{{"@odata.context", base_address(call.request) + "/v1.0/$metadata#sites/$entity"},
                     {"id", host + "," + tenant->id + ",00000000-0000-4000-8000-000000000001"},
                     {"name", ""},
                     {"displayName", tenant->name},
                     {"createdDateTime", "2026-04-01T00:00:00Z"},
                     {"lastModifiedDateTime", "2026-04-02T00:00:00Z"},
                     {"webUrl", web(call, "")},
                     {"root", json::object{}},
                     {"siteCollection", json::object{{"hostname", host}}}};
    return answer_json(call, 200, std::move(out));
}

Answer get_organization(Call& call) {
    const auto* tenant = call.world.find_tenant(call.token.tenant);
    json::array domains;
    for (const auto& domain : tenant->domains)
        domains.push_back(json::object{{"name", domain},
                                       {"isDefault", &domain == &tenant->domains.front()},
                                       {"isInitial", &domain == &tenant->domains.back()},
                                       {"type", "Managed"},
                                       {"capabilities", "Email, OfficeCommunicationsOnline"}});
    json::object one{{"id", tenant->id}, {"displayName", tenant->name}, {"tenantType", "AAD"}, {"countryLetterCode", "JP"}, {"preferredLanguage", "ja"}};
    one["verifiedDomains"] = std::move(domains);
    return collection(call, "organization", {std::move(one)});
}

}  // namespace renkei::sandbox::graph
