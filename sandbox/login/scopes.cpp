#include "sandbox/login/scopes.hpp"

#include "base/encoding.hpp"
#include "base/uri.hpp"
#include "sandbox/vaults/key_vault_audience.hpp"

#include <algorithm>
#include <array>

namespace renkei::sandbox {
namespace {

constexpr std::string_view graph_app_id = "00000003-0000-0000-c000-000000000000";
constexpr std::string_view outlook_audience = "https://outlook.office.com";
constexpr std::array<std::string_view, 4> openid_scopes = {"openid", "profile", "email", "offline_access"};

struct Sentence {
    std::string_view permission, english, japanese;
    bool admin_only = false;
};

// The delegated permissions that the sandbox knows (https://learn.microsoft.com/graph/permissions-reference).
constexpr Sentence permissions[] = {
    {"User.Read", "Sign you in and read your profile", "サインインとプロファイルの読み取り"},
    {"User.ReadBasic.All", "Read all users' basic profiles", "すべてのユーザーの基本プロファイルの読み取り"},
    {"User.Read.All", "Read all users' full profiles", "すべてのユーザーの完全なプロファイルの読み取り", true},
    {"Mail.ReadBasic", "Read your basic mail", "メールの基本情報の読み取り"},
    {"Mail.Read", "Read your mail", "メールの読み取り"},
    {"Mail.Read.Shared", "Read mail you can access", "アクセスできるメールの読み取り"},
    {"Mail.ReadWrite", "Read and write access to your mail", "メールの読み取りと書き込み"},
    {"Mail.ReadWrite.Shared", "Read and write mail you can access", "アクセスできるメールの読み取りと書き込み"},
    {"Mail.Send", "Send mail as you", "あなたとしてメールを送信"},
    {"Mail.Send.Shared", "Send mail on behalf of others or yourself", "他のユーザーまたは自分の代わりにメールを送信"},
    {"MailboxSettings.Read", "Read your mailbox settings", "メールボックス設定の読み取り"},
    {"MailboxSettings.ReadWrite", "Read and write to your mailbox settings", "メールボックス設定の読み取りと書き込み"},
    {"Calendars.ReadBasic", "Read basic details of your calendars", "予定表の基本情報の読み取り"},
    {"Calendars.Read", "Read your calendars", "予定表の読み取り"},
    {"Calendars.Read.Shared", "Read calendars you can access", "アクセスできる予定表の読み取り"},
    {"Calendars.ReadWrite", "Have full access to your calendars", "予定表へのフル アクセス"},
    {"Calendars.ReadWrite.Shared", "Read and write to your and shared calendars", "自分と共有の予定表の読み取りと書き込み"},
    {"Contacts.Read", "Read your contacts", "連絡先の読み取り"},
    {"Contacts.ReadWrite", "Have full access of your contacts", "連絡先へのフル アクセス"},
    {"People.Read", "Read your relevant people list", "関連する人のリストの読み取り"},
    {"Files.Read", "Read your files", "ファイルの読み取り"},
    {"Files.ReadWrite", "Have full access to your files", "ファイルへのフル アクセス"},
    {"Directory.Read.All", "Read directory data", "ディレクトリ データの読み取り", true},
    {"Group.Read.All", "Read all groups", "すべてのグループの読み取り", true},
    {"GroupMember.Read.All", "Read group memberships", "グループ メンバーシップの読み取り", true},
    {"Organization.Read.All", "Read organization information", "組織情報の読み取り", true},
    {"Files.Read.All", "Read all files that you have access to", "アクセスできるすべてのファイルの読み取り"},
    {"Files.ReadWrite.All", "Have full access to all files you have access to", "アクセスできるすべてのファイルへのフル アクセス"},
    {"Sites.Read.All", "Read items in all site collections", "すべてのサイト コレクション内のアイテムの読み取り"},
    {"Sites.ReadWrite.All", "Edit or delete items in all site collections", "すべてのサイト コレクション内のアイテムの編集と削除"},
    {"Team.ReadBasic.All", "Read the names and descriptions of teams", "チームの名前と説明の読み取り"},
    {"Channel.ReadBasic.All", "Read the names and descriptions of channels", "チャネルの名前と説明の読み取り"},
    {"OnlineMeetings.ReadWrite", "Read and create your online meetings", "オンライン会議の読み取りと作成"},
    {"IMAP.AccessAsUser.All", "Read and write access to your mail via IMAP", "IMAP によるメールの読み取りと書き込み"},
    {"SMTP.Send", "Send emails from mailboxes using SMTP AUTH", "SMTP AUTH によるメールの送信"},
    {"offline_access", "Maintain access to data you have given it access to", "アクセスを許可したデータへのアクセスの維持"},
    {"openid", "Sign you in", "サインイン"},
    {"profile", "View your basic profile", "基本プロファイルの表示"},
    {"email", "View your email address", "メール アドレスの表示"},
};

const Sentence* sentence_of(std::string_view permission) {
    const auto* found = std::ranges::find_if(permissions, [&](const Sentence& one) { return equal_ignoring_case(one.permission, permission); });
    return found == std::end(permissions) ? nullptr : found;
}

Aadsts bad_scope(std::string_view asked) {
    return {70011, "The provided value for the input parameter 'scope' is not valid. The scope '" + std::string(asked) + "' does not exist."};
}

// The resource that a scope's prefix names; empty if there is none of that name.
std::string resource_named(const Cloud& cloud, std::string_view prefix) {
    if (equal_ignoring_case(prefix, cloud.graph) || equal_ignoring_case(prefix, graph_app_id)) return std::string(cloud.graph);
    for (const auto host : {"https://outlook.office.com", "https://outlook.office365.com"})
        if (equal_ignoring_case(prefix, host)) return std::string(outlook_audience);
    if (equal_ignoring_case(prefix, key_vault_audience(cloud))) return key_vault_audience(cloud);
    const auto uri = Uri::parse(prefix);
    if (uri && (uri->host == "localhost" || uri->host == "127.0.0.1")) return std::string(cloud.graph);
    return {};
}

std::expected<Scope, Aadsts> parse_scope(const Cloud& cloud, std::string_view asked) {
    for (const auto name : openid_scopes)
        if (equal_ignoring_case(asked, name)) return Scope{std::string(asked), "", std::string(name)};

    const auto slash = asked.rfind('/');
    const auto name = slash == std::string_view::npos ? asked : asked.substr(slash + 1);
    std::string resource(cloud.graph);
    if (slash != std::string_view::npos || !cloud.short_scopes) {
        auto prefix = slash == std::string_view::npos ? graph_audience : asked.substr(0, slash);
        // A second slash belongs to a resource whose own name ends in one.
        if (prefix.ends_with('/')) prefix.remove_suffix(1);
        resource = resource_named(cloud, prefix);
        if (resource.empty()) return std::unexpected(Aadsts{500011, "The resource principal named " + std::string(prefix) + " was not found in the tenant."});
    }
    if (name == ".default") return Scope{std::string(asked), resource, ".default"};
    const auto* known = sentence_of(name);
    if (!known) return std::unexpected(bad_scope(asked));
    return Scope{std::string(asked), resource, std::string(known->permission)};
}

}  // namespace

std::expected<std::vector<Scope>, Aadsts> parse_scopes(const Cloud& cloud, std::string_view text) {
    std::vector<Scope> scopes;
    for (const auto asked : split(text, ' ')) {
        if (asked.empty()) continue;
        auto scope = parse_scope(cloud, asked);
        if (!scope) return std::unexpected(std::move(scope.error()));
        if (std::ranges::none_of(scopes, [&](const Scope& one) { return equal_ignoring_case(one.asked, asked); })) scopes.push_back(std::move(*scope));
    }
    const bool with_default = std::ranges::any_of(scopes, &Scope::is_default);
    const bool with_named = std::ranges::any_of(scopes, [](const Scope& one) { return !one.openid() && !one.is_default(); });
    if (with_default && with_named)
        return std::unexpected(
            Aadsts{70011, "The provided value for the input parameter 'scope' is not valid: .default can't be combined with resource-specific scopes."});
    return scopes;
}

bool several_resources(const std::vector<Scope>& scopes) {
    std::string_view first;
    for (const auto& scope : scopes) {
        if (scope.openid()) continue;
        if (first.empty()) first = scope.resource;
        if (scope.resource != first) return true;
    }
    return false;
}

std::string resource_of(const Cloud& cloud, const std::vector<Scope>& scopes) {
    for (const auto& scope : scopes)
        if (!scope.openid()) return scope.resource;
    return std::string(cloud.graph);
}

bool asks_for(const std::vector<Scope>& scopes, std::string_view permission) {
    return std::ranges::any_of(scopes, [&](const Scope& one) { return one.permission == permission; });
}

std::string canonical_permission(std::string_view permission) {
    const auto* known = sentence_of(permission);
    return std::string(known ? known->permission : permission);
}

bool needs_admin(std::string_view permission) {
    const auto* known = sentence_of(permission);
    return known && known->admin_only;
}

std::string consent_sentence(std::string_view permission, bool japanese) {
    const auto* known = sentence_of(permission);
    if (!known) return std::string(permission);
    return std::string(japanese ? known->japanese : known->english);
}

}  // namespace renkei::sandbox
