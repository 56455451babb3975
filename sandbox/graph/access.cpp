#include "base/encoding.hpp"
#include "sandbox/graph/call.hpp"

#include <algorithm>

// Which permission allows what: section 4.9 and 8 of the reference, https://learn.microsoft.com/graph/permissions-reference.

namespace renkei::sandbox::graph {
namespace {

bool any_allowed(const TokenFacts& token, std::initializer_list<std::string_view> permissions) {
    return std::ranges::any_of(permissions, [&](std::string_view one) { return token.allows(one); });
}

bool holds(const std::vector<std::string>& list, std::string_view text) { return std::ranges::find(list, text) != list.end(); }

/// Delegated, another person's mailbox: the .Shared permission and a right in Exchange (section 4.8).
bool shared_allowed(const Call& call, Access access) {
    if (!holds(call.user->delegates, call.token.user)) return false;
    switch (access) {
        case Access::mail_basic:
        case Access::mail_read: return any_allowed(call.token, {"Mail.Read.Shared", "Mail.ReadWrite.Shared"});
        case Access::mail_write: return any_allowed(call.token, {"Mail.ReadWrite.Shared"});
        case Access::mail_send: return any_allowed(call.token, {"Mail.Send.Shared"});
        default: return false;
    }
}

bool mail_allowed(const TokenFacts& token, Access access) {
    if (access == Access::mail_send) return any_allowed(token, {"Mail.Send"});
    if (access == Access::mail_write) return any_allowed(token, {"Mail.ReadWrite"});
    if (any_allowed(token, {"Mail.Read", "Mail.ReadWrite"})) return true;
    return access == Access::mail_basic && any_allowed(token, {token.app_only() ? "Mail.ReadBasic.All" : "Mail.ReadBasic"});
}

bool profile_allowed(const Call& call, Access access) {
    const bool everyone = any_allowed(call.token, {"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "User.ReadBasic.All"});
    if (everyone) return true;
    if (call.token.app_only()) return false;
    return access == Access::profile && call.user && call.own() && any_allowed(call.token, {"User.Read", "User.ReadWrite"});
}

bool groups_allowed(const Call& call, Access access) {
    if (any_allowed(call.token, {"GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All", "Directory.Read.All"})) return true;
    // A person's own memberships come with the right to read oneself.
    return access == Access::memberships && !call.token.app_only() && call.user && call.own() && any_allowed(call.token, {"User.Read"});
}

bool files_allowed(const Call& call) {
    if (any_allowed(call.token, {"Files.Read.All", "Files.ReadWrite.All", "Sites.Read.All", "Sites.ReadWrite.All"})) return call.token.app_only() || call.own();
    return !call.token.app_only() && call.own() && any_allowed(call.token, {"Files.Read", "Files.ReadWrite"});
}

Outcome<void> denied(std::string code, std::string message) { return refuse(403, std::move(code), std::move(message)); }

Outcome<void> missing_scopes(const Call& call, std::string_view needed) {
    std::string held;
    for (const auto& one : call.token.app_only() ? call.token.roles : call.token.scopes) held += (held.empty() ? "" : ",") + one;
    return denied("Forbidden",
                  "Missing scope permissions on the request. API requires one of '" + std::string(needed) + "'. Scopes on the request '" + held + "'");
}

/// Application access policies narrow what was consented to; RBAC for Applications adds to it (section 4.8).
Outcome<void> check_app_mail(Call& call, Access access) {
    const auto* app = call.world.find_app(call.token.app);
    const bool consented = mail_allowed(call.token, access);
    const bool within = !app || !app->mailboxes || holds(*app->mailboxes, call.user->id);
    auto rights = call.token;
    if (consented && within) {
        call.basic_only = access == Access::mail_basic && !mail_allowed(rights, Access::mail_read);
        return {};
    }
    if (app && holds(app->exchange_mailboxes, call.user->id)) {
        rights.roles.clear();
        for (const std::string_view role : app->exchange_roles)
            rights.roles.emplace_back(role.starts_with("Application ") ? role.substr(std::string_view("Application ").size()) : role);
        if (mail_allowed(rights, access)) {
            call.basic_only = access == Access::mail_basic && !mail_allowed(rights, Access::mail_read);
            return {};
        }
    }
    if (consented) return denied("ErrorAccessDenied", "Access to OData is disabled.");
    return access_denied();
}

}  // namespace

bool is_mail(Access access) { return access >= Access::mail_basic; }

Outcome<void> check_access(Call& call, Access access) {
    switch (access) {
        case Access::profile:
        case Access::users:
            if (profile_allowed(call, access)) return {};
            return denied("Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
        case Access::memberships:
        case Access::groups:
            if (groups_allowed(call, access)) return {};
            return denied("Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
        case Access::organization:
            if (any_allowed(call.token, {"Organization.Read.All", "Directory.Read.All"})) return {};
            if (!call.token.app_only() && any_allowed(call.token, {"User.Read"})) return {};
            return denied("Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
        case Access::files:
            if (files_allowed(call)) return {};
            return denied("accessDenied", "Access denied");
        case Access::sites:
            if (any_allowed(call.token, {"Sites.Read.All", "Sites.ReadWrite.All"})) return {};
            return denied("accessDenied", "Access denied");
        case Access::teams:
            if (any_allowed(call.token, {"Team.ReadBasic.All"}) && (call.token.app_only() || call.own())) return {};
            return missing_scopes(call, "Team.ReadBasic.All");
        case Access::channels:
            if (any_allowed(call.token, {"Channel.ReadBasic.All"})) return {};
            return missing_scopes(call, "Channel.ReadBasic.All");
        default: break;
    }
    if (call.token.app_only()) return check_app_mail(call, access);
    if (!call.own()) {
        if (shared_allowed(call, access)) return {};
        return access_denied();
    }
    if (!mail_allowed(call.token, access)) return access_denied();
    call.basic_only = access == Access::mail_basic && !mail_allowed(call.token, Access::mail_read);
    return {};
}

}  // namespace renkei::sandbox::graph
