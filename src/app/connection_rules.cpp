// What a connection may say: accounts, fence and scopes.
#include "app/connections.hpp"
#include "app/token_endpoint.hpp"
#include "base/encoding.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

bool is_scope(std::string_view text) {
    return !text.empty() && text.size() <= 256 && std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte > 0x20 && byte < 0x7f && c != '"' && c != '\\';
    });
}

Result<void> spell(std::string& mailbox, std::string_view field) {
    if (mailbox.empty()) return {};
    auto spelled = core::parse_mailbox(mailbox, field);
    if (!spelled) return propagate(spelled);
    mailbox = std::move(*spelled);
    return {};
}

}  // namespace

Result<core::Fence> fit_fence(core::Fence fence) {
    // `*`, `calendar:` and `group:` may be written into the one list as well.
    core::Fence fitted;
    fitted.everything = fence.everything || std::erase(fence.mailboxes, "*") > 0;
    const auto take = [&](const std::vector<std::string>& list, std::string_view prefix, const std::string& field) -> Result<void> {
        for (std::size_t i = 0; i < list.size(); ++i) {
            auto entry = core::parse_fence_entry(std::string(prefix) + list[i], field + "[" + std::to_string(i) + "]");
            if (!entry) return propagate(entry);
            fitted.add(*std::move(entry));
        }
        return {};
    };
    if (auto taken = take(fence.mailboxes, "", "fence.mailboxes"); !taken) return propagate(taken);
    if (auto taken = take(fence.calendars, "calendar:", "fence.calendars"); !taken) return propagate(taken);
    if (auto taken = take(fence.groups, "group:", "fence.groups"); !taken) return propagate(taken);
    fitted.tidy();
    if (fitted.everything && !fitted.entries().empty()) return bad_field("fence", "`fence` allows everything or names mailboxes, not both");
    return fitted;
}

Result<std::vector<std::string>> fit_scopes(std::vector<std::string> scopes) {
    for (std::size_t i = 0; i < scopes.size(); ++i)
        if (!is_scope(scopes[i])) return bad_field("scopes[" + std::to_string(i) + "]", "a scope is visible ASCII without blanks, quotes and backslashes");
    std::vector<std::string> once;
    for (auto& scope : scopes)
        if (std::ranges::find(once, scope) == once.end()) once.push_back(std::move(scope));
    return once;
}

Result<void> fit_accounts(const Manifest& manifest, core::Connection& connection, const std::optional<core::Fence>& fence) {
    const bool app_only = connection.mode == core::ConnectionMode::client_credentials;
    if (auto fits = spell(connection.act_as, "act_as"); !fits) return fits;
    if (auto fits = spell(connection.mailbox, "mailbox"); !fits) return fits;
    // A-31 and U-25 ask for the account in different fields; either habit is taken.
    if (connection.mailbox.empty()) connection.mailbox = connection.act_as;
    if (app_only && !connection.act_as.empty() && connection.act_as != connection.mailbox)
        return bad_field("act_as", "an application acts for itself: leave `act_as` out and name the `mailbox`");
    if (app_only) connection.act_as.clear();
    if (connection.mailbox.empty() && connection.sources.empty() && manifest.account_required && !manifest.adapter.empty())
        return bad_field("mailbox", "`mailbox` is required: the account, or the shared mailbox, that is meant");
    core::Fence open = fence ? *fence : core::Fence{};
    if (!fence && !connection.mailbox.empty()) open.mailboxes.push_back(connection.mailbox);
    auto fitted = fit_fence(std::move(open));
    if (!fitted) return propagate(fitted);
    connection.fence = std::move(*fitted);
    return {};
}

// Whose account is taken is decided by the e-mail address that the provider says, once: only one tenant's word can be believed.
Result<void> fit_user_specific(const Manifest& manifest, const core::ClientRegistration& registration, core::Connection& connection,
                               const std::optional<core::Fence>& fence) {
    if (connection.mode != core::ConnectionMode::authorization_code)
        return bad_field("mode", "a user-specific connection is made by each person's sign-in: its `mode` is authorization_code");
    if (!connection.act_as.empty()) return bad_field("act_as", "everybody acts for themself: leave `act_as` out");
    if (!connection.mailbox.empty()) return bad_field("mailbox", "everybody has a mailbox of their own: leave `mailbox` out; shared ones belong into `fence`");
    if (!manifest.adapter.empty() && is_shared_tenant(registration.tenant))
        return bad_field("registration", "a user-specific connection needs a client registration of one tenant: put the tenant's id or domain into it");
    auto fitted = fit_fence(fence.value_or(core::Fence{}));
    if (!fitted) return propagate(fitted);
    connection.fence = std::move(*fitted);
    connection.state = core::ConnectionState::active;  // there is nothing to finish: people connect their own accounts
    return {};
}

bool may_open(const core::Principal& caller, const core::Fence& fence) {
    const auto reaches = [](const core::Right& right, const std::string& mailbox) {
        return right.mailboxes.empty() || std::ranges::find(right.mailboxes, mailbox) != right.mailboxes.end();
    };
    const auto writes = [](const core::Right& right) { return std::ranges::find(right.actions, core::Action::connections_write) != right.actions.end(); };
    if (fence.everything) return std::ranges::any_of(caller.rights, [&](const core::Right& right) { return writes(right) && right.mailboxes.empty(); });
    const auto reached = [&](const std::string& who) {
        return std::ranges::any_of(caller.rights, [&](const core::Right& right) { return writes(right) && reaches(right, who); });
    };
    // Who stands in a group changes at the provider: no list of mailboxes covers it.
    const bool unlimited = std::ranges::any_of(caller.rights, [&](const core::Right& right) { return writes(right) && right.mailboxes.empty(); });
    return std::ranges::all_of(fence.mailboxes, reached) && std::ranges::all_of(fence.calendars, reached) && (fence.groups.empty() || unlimited);
}

}  // namespace renkei::app
