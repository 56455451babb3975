// RBAC for Applications (https://learn.microsoft.com/exchange/permissions-exo/application-rbac): Exchange Online itself keeps an
// application inside a scope of mailboxes.
#include "adapters/providers/microsoft/graph_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace renkei::microsoft {
namespace {

// A verbatim string. PowerShell takes the four typographic single quotes for the plain one, so each is written twice
// (about_Quoting_Rules); nothing else has a meaning in it.
Result<std::string> verbatim(std::string_view text, const std::string& field) {
    constexpr std::array<std::string_view, 5> quotes{"'", "\u2018", "\u2019", "\u201a", "\u201b"};
    std::string out = "'";
    while (!text.empty()) {
        if (static_cast<unsigned char>(text.front()) < 0x20 || text.front() == 0x7f)
            return bad_field(field, "`" + field + "` has a control character in it, which cannot be written into a script");
        std::size_t taken = 1;
        for (const auto quote : quotes)
            if (text.starts_with(quote)) {
                out += quote;
                taken = quote.size();
            }
        out += text.substr(0, taken);
        text.remove_prefix(taken);
    }
    return out + "'";
}

struct Environment {
    std::string_view cloud, exchange, graph;
};
// https://learn.microsoft.com/powershell/exchange/connect-to-exchange-online-powershell,
// https://learn.microsoft.com/powershell/microsoftgraph/authentication-commands
constexpr Environment environments[] = {{"commercial", "O365Default", "Global"},
                                        {"us_gov_l4", "O365USGovGCCHigh", "USGov"},
                                        {"us_gov_l5", "O365USGovDoD", "USGovDoD"},
                                        {"china", "O365China", "China"}};

// Exchange's role for each application permission. A permission that allows writing has one of its own.
constexpr std::string_view roles_with_scopes[] = {
    "Mail.Read",      "Mail.ReadBasic",      "Mail.ReadWrite", "Mail.Send",         "MailboxSettings.Read", "MailboxSettings.ReadWrite",
    "Calendars.Read", "Calendars.ReadWrite", "Contacts.Read",  "Contacts.ReadWrite"};

std::vector<std::string> roles_for(const app::FenceScriptWanted& wanted) {
    std::vector<std::string> roles;
    for (const auto& scope : wanted.scopes) {
        const auto name = scope.substr(scope.rfind('/') == std::string::npos ? 0 : scope.rfind('/') + 1);
        if (std::ranges::find(roles_with_scopes, name) != std::end(roles_with_scopes)) roles.push_back(name);
    }
    if (!roles.empty()) return roles;
    const auto has = [&](core::FenceKind kind) { return std::ranges::any_of(wanted.rows, [&](const core::FenceRow& row) { return row.entry.kind == kind; }); };
    if (has(core::FenceKind::mailbox) || has(core::FenceKind::group)) roles = {"Mail.Read", "Mail.Send"};
    if (has(core::FenceKind::calendar) || has(core::FenceKind::group)) roles.emplace_back("Calendars.ReadWrite");
    return roles;
}

// The id says whose mailbox it is even after an address has moved; the address is for the eyes.
Result<std::string> list_of(const app::FenceScriptWanted& wanted, bool groups) {
    std::vector<std::string> lines;
    for (const auto& row : wanted.rows) {
        if ((row.entry.kind == core::FenceKind::group) != groups || row.state == core::FenceState::changed || row.state == core::FenceState::missing) continue;
        auto text = verbatim(row.directory_id.empty() ? row.entry.written : row.directory_id, "fence");
        auto comment = verbatim(row.address.empty() ? row.entry.written : row.address, "fence");
        if (!text) return propagate(text);
        if (!comment) return propagate(comment);
        auto line = "    " + *text + "  # " + *comment;
        if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
    }
    std::string out = "@(\n";
    for (const auto& line : lines) out += line + "\n";
    return out + ")";
}

constexpr std::string_view head = R"ps(# Keeps an application inside the fence of the connection {connection}, at the provider itself (RBAC for Applications).
# Run it as an Exchange administrator; it may be run again after the fence has changed.
# Modules: Install-Module ExchangeOnlineManagement, Microsoft.Graph.Applications
# A scope adds up with consent in Entra ID: an application permission such as Mail.Read that is consented to there reaches every
# mailbox. Take those consents away at the end, as the last lines say, or nothing is fenced.
# Changes take between 30 minutes and two hours to act; Test-ServicePrincipalAuthorization shows them at once.
$ErrorActionPreference = 'Stop'
$AppId = {app}
$Name = {name}
$Roles = {roles}
$Mailboxes = {mailboxes}
$Groups = {groups}
$Outside = {outside}
)ps";

constexpr std::string_view body = R"ps(
Connect-MgGraph -Environment {graph} -Scopes 'Application.Read.All' -NoWelcome
$App = Get-MgServicePrincipal -Filter "appId eq '$AppId'"
if (-not $App) { throw "There is no enterprise application with the client id $AppId in this tenant." }
Connect-ExchangeOnline -ExchangeEnvironmentName {exchange} -ShowBanner:$false

# Exchange's own record of the application; -ObjectId is the one of the enterprise application.
if (-not (Get-ServicePrincipal | Where-Object AppId -eq $AppId)) {
    New-ServicePrincipal -AppId $AppId -ObjectId $App.Id -DisplayName $Name
}

# The scope is a group: it may hold any number of mailboxes.
$Fence = Get-DistributionGroup -Identity $Name -ErrorAction SilentlyContinue
if (-not $Fence) { $Fence = New-DistributionGroup -Name $Name -Type Security -MemberDepartRestriction Closed -MemberJoinRestriction Closed }
Set-DistributionGroup -Identity $Name -HiddenFromAddressListsEnabled $true
$Members = @($Mailboxes | ForEach-Object { (Get-Recipient -Identity $_).Guid.ToString() })
if ($Members.Count -eq 0) { Write-Warning 'The fence names no mailbox of its own.' }
Update-DistributionGroupMember -Identity $Name -Members $Members -Confirm:$false

# Exchange looks at direct members only: groups inside of groups have to be named by themselves.
$Filters = @($Fence) + @($Groups | ForEach-Object { Get-Group -Identity $_ }) |
    ForEach-Object { "MemberOfGroup -eq '" + $_.DistinguishedName.Replace("'", "''") + "'" }
$Filter = $Filters -join ' -or '
if (Get-ManagementScope -Identity $Name -ErrorAction SilentlyContinue) {
    Set-ManagementScope -Identity $Name -RecipientRestrictionFilter $Filter
} else {
    New-ManagementScope -Name $Name -RecipientRestrictionFilter $Filter
}

foreach ($Role in $Roles) {
    $Assignment = "$Name $Role"
    if ($Assignment.Length -gt 64) { $Assignment = $Assignment.Substring($Assignment.Length - 64) }
    if (-not (Get-ManagementRoleAssignment -Identity $Assignment -ErrorAction SilentlyContinue)) {
        New-ManagementRoleAssignment -Name $Assignment -App $App.Id -Role "Application $Role" -CustomResourceScope $Name
    }
}

# InScope must be True for every mailbox of the fence, and False outside.
foreach ($Mailbox in $Mailboxes) { Test-ServicePrincipalAuthorization -Identity $App.Id -Resource $Mailbox | Format-Table }
if ($Outside) { Test-ServicePrincipalAuthorization -Identity $App.Id -Resource $Outside | Format-Table }

# Last: in Entra ID > Enterprise applications > Permissions, take away the consents that these roles replace:
$Roles | ForEach-Object { Write-Host "Remove the application permission $_ from the app, if it is consented to." }
)ps";

std::string filled(std::string text, std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
    std::string out;
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto* found = values.end();
        if (rest.front() == '{')
            found = std::ranges::find_if(values, [&](const auto& value) { return rest.substr(1).starts_with(std::string(value.first) + "}"); });
        if (found == values.end()) {
            out += rest.front();
            rest.remove_prefix(1);
            continue;
        }
        out += found->second;
        rest.remove_prefix(found->first.size() + 2);
    }
    return out;
}

}  // namespace

Result<std::string> GraphDirectory::fence_script(app::FenceScriptWanted wanted) const {
    const auto* environment = std::ranges::find(environments, wanted.cloud, &Environment::cloud);
    if (environment == std::end(environments)) return bad_field("cloud", "there is no script for the cloud `" + wanted.cloud + "`");
    auto app = verbatim(wanted.client_id, "client_id");
    auto name = verbatim("Renkei " + wanted.connection, "name");
    auto outside = verbatim(wanted.outside, "outside");
    auto mailboxes = list_of(wanted, false);
    auto groups = list_of(wanted, true);
    for (auto* part : {&app, &name, &outside, &mailboxes, &groups})
        if (!*part) return propagate(*part);
    std::string roles = "@(";
    for (const auto& role : roles_for(wanted)) roles += (roles.size() > 2 ? ", '" : "'") + role + "'";
    roles += ")";
    return filled(std::string(head), {{"connection", wanted.connection},
                                      {"app", *app},
                                      {"name", *name},
                                      {"roles", roles},
                                      {"mailboxes", *mailboxes},
                                      {"groups", *groups},
                                      {"outside", *outside}}) +
           filled(std::string(body), {{"graph", environment->graph}, {"exchange", environment->exchange}});
}

}  // namespace renkei::microsoft
