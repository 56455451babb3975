// One connection of a person: its state, connecting it, and who may act with it.
#include "adapters/api/pages.hpp"
#include "adapters/api/person_pages.hpp"
#include "adapters/api/person_parts.hpp"
#include "app/ports/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace renkei::api {
namespace {

using core::Action;
using core::ConnectionState;

constexpr Action lendable[] = {Action::mail_read, Action::mail_send, Action::tokens_read, Action::native};

std::string path_of(const app::MyConnection& mine) { return "/my/connections/" + mine.name().text(); }

void write_facts(Html& html, const app::MyConnection& mine, const app::Catalog& catalog, Language language) {
    const auto& connection = mine.connection;
    const auto* manifest = catalog.find(connection.connector);
    html.open("dl");
    html.element("dt", pick(language, "State", "状態")).open("dd");
    html.element("span", mine.connected ? word_of(connection.state, language) : pick(language, "not connected yet", "未接続"),
                 {{"class", tag_of(mine.connected ? connection.state : ConnectionState::draft)}});
    html.close("dd");
    html.element("dt", pick(language, "Provider", "サービス"))
        .element("dd", manifest == nullptr ? std::string_view(connection.connector) : pick(language, manifest->name_en, manifest->name_ja));
    for (const auto& grant : mine.grants)
        if (!grant.identity.display.empty()) html.element("dt", pick(language, "Signed in as", "サインインしたユーザー")).element("dd", grant.identity.display);
    if (!connection.mailbox.empty()) html.element("dt", pick(language, "Mailbox", "対象メールボックス")).element("dd", connection.mailbox);
    html.element("dt", pick(language, "What is asked for", "求められるスコープ")).open("dd").open("ul", {{"class", "scopes"}});
    for (const auto& scope : (mine.above ? *mine.above : connection).scopes) html.element("li", scope);
    html.close("ul").close("dd").close("dl");
}

// What the button does, said before it is pressed.
void write_connect(Html& html, const Call& call, const app::MyConnection& mine, const app::Catalog& catalog) {
    const auto language = call.language;
    const auto* manifest = catalog.find(mine.connection.connector);
    const auto provider = manifest == nullptr ? std::string_view(mine.connection.connector) : pick(language, manifest->name_en, manifest->name_ja);
    if (mine.connection.mode != core::ConnectionMode::authorization_code) return;
    const auto& account = mine.account;
    if (!account.empty())
        html.element("p", fmt::format(fmt::runtime(pick(language, "You will sign in at {} as {} and come back here. Renkei never sees your password.",
                                                        "{} に {} としてサインインし、この画面に戻ります。パスワードが Renkei に渡ることはありません。")),
                                      provider, account));
    open_form(html, call, path_of(mine) + "/connect", "inline");
    const bool again = mine.connected && mine.connection.state == ConnectionState::active;
    close_form(html, again ? pick(language, "Sign in again", "再度サインイン") : pick(language, "Continue", "続ける"), again ? "quiet" : "");
}

std::string until_text(const core::Permission& permission, Language language) {
    return permission.until ? fmt::format(fmt::runtime(pick(language, "until {}", "{} まで")), shown_minute(*permission.until))
                            : std::string(pick(language, "without end", "期限なし"));
}

void write_permission(Html& html, const Call& call, const app::MyConnection& mine, const app::ShownPermission& one) {
    const auto language = call.language;
    std::vector<std::string_view> actions;
    for (const auto action : one.permission.actions) actions.push_back(word_of(action, language));
    const auto kind = one.permission.holder == core::Principal::Kind::key ? pick(language, "API key", "API キー") : pick(language, "runs of", "実行者");
    const auto who = one.holder.empty() ? pick(language, "(gone)", "（削除済み）") : std::string_view(one.holder);
    html.open("li").element("div", fmt::format(fmt::runtime(pick(language, "{} {}: {}, {}", "{} {}: {}（{}）")), kind, who, joined(actions, language),
                                               until_text(one.permission, language)));
    if (one.permission.person) {
        open_form(html, call, path_of(mine) + "/permissions/" + one.permission.id.text() + "/withdraw", "inline");
        close_form(html, pick(language, "Withdraw", "許可を取り消す"), "quiet bad");
    } else {
        html.element("div",
                     fmt::format(fmt::runtime(pick(language, "A rule of the workspace, made by {}. Disconnecting ends it for you.",
                                                   "{} が作成したワークスペースの規則です。連携を解除すると、あなたには適用されなくなります。")),
                                 one.permission.given_by),
                     {{"class", "soft"}});
    }
    html.close("li");
}

void write_lend_form(Html& html, const Call& call, const app::MyConnection& mine, const LendForm& form) {
    const auto language = call.language;
    html.element("h2", pick(language, "Allow an automation to use it", "自動処理に利用を許可"));
    open_form(html, call, path_of(mine) + "/lend");
    write_input(html, {"key", "text", pick(language, "Name of the API key", "API キーの名前"), form.key, "off",
                       pick(language, "Whoever runs the automation can tell you.", "自動処理の担当者に確認してください。")});
    html.open("fieldset").element("legend", pick(language, "It may", "許可する操作"));
    for (const auto action : lendable) {
        html.open("label", {{"class", "check"}});
        const auto value = core::text_of(action);
        if (std::ranges::find(form.actions, action) != form.actions.end())
            html.empty("input", {{"type", "checkbox"}, {"name", "action"}, {"value", value}, {"checked", ""}});
        else
            html.empty("input", {{"type", "checkbox"}, {"name", "action"}, {"value", value}});
        html.text(word_of(action, language)).close("label");
    }
    html.close("fieldset");
    write_input(
        html, {"until", "date", pick(language, "Until the end of (leave empty: without end)", "期限（その日の終わりまで。空欄の場合は期限なし）"), form.until});
    close_form(html, pick(language, "Allow", "許可する"));
}

}  // namespace

app::ServerResponse my_connection_page(const Call& call, const app::MyConnection& mine, const app::Catalog& catalog, const LendForm& form) {
    const auto language = call.language;
    Html html;
    html.open("p").element("a", pick(language, "All my connections", "マイ コネクションの一覧"), {{"href", "/my/connections"}}).close("p");
    write_refusal(html, form.refused, language);
    write_facts(html, mine, catalog, language);
    write_connect(html, call, mine, catalog);
    html.element("h2", pick(language, "Who may act with your account", "あなたのアカウントで操作できる相手"));
    if (mine.lent.empty())
        html.element("p", pick(language, "Nobody but you. Automations are refused until you allow them.",
                               "ご本人のみです。許可するまで、自動処理からの利用は拒否されます。"));
    html.open("ul", {{"class", "cards"}});
    for (const auto& one : mine.lent) write_permission(html, call, mine, one);
    html.close("ul");
    write_lend_form(html, call, mine, form);
    const auto& title = mine.connection.title.empty() ? mine.name().text() : mine.connection.title;
    return page_answer(language, title, Tone::plain, html, status_of(form.refused), navigation(call, Place::connections));
}

}  // namespace renkei::api
