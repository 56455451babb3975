#include "adapters/api/pages.hpp"
#include "adapters/api/person_pages.hpp"
#include "adapters/api/person_parts.hpp"
#include "app/ports/catalog.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

using core::Action;
using core::ConnectionState;

constexpr std::size_t most_users = 20;

void write_users(Html& html, const app::MyConnection& mine, Language language) {
    html.element("dt", pick(language, "Who may use it", "利用できる人とキー")).open("dd");
    if (mine.users.empty()) html.text(pick(language, "nobody but you", "ご本人のみ"));
    std::size_t shown = 0;
    for (const auto& user : mine.users) {
        if (shown++ == most_users) {
            html.element("div", fmt::format(fmt::runtime(pick(language, "and {} more", "ほか {} 件")), mine.users.size() - most_users));
            break;
        }
        std::vector<std::string_view> actions;
        for (const auto action : user.actions) actions.push_back(word_of(action, language));
        const auto kind = user.kind == core::Principal::Kind::key ? pick(language, "API key", "API キー") : pick(language, "member", "メンバー");
        html.element("div", fmt::format("{} {}: {}", kind, user.name, joined(actions, language)));
    }
    html.close("dd");
}

void write_connection(Html& html, const Call& call, const app::MyConnection& mine, const app::Catalog& catalog) {
    const auto language = call.language;
    const auto& connection = mine.connection;
    const auto& name = mine.name().text();
    const auto* manifest = catalog.find(connection.connector);
    const auto state = mine.connected ? connection.state : ConnectionState::draft;
    html.open("li").open("div", {{"class", "row"}}).open("h2");
    html.element("a", connection.title.empty() ? name : connection.title, {{"href", "/my/connections/" + name}}).close("h2");
    html.element("span", mine.connected ? word_of(state, language) : pick(language, "not connected yet", "未接続"), {{"class", tag_of(state)}});
    html.close("div").open("dl");
    html.element("dt", pick(language, "Name", "名前")).element("dd", name);
    html.element("dt", pick(language, "Provider", "サービス"))
        .element("dd", manifest == nullptr ? std::string_view(connection.connector) : pick(language, manifest->name_en, manifest->name_ja));
    for (const auto& grant : mine.grants)
        if (!grant.identity.display.empty()) html.element("dt", pick(language, "Signed in as", "サインインしたユーザー")).element("dd", grant.identity.display);
    if (!connection.mailbox.empty()) html.element("dt", pick(language, "Mailbox", "対象メールボックス")).element("dd", connection.mailbox);
    if (!mine.folder.empty()) html.element("dt", pick(language, "Folder", "フォルダー")).element("dd", mine.folder);
    if (mine.connected) write_users(html, mine, language);
    html.close("dl").open("p", {{"class", "row"}});
    html.element("a", mine.connected ? pick(language, "Details and permissions", "詳細と許可") : pick(language, "Connect", "接続する"),
                 {{"class", "button"}, {"href", "/my/connections/" + name}});
    if (mine.connected && connection.state != ConnectionState::revoked) {
        html.close("p");
        open_form(html, call, "/my/connections/" + name + "/disconnect", "inline");
        close_form(html, pick(language, "Disconnect", "連携を解除"), "quiet bad");
    } else {
        html.close("p");
    }
    html.close("li");
}

}  // namespace

std::string_view word_of(Action action, Language language) {
    switch (action) {
        case Action::mail_read: return pick(language, "read mail", "メールの閲覧");
        case Action::mail_send: return pick(language, "send mail", "メールの送信");
        case Action::tokens_read: return pick(language, "take access tokens", "アクセス トークンの取得");
        case Action::native: return pick(language, "call the provider's own API", "提供元サービスの API の呼び出し");
        default: return core::text_of(action);
    }
}

std::string_view tag_of(ConnectionState state) {
    if (state == ConnectionState::active) return "tag good";
    if (state == ConnectionState::draft || state == ConnectionState::expiring || state == ConnectionState::paused) return "tag";
    return "tag bad";
}

std::string_view word_of(ConnectionState state, Language language) {
    switch (state) {
        case ConnectionState::draft: return pick(language, "draft", "未完了");
        case ConnectionState::active: return pick(language, "active", "有効");
        case ConnectionState::expiring: return pick(language, "expiring", "まもなく期限切れ");
        case ConnectionState::degraded: return pick(language, "degraded", "一部機能の低下");
        case ConnectionState::needs_user: return pick(language, "needs you to sign in again", "本人の再サインインが必要");
        case ConnectionState::needs_admin: return pick(language, "needs the administrator", "管理者の対応が必要");
        case ConnectionState::needs_secret: return pick(language, "needs a new secret", "シークレットの更新が必要");
        case ConnectionState::paused: return pick(language, "paused", "一時停止中");
        case ConnectionState::revoked: return pick(language, "disconnected", "取り消し済み");
    }
    return {};
}

app::ServerResponse my_connections_page(const Call& call, const std::vector<app::MyConnection>& connections, const app::Catalog& catalog) {
    const auto language = call.language;
    Html html;
    if (connections.empty()) {
        html.element("p", pick(language, "You have no connections yet. When somebody sends you a connect link, what you allow appears here.",
                               "コネクションはまだありません。接続用リンクから許可したものが、ここに表示されます。"));
    } else {
        html.element("p", pick(language, "What you have connected, and who may act through it. Disconnecting works at once.",
                               "接続済みのサービスと、それを利用できる人の一覧です。解除はただちに反映されます。"));
        html.open("ul", {{"class", "cards"}});
        for (const auto& mine : connections) write_connection(html, call, mine, catalog);
        html.close("ul");
    }
    return page_answer(language, pick(language, "My connections", "マイ コネクション"), Tone::plain, html, 200, navigation(call, Place::connections));
}

}  // namespace renkei::api
