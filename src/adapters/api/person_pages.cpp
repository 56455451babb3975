#include "adapters/api/person_pages.hpp"

#include "adapters/api/page_forms.hpp"
#include "adapters/api/pages.hpp"
#include "adapters/api/person_parts.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

app::ServerResponse with_retry_after(app::ServerResponse answer, const std::optional<Error>& refused) {
    if (refused && !refused->get("retry_after").empty()) answer.headers.set("Retry-After", std::string(refused->get("retry_after")));
    return answer;
}

void new_password(Html& html, Language language) {
    write_input(html, {"password",
                       "password",
                       pick(language, "New password", "新しいパスワード"),
                       {},
                       "new-password",
                       pick(language, "At least 12 characters. A long sentence is better than a short riddle.",
                            "12 文字以上。長い文のほうが、短く複雑なものより安全です。")});
    write_input(html, {"password_again", "password", pick(language, "New password, once more", "新しいパスワード（確認）"), {}, "new-password"});
}

void definition(Html& html, std::string_view term, std::string_view text) { html.element("dt", term).element("dd", text); }

std::string roles_text(const std::vector<core::Role>& roles, Language language) {
    std::vector<std::string_view> words;
    for (const auto role : roles) words.push_back(word_of(role, language));
    return joined(words, language);
}

std::string_view done_text(std::string_view done, Language language) {
    if (done == "password")
        return pick(language, "Your password was changed. Sign in with the new one.", "パスワードを変更しました。新しいパスワードでサインインしてください。");
    if (done == "invitation") return pick(language, "The invitation is accepted. Sign in to begin.", "招待を承諾しました。サインインして開始してください。");
    if (done == "signed-out") return pick(language, "You are signed out.", "サインアウトしました。");
    return {};
}

}  // namespace

std::string_view word_of(core::Role role, Language language) {
    switch (role) {
        case core::Role::administrator: return pick(language, "administrator", "管理者");
        case core::Role::user_administrator: return pick(language, "user administrator", "ユーザー管理者");
        case core::Role::builder: return pick(language, "builder", "作成者");
        case core::Role::user: return pick(language, "user", "一般ユーザー");
        case core::Role::auditor: return pick(language, "auditor", "監査担当者");
    }
    return {};
}

app::ServerResponse sign_in_page(const Call& call, std::string_view email, std::string_view next, std::string_view done, const std::optional<Error>& refused) {
    const auto language = call.language;
    Html html;
    if (const auto text = done_text(done, language); !text.empty()) html.element("p", text, {{"class", "done"}, {"role", "status"}});
    write_refusal(html, refused, language);
    open_form(html, call, "/sign-in");
    if (!next.empty()) html.empty("input", {{"type", "hidden"}, {"name", "next"}, {"value", next}});
    write_input(html, {"email", "email", pick(language, "E-mail address", "メール アドレス"), email, "username"});
    write_input(html, {"password", "password", pick(language, "Password", "パスワード"), {}, "current-password"});
    close_form(html, pick(language, "Sign in", "サインイン"));
    html.element("p",
                 pick(language, "No account, or the password forgotten? An administrator of your workspace can make a link for you.",
                      "アカウントがない場合やパスワードを忘れた場合は、ワークスペースの管理者にリンクの作成を依頼してください。"),
                 {{"class", "soft"}});
    return with_retry_after(page_answer(language, pick(language, "Sign in to Renkei", "Renkei にサインイン"), Tone::plain, html, status_of(refused)), refused);
}

app::ServerResponse choose_workspace_page(const Call& call, const std::vector<app::Choice>& choices, std::string_view next) {
    const auto language = call.language;
    Html html;
    html.element("p", pick(language, "You belong to several workspaces. What you see and may do depends on the one you choose.",
                           "複数のワークスペースに所属しています。選択したワークスペースによって、表示される内容と権限が変わります。"));
    html.open("ul", {{"class", "cards"}});
    for (const auto& choice : choices) {
        const auto roles = roles_text(choice.roles, language);
        html.open("li", {{"class", "row"}}).open("div").element("h2", choice.workspace.title).element("span", roles, {{"class", "soft"}}).close("div");
        open_form(html, call, "/sign-in/workspace", "inline");
        html.empty("input", {{"type", "hidden"}, {"name", "workspace"}, {"value", choice.workspace.name.text()}});
        if (!next.empty()) html.empty("input", {{"type", "hidden"}, {"name", "next"}, {"value", next}});
        close_form(html, pick(language, "Choose", "選択"), "quiet");
        html.close("li");
    }
    html.close("ul");
    open_form(html, call, "/sign-out");
    close_form(html, pick(language, "Sign out", "サインアウト"), "link");
    return page_answer(language, pick(language, "Choose a workspace", "ワークスペースの選択"), Tone::plain, html);
}

app::ServerResponse invitation_page(const Call& call, const app::InvitationLook& look, std::string_view display_name, const std::optional<Error>& refused) {
    const auto language = call.language;
    Html html;
    html.element("p", look.has_password ? pick(language, "You already have an account. Confirm with its password that you join this workspace.",
                                               "すでにアカウントがあります。パスワードを入力して、このワークスペースへの参加を確認してください。")
                                        : pick(language, "Set a password to join this workspace. The link works once.",
                                               "パスワードを設定して、このワークスペースに参加してください。このリンクは一度だけ使用できます。"));
    const auto roles = roles_text(look.membership.roles, language);
    html.open("dl");
    definition(html, pick(language, "Workspace", "ワークスペース"), look.workspace.title);
    definition(html, pick(language, "E-mail address", "メール アドレス"), look.person.email);
    definition(html, pick(language, "Role", "役割"), roles);
    html.close("dl");
    write_refusal(html, refused, language);
    open_form(html, call, {});
    html.empty("input", {{"type", "email"}, {"name", "email"}, {"value", look.person.email}, {"autocomplete", "username"}, {"hidden", ""}});
    if (look.has_password) {
        write_input(html, {"password", "password", pick(language, "Password", "パスワード"), {}, "current-password"});
    } else {
        write_input(html, {"display_name", "text", pick(language, "Name", "名前"), display_name, "name"});
        new_password(html, language);
    }
    close_form(html, pick(language, "Join", "参加"));
    const auto title = fmt::format(fmt::runtime(pick(language, "Join {}", "{} への参加")), look.workspace.title);
    return with_retry_after(page_answer(language, title, Tone::plain, html, status_of(refused)), refused);
}

app::ServerResponse reset_page(const Call& call, std::string_view email, const std::optional<Error>& refused) {
    const auto language = call.language;
    Html html;
    html.element("p",
                 pick(language, "Every browser in which you are signed in will be signed out.", "サインイン中のすべてのブラウザーからサインアウトされます。"));
    html.open("dl");
    definition(html, pick(language, "E-mail address", "メール アドレス"), email);
    html.close("dl");
    write_refusal(html, refused, language);
    open_form(html, call, {});
    html.empty("input", {{"type", "email"}, {"name", "email"}, {"value", email}, {"autocomplete", "username"}, {"hidden", ""}});
    new_password(html, language);
    close_form(html, pick(language, "Set password", "パスワードを設定"));
    return page_answer(language, pick(language, "Set a new password", "新しいパスワードの設定"), Tone::plain, html, status_of(refused));
}

namespace {

void write_sessions(Html& html, const Call& call, const AccountView& view) {
    const auto language = call.language;
    html.element("h2", pick(language, "Where you are signed in", "サインイン中のブラウザー")).open("ul", {{"class", "cards"}});
    for (const auto& session : view.sessions) {
        const bool this_one = session.id == call.person->session.id;
        html.open("li").open("div", {{"class", "row"}}).element("strong", session.address);
        if (this_one) {
            html.element("span", pick(language, "this browser", "このブラウザー"), {{"class", "tag good"}});
        } else {
            open_form(html, call, "/my/sessions/" + session.id.text() + "/end", "inline");
            close_form(html, pick(language, "End", "終了"), "quiet bad");
        }
        html.close("div").element("p", session.agent.empty() ? std::string_view("-") : session.agent, {{"class", "soft"}});
        html.element("p",
                     fmt::format(fmt::runtime(pick(language, "Since {}, last used {}", "開始 {}、最終利用 {}")), shown_minute(session.created_at),
                                 shown_minute(session.last_seen_at)),
                     {{"class", "soft"}});
        html.close("li");
    }
    html.close("ul");
    if (view.sessions.size() < 2) return;
    open_form(html, call, "/my/sessions/end-others");
    close_form(html, pick(language, "End all others", "ほかをすべて終了"), "quiet bad");
}

}  // namespace

app::ServerResponse account_page(const Call& call, const AccountView& view) {
    const auto language = call.language;
    const auto& who = *call.person;
    Html html;
    if (view.password_changed)
        html.element("p",
                     pick(language, "Your password was changed; every other browser is signed out.",
                          "パスワードを変更しました。ほかのブラウザーはすべてサインアウトされました。"),
                     {{"class", "done"}, {"role", "status"}});
    const auto roles = roles_text(who.membership.roles, language);
    html.open("dl");
    definition(html, pick(language, "Name", "名前"), who.person.display_name);
    definition(html, pick(language, "E-mail address", "メール アドレス"), who.person.email);
    definition(html, pick(language, "Workspace", "ワークスペース"), view.workspace.title);
    definition(html, pick(language, "Role", "役割"), roles);
    html.close("dl");
    if (view.several_workspaces) html.element("a", pick(language, "Change the workspace", "ワークスペースを切り替える"), {{"href", "/sign-in/workspace"}});
    write_sessions(html, call, view);
    html.element("h2", pick(language, "Change the password", "パスワードの変更"), {{"id", "password-form"}});
    write_refusal(html, view.refused, language);
    open_form(html, call, "/my/password");
    html.empty("input", {{"type", "email"}, {"name", "email"}, {"value", who.person.email}, {"autocomplete", "username"}, {"hidden", ""}});
    write_input(html, {"current", "password", pick(language, "Current password", "現在のパスワード"), {}, "current-password"});
    new_password(html, language);
    close_form(html, pick(language, "Change password", "パスワードを変更"));
    const auto title = pick(language, "My account", "アカウント");
    return with_retry_after(page_answer(language, title, Tone::plain, html, status_of(view.refused), navigation(call, Place::account)), view.refused);
}

}  // namespace renkei::api
