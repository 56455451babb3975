#include "base/encoding.hpp"
#include "base/json.hpp"
#include "sandbox/control/control.hpp"
#include "sandbox/login/consent.hpp"

#include <algorithm>

// What administrators do to people, groups and consents while tests run.

namespace renkei::sandbox {
namespace {

Result<std::string> text_member(const json::object& from, std::string_view name) {
    const auto text = json::text(from, name);
    if (!text || text->empty()) return bad_field(name, "is missing");
    return std::string(*text);
}

Result<SandboxUser*> user_member(World& world, const json::object& from, std::string_view name) {
    const auto who = text_member(from, name);
    if (!who) return std::unexpected(who.error());
    auto* user = world.find_user(*who);
    if (!user) return bad_field(name, "there is no such user");
    return user;
}

Result<App*> app_member(World& world, const json::object& from) {
    const auto which = text_member(from, "app");
    if (!which) return std::unexpected(which.error());
    auto* app = world.find_app(*which);
    if (!app) return bad_field("app", "there is no such app");
    return app;
}

void take_from(std::vector<std::string>& list, std::string_view text) {
    std::erase_if(list, [&](const std::string& one) { return equal_ignoring_case(one, text); });
}

bool is_address(std::string_view text) {
    const auto at = text.find('@');
    return at != 0 && at != std::string_view::npos && at + 1 < text.size() && text.find_first_of(" \t\r\n<>") == std::string_view::npos;
}

// Which refresh tokens a changed password ends (microsoft.md section 2.8): a public client's always, a confidential client's only after
// a reset in the Entra admin center.
struct PasswordChange {
    std::string_view by;
    bool confidential_too;
};
constexpr PasswordChange password_changes[] = {{"user", false}, {"self_service", false}, {"azure_portal", false}, {"admin_center", true}};

std::string changed(std::uint64_t revoked) { return json::serialize(json::object{{"ok", true}, {"revoked", revoked}}); }
std::string done() { return R"({"ok":true})"; }

// Object ids of the users and groups that a list names.
Result<std::vector<std::string>> members_of(World& world, const json::object& from, std::string_view name) {
    std::vector<std::string> ids;
    const auto* list = json::find(from, name);
    if (list == nullptr) return ids;
    if (!list->is_array()) return bad_field(name, "must be an array of users and groups");
    for (const auto& one : list->get_array()) {
        const auto who = one.is_string() ? json::view(one.get_string()) : std::string_view();
        const auto* user = world.find_user(who);
        const auto* group = user ? nullptr : world.find_group(who);
        if (!user && !group) return bad_field(name, "there is no user or group `" + std::string(who) + "`");
        ids.push_back(user ? user->id : group->id);
    }
    return ids;
}

}  // namespace

Result<std::string> ControlService::change_password(const ServerRequest& request) {
    const auto object = read_control_object(request.body);
    if (!object) return std::unexpected(object.error());
    const auto user = user_member(parts_.world, *object, "user");
    if (!user) return std::unexpected(user.error());
    const auto by = json::text(*object, "by").value_or("user");
    const auto* row = std::ranges::find(password_changes, by, &PasswordChange::by);
    if (row == std::end(password_changes)) return bad_field("by", "must be user, self_service, azure_portal or admin_center");
    if (const auto text = json::text(*object, "password"); text && !text->empty()) (*user)->password = *text;
    std::uint64_t count = 0;
    for (auto& [id, grant] : parts_.world.tokens().grants) {
        const auto* app = parts_.world.find_app(grant.app);
        if (grant.user != (*user)->id || grant.revoked || !(row->confidential_too || (app && app->public_client))) continue;
        grant.revoked = true;
        ++count;
    }
    return changed(count);
}

// The address belongs to `to` from now on. Who had it as the sign-in name gets another one.
Result<std::string> ControlService::move_address(const ServerRequest& request) {
    const auto object = read_control_object(request.body);
    if (!object) return std::unexpected(object.error());
    const auto address = text_member(*object, "address");
    if (!address) return std::unexpected(address.error());
    if (!is_address(*address)) return bad_field("address", "is no mail address");
    const auto to = user_member(parts_.world, *object, "to");
    if (!to) return std::unexpected(to.error());
    if (auto* from = parts_.world.find_user(*address)) {
        if (from == *to) return bad_field("to", "has this address already");
        if (equal_ignoring_case(from->id, *address)) return bad_field("address", "is no mail address");
        take_from(from->aliases, *address);
        if (equal_ignoring_case(from->upn, *address)) from->upn = "former-" + *address;
    }
    (*to)->aliases.push_back(*address);
    return done();
}

Result<std::string> ControlService::rename_user(const ServerRequest& request) {
    const auto object = read_control_object(request.body);
    if (!object) return std::unexpected(object.error());
    const auto user = user_member(parts_.world, *object, "user");
    if (!user) return std::unexpected(user.error());
    const auto upn = text_member(*object, "upn");
    if (!upn) return std::unexpected(upn.error());
    if (!is_address(*upn)) return bad_field("upn", "must look like a mail address");
    if (const auto* other = parts_.world.find_user(*upn); other && other != *user) return bad_field("upn", "belongs to somebody else");
    // Exchange keeps the old address as an alias.
    if (json::boolean(*object, "keep_alias").value_or(true) && !equal_ignoring_case((*user)->upn, *upn)) (*user)->aliases.push_back((*user)->upn);
    take_from((*user)->aliases, *upn);
    (*user)->upn = *upn;
    if (const auto name = json::text(*object, "display_name")) (*user)->display_name = *name;
    return done();
}

Result<std::string> ControlService::change_members(const ServerRequest& request) {
    const auto object = read_control_object(request.body);
    if (!object) return std::unexpected(object.error());
    const auto which = text_member(*object, "group");
    if (!which) return std::unexpected(which.error());
    auto* group = parts_.world.find_group(*which);
    if (!group) return bad_field("group", "there is no such group");
    const auto add = members_of(parts_.world, *object, "add");
    if (!add) return std::unexpected(add.error());
    const auto remove = members_of(parts_.world, *object, "remove");
    if (!remove) return std::unexpected(remove.error());
    for (const auto& id : *remove) take_from(group->members, id);
    for (const auto& id : *add)
        if (std::ranges::find(group->members, id) == group->members.end()) group->members.push_back(id);
    return done();
}

// An administrator's consent for a tenant, or a person's own, without a sign-in.
Result<std::string> ControlService::grant_consent(const ServerRequest& request) {
    const auto object = read_control_object(request.body);
    if (!object) return std::unexpected(object.error());
    const auto app = app_member(parts_.world, *object);
    if (!app) return std::unexpected(app.error());
    const auto text = text_member(*object, "scopes");
    if (!text) return std::unexpected(text.error());
    const auto scopes = parse_scopes(parts_.world.cloud(), *text);
    if (!scopes) return bad_field("scopes", scopes.error().text);
    if (json::text(*object, "user")) {
        const auto user = user_member(parts_.world, *object, "user");
        if (!user) return std::unexpected(user.error());
        record_consent(parts_.world, **app, **user, *scopes);
        return done();
    }
    const auto* tenant = parts_.world.find_tenant(json::text(*object, "tenant").value_or((*app)->tenant));
    if (!tenant) return bad_field("tenant", "there is no such tenant");
    consent_for_tenant(parts_.world, **app, tenant->id, *scopes);
    return done();
}

// Refresh tokens stay, but find no consent any more: 65001.
Result<std::string> ControlService::withdraw_consent(const ServerRequest& request) {
    const auto object = read_control_object(request.body.empty() ? "{}" : request.body);
    if (!object) return std::unexpected(object.error());
    std::string app_id, user_id, tenant_id;
    if (json::text(*object, "app")) {
        const auto app = app_member(parts_.world, *object);
        if (!app) return std::unexpected(app.error());
        app_id = (*app)->id;
    }
    if (json::text(*object, "user")) {
        const auto user = user_member(parts_.world, *object, "user");
        if (!user) return std::unexpected(user.error());
        user_id = (*user)->id;
    }
    if (const auto which = json::text(*object, "tenant")) {
        const auto* tenant = parts_.world.find_tenant(*which);
        if (!tenant) return bad_field("tenant", "there is no such tenant");
        tenant_id = tenant->id;
    }
    auto& tokens = parts_.world.tokens();
    const auto of_app = [&](const auto& entry) { return app_id.empty() || entry.first.first == app_id; };
    std::uint64_t count = 0;
    if (tenant_id.empty())
        count += std::erase_if(tokens.consents, [&](const auto& entry) { return of_app(entry) && (user_id.empty() || entry.first.second == user_id); });
    if (user_id.empty())
        for (auto* of_tenant : {&tokens.tenant_consents, &tokens.tenant_roles})
            count += std::erase_if(*of_tenant, [&](const auto& entry) { return of_app(entry) && (tenant_id.empty() || entry.first.second == tenant_id); });
    return json::serialize(json::object{{"ok", true}, {"withdrawn", count}});
}

}  // namespace renkei::sandbox
