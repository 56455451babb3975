#include "adapters/api/connection_pages.hpp"
#include "adapters/api/connection_words.hpp"
#include "adapters/api/pages.hpp"
#include "adapters/api/person_pages.hpp"
#include "adapters/api/person_parts.hpp"
#include "base/sign_in_reason.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

using core::ConnectionMode;
using core::ConnectionState;

void definition(Html& html, std::string_view term, std::string_view text) { html.element("dt", term).element("dd", text); }

void write_list(Html& html, std::string_view term, const std::vector<std::string>& items, std::string_view css = "scopes") {
    if (items.empty()) return;
    html.element("dt", term).open("dd").open("ul", {{"class", css}});
    for (const auto& item : items) html.element("li", item);
    html.close("ul").close("dd");
}

void button(Html& html, const Call& call, const core::Connection& connection, std::string_view step, std::string_view text, std::string_view css = {}) {
    open_form(html, call, "/connections/" + connection.name.text() + "/" + std::string(step), "inline");
    close_form(html, text, css);
}

void write_problem(Html& html, const Error& problem, Language language) {
    const auto& row = error_row(problem.code);
    const auto say = told(problem, language == Language::ja);
    const auto title = pick(language, row.title_en, row.title_ja);
    const auto who = pick(language, "Who must act", "対応する人"), what = pick(language, "What to do", "対処方法"), why = pick(language, "Details", "詳細");
    const bool plain_field = problem.code == Errc::invalid_field && problem.get("reason").empty();
    const auto remedy = plain_field ? field_refusal(problem, language) : say.remedy;
    html.open("div", {{"class", "notice bad"}, {"role", "alert"}}).element("p", title, {{"class", "strong"}}).open("dl");
    definition(html, who, word_of(say.actor, language));
    definition(html, what, remedy);
    const bool translated = say.detail != problem.detail;
    if (!say.detail.empty()) html.element("dt", why).element("dd", say.detail, {{"lang", translated ? tag_of(language) : std::string_view("en")}});
    html.close("dl");
    // U-13: what to send to whom.
    html.open("details").element("summary", pick(language, "Message to copy", "連絡用の文面（コピーしてお使いください）"));
    html.element("pre", fmt::format("{}\n{}: {}\n{}: {}\n{}: {}\ncode: {}", title, who, word_of(say.actor, language), what, remedy, why, say.detail, row.slug),
                 {{"class", "copy"}});
    html.close("details").close("div");
}

void write_advice(Html& html, const ConnectionView& view, Language language) {
    const auto& connection = view.row.connection;
    const auto advice = advice_of(connection, language);
    if (view.just_made && connection.state == ConnectionState::active)
        html.element(
            "p", pick(language, "The connection works. Automations can use it by its name.", "接続が完了しました。自動処理から名前を指定して利用できます。"),
            {{"class", "done"}, {"role", "status"}});
    if (view.problem) return write_problem(html, *view.problem, language);
    if (advice.who.empty()) return;
    const bool bad = needs_somebody(connection.state);
    html.open("div", {{"class", bad ? "notice bad" : "notice"}}).open("dl");
    definition(html, pick(language, "Who must act", "対応する人"), advice.who);
    definition(html, pick(language, "What to do", "対処方法"), advice.what);
    if (!connection.state_detail.empty()) html.element("dt", pick(language, "Details", "詳細")).element("dd", connection.state_detail, {{"lang", "en"}});
    html.close("dl").close("div");
}

// Nobody but the persons themselves connects their accounts.
bool of_persons(const core::Connection& connection) { return connection.token_type == core::TokenType::user_specific || connection.managed_by; }

// One primary button: what the state asks for. The others are quiet.
void write_buttons(Html& html, const Call& call, const ConnectionView& view) {
    const auto language = call.language;
    const auto& connection = view.row.connection;
    if (!view.may_change) {
        html.element("p",
                     pick(language, "You may look at this connection; changing it needs the right to edit in its folder.",
                          "このコネクションは閲覧のみ可能です。変更するには、フォルダーの編集権限が必要です。"),
                     {{"class", "soft"}});
        return;
    }
    const bool again = connection.state != ConnectionState::draft;
    const bool needs_secret = connection.state == ConnectionState::needs_secret && view.may_change_credential;
    const std::string_view css = connection.state == ConnectionState::active || needs_secret ? "quiet" : "";
    html.open("div", {{"class", "buttons"}});
    if (view.may_change_credential && (needs_secret || connection.state == ConnectionState::expiring))
        html.element("a", pick(language, "New secret or certificate", "新しいシークレットまたは証明書"),
                     {{"href", "/connections/" + connection.name.text() + "/credential"}, {"class", "button"}});
    if (connection.state == ConnectionState::paused) {
        button(html, call, connection, "resume", pick(language, "Resume", "再開"));
    } else if (connection.state != ConnectionState::revoked && !of_persons(connection)) {
        if (connection.mode == ConnectionMode::client_credentials)
            button(html, call, connection, "connect", again ? pick(language, "Connect again", "再接続") : pick(language, "Connect", "接続"), css);
        if (connection.mode == ConnectionMode::authorization_code)
            button(html, call, connection, "sign-in",
                   again ? pick(language, "Connect again", "再接続") : pick(language, "Continue to the provider", "サインインに進む"), css);
        if (connection.mode == ConnectionMode::device_code)
            button(html, call, connection, "device",
                   again ? pick(language, "Connect again with a code", "コードで再接続") : pick(language, "Get a code", "コードを取得"), css);
        if (connection.mode != ConnectionMode::client_credentials)
            button(html, call, connection, "link", pick(language, "Make a link to send", "送付用リンクを作成"), "quiet");
    }
    if (connection.state != ConnectionState::draft && connection.state != ConnectionState::revoked)
        button(html, call, connection, "check", pick(language, "Test now", "今すぐテスト"), "quiet");
    if (connection.state != ConnectionState::draft && connection.state != ConnectionState::paused && connection.state != ConnectionState::revoked)
        button(html, call, connection, "pause", pick(language, "Pause", "一時停止"), "quiet");
    html.element("a", pick(language, "Remove…", "削除…"), {{"href", "/connections/" + connection.name.text() + "/remove"}, {"class", "button quiet bad"}});
    html.close("div");
}

void write_facts(Html& html, const Call& call, const ConnectionView& view, const app::Manifest* manifest) {
    const auto language = call.language;
    const auto& connection = view.row.connection;
    html.open("dl", {{"class", "facts"}});
    html.element("dt", pick(language, "State", "状態")).open("dd");
    write_state(html, connection, call.caller, language);
    html.close("dd")
        .element("dt", pick(language, "Name, as automations call it", "名前（自動処理から指定する名前）"))
        .open("dd")
        .element("code", connection.name.text())
        .close("dd");
    definition(html, pick(language, "Connector", "コネクタ"),
               manifest == nullptr ? std::string_view(connection.connector) : pick(language, manifest->name_en, manifest->name_ja));
    if (connection.mode == ConnectionMode::client_credentials)
        definition(html, pick(language, "Acts as", "操作に使うユーザー"), pick(language, "the app itself; nobody signs in", "アプリ自身（サインインなし）"));
    else if (!connection.act_as.empty())
        definition(html, pick(language, "Acts as", "操作に使うユーザー"), connection.act_as);
    if (connection.token_type == core::TokenType::user_specific)
        definition(html, pick(language, "Token type", "トークンの種類"),
                   pick(language, "user-specific: each person signs in under My connections", "ユーザー別（各自が「マイ コネクション」でサインインします）"));
    for (const auto& grant : view.grants)
        if (!grant.identity.display.empty()) definition(html, pick(language, "Signed in as", "サインインしたユーザー"), grant.identity.display);
    if (!connection.mailbox.empty()) definition(html, pick(language, "Mailbox", "対象メールボックス"), connection.mailbox);
    if (!view.owner.empty()) definition(html, pick(language, "Owner", "所有者"), view.owner);
    if (!view.row.folder.empty()) definition(html, pick(language, "Folder", "フォルダー"), view.row.folder);
    definition(html, pick(language, "Changed", "更新"), shown_minute(connection.updated_at));
    html.close("dl");
}

void write_scopes(Html& html, const ConnectionView& view, const app::Manifest* manifest, Language language) {
    const auto& connection = view.row.connection;
    const bool app_only = connection.mode == ConnectionMode::client_credentials;
    html.element("h2", pick(language, "Scopes", "スコープ")).open("dl", {{"class", "facts"}});
    write_list(html,
               app_only ? pick(language, "Application permissions that its work needs", "必要なアプリケーションの許可")
                        : pick(language, "Asked for", "要求したスコープ"),
               manifest == nullptr ? connection.scopes : app::asked_scopes(connection, *manifest));
    if (app_only && connection.scopes.empty())
        definition(html, pick(language, "Application permissions", "アプリケーションの許可"),
                   pick(language, "those that the administrator granted to the app", "管理者がアプリに付与した許可"));
    if (view.row.scopes) {
        write_list(html, pick(language, "Granted", "許可されたスコープ"), view.row.scopes->granted);
        write_list(html,
                   pick(language, "Asked for and not granted: some actions will be refused", "要求して許可されなかったスコープ（一部の操作は使用できません）"),
                   view.row.scopes->not_granted, "scopes bad");
        write_list(html,
                   pick(language, "Granted and not asked for: take it away at the provider if nothing needs it",
                        "要求していないのに許可されているスコープ（不要であれば提供元サービスで取り消してください）"),
                   view.row.scopes->not_asked, "scopes warn");
    }
    html.close("dl");
}

// "Needs admin approval": one asks, and the request is followed on a page of its own (B-13).
void write_approval(Html& html, const Call& call, const ConnectionView& view) {
    const auto language = call.language;
    if (view.waits_for_approval)
        html.open("p", {{"class", "hint"}})
            .text(pick(language, "An administrator has been asked to approve the app. ", "アプリの承認を管理者に依頼中です。"))
            .element("a", pick(language, "Show the request", "依頼を表示"), {{"href", "/consent-requests"}})
            .close("p");
    else if (view.may_ask_approval) {
        html.open("div", {{"class", "buttons"}});
        button(html, call, view.row.connection, "consent", pick(language, "Ask an administrator to approve", "管理者に承認を依頼"), "quiet");
        html.close("div");
    }
}

void write_credential(Html& html, const core::CredentialVersion& credential, TimePoint now, Language language) {
    const bool certificate = credential.kind == core::CredentialKind::certificate;
    const auto term = certificate                                            ? pick(language, "Certificate", "証明書")
                      : credential.kind == core::CredentialKind::private_key ? pick(language, "Private key", "秘密鍵")
                                                                             : pick(language, "Client secret", "クライアント シークレット");
    html.element("dt", term).open("dd");
    if (credential.expires_at) {
        const auto days = std::chrono::floor<std::chrono::days>(*credential.expires_at - now).count();
        const auto text = days < 0 ? fmt::format(fmt::runtime(pick(language, "expired on {}", "{} に期限切れ")), iso_text(*credential.expires_at).substr(0, 10))
                                   : fmt::format(fmt::runtime(pick(language, "ends on {}, in {} days", "{} まで（あと {} 日）")),
                                                 iso_text(*credential.expires_at).substr(0, 10), days);
        html.element("span", text, {{"class", days < 0 ? "state bad" : days < 30 ? "state warn" : ""}});
    } else {
        html.text(pick(language, "its end is not known to Renkei", "有効期限は登録されていません"));
    }
    if (certificate) html.element("div", fmt::format("SHA-1 {}", credential.certificate.thumbprint_sha1), {{"class", "id"}});
    if (certificate) html.element("div", fmt::format("SHA-256 {}", credential.certificate.thumbprint_sha256), {{"class", "id"}});
    html.close("dd");
}

void write_registration(Html& html, const ConnectionView& view, const app::Catalog& catalog, Language language) {
    html.element("h2", pick(language, "Client registration", "アプリの登録")).open("dl", {{"class", "facts"}});
    definition(html, pick(language, "Name", "名前"), view.row.registration);
    if (!view.registration || !view.may_see_registration) {
        html.close("dl");
        return;
    }
    const auto& app = *view.registration;
    html.element("dt", pick(language, "Client ID", "クライアント ID")).element("dd", app.client_id, {{"class", "id"}});
    if (!app.tenant.empty()) html.element("dt", pick(language, "Tenant ID", "テナント ID")).element("dd", app.tenant, {{"class", "id"}});
    if (!app.resolved_tenant.empty())
        html.element("dt", pick(language, "Tenant, as resolved", "解決済みのテナント")).element("dd", app.resolved_tenant, {{"class", "id"}});
    if (const auto* cloud = app.cloud.empty() ? nullptr : catalog.find_cloud(app.connector, app.cloud))
        definition(html, pick(language, "Environment", "環境"), pick(language, cloud->title_en, cloud->title_ja));
    if (!app.issuer.empty()) html.element("dt", pick(language, "Issuer", "発行者（issuer）")).element("dd", app.issuer, {{"class", "id"}});
    if (app.credentials.empty())
        definition(html, pick(language, "Credential", "資格情報"), pick(language, "none: a public client with PKCE", "なし（パブリック クライアント、PKCE）"));
    else
        write_credential(html, app.credentials.front(), view.now, language);
    if (view.may_change_credential)
        html.element("dt", pick(language, "Renew", "更新"))
            .open("dd")
            .element("a", pick(language, "New secret or certificate", "新しいシークレットまたは証明書"),
                     {{"href", "/connections/" + view.row.connection.name.text() + "/credential"}})
            .close("dd");
    if (!view.redirect_uri.empty())
        html.element("dt", pick(language, "Redirect URI (callback)", "リダイレクト URI（コールバック URL）"))
            .element("dd", view.redirect_uri, {{"class", "id"}});
    html.close("dl");
}

std::string_view word_of_stage(std::string_view stage, Language language) {
    if (stage == "settings") return pick(language, "settings", "設定");
    if (stage == "registration") return pick(language, "client registration", "アプリの登録");
    if (stage == "token") return pick(language, "access token", "アクセス トークン");
    if (stage == "mailbox") return pick(language, "mailbox", "メールボックス");
    return stage;
}

void write_report(Html& html, const app::CheckReport& report, Language language) {
    html.element("h2", pick(language, "Test", "テスト"), {{"id", "test"}}).open("ul", {{"class", "stages"}});
    for (const auto& stage : report.stages) {
        const bool ok = stage.result == app::CheckResult::ok, skipped = stage.result == app::CheckResult::skipped;
        html.open("li").open("span", {{"class", ok ? "state good" : skipped ? "state" : "state bad"}});
        html.text(ok ? "✓ " : skipped ? "– " : "✗ ").text(word_of_stage(stage.stage, language)).close("span");
        if (skipped) html.element("span", pick(language, " not tried", " 未実施"), {{"class", "soft"}});
        if (stage.problem) write_problem(html, *stage.problem, language);
        html.close("li");
    }
    html.close("ul");
}

}  // namespace

app::ServerResponse connection_page(const Call& call, const ConnectionView& view, const app::Catalog& catalog) {
    const auto language = call.language;
    const auto& connection = view.row.connection;
    const auto* manifest = catalog.find(connection.connector);
    Html html;
    write_advice(html, view, language);
    write_buttons(html, call, view);
    if (view.report) write_report(html, *view.report, language);
    write_facts(html, call, view, manifest);
    write_fence(html, call, view);
    write_scopes(html, view, manifest, language);
    write_approval(html, call, view);
    write_registration(html, view, catalog, language);
    const auto tone = view.problem || needs_somebody(connection.state) ? Tone::bad : connection.state == ConnectionState::active ? Tone::good : Tone::plain;
    return page_answer(language, heading_of(connection), tone, html, status_of(view.problem), navigation(call, Place::all_connections));
}

app::ServerResponse remove_connection_page(const Call& call, const app::ShownConnection& row) {
    const auto language = call.language;
    const auto& connection = row.connection;
    Html html;
    html.element("p", pick(language, "Every automation that uses this connection stops at once. Its tokens are deleted; this cannot be undone.",
                           "このコネクションを利用する自動処理はただちに停止します。トークンは削除され、元に戻せません。"));
    html.open("dl", {{"class", "facts"}});
    definition(html, pick(language, "Name", "名前"), connection.name.text());
    if (!connection.mailbox.empty()) definition(html, pick(language, "Mailbox", "対象メールボックス"), connection.mailbox);
    definition(html, pick(language, "Client registration (stays)", "アプリの登録（残ります）"), row.registration);
    html.close("dl");
    open_form(html, call, "/connections/" + connection.name.text() + "/remove");
    close_form(html, fmt::format(fmt::runtime(pick(language, "Remove {}", "{} を削除")), connection.name.text()), "danger");
    html.open("p").element("a", pick(language, "Keep it", "削除しない"), {{"href", "/connections/" + connection.name.text()}}).close("p");
    const auto title = fmt::format(fmt::runtime(pick(language, "Remove {}?", "{} を削除しますか？")), heading_of(connection));
    return page_answer(language, title, Tone::bad, html, 200, navigation(call, Place::all_connections));
}

app::ServerResponse connect_link_page(const Call& call, const core::Connection& connection, const app::ConnectLink& link) {
    const auto language = call.language;
    Html html;
    html.element("p", pick(language, "Send this link to the person whose account it is. It works once and is shown on this page only.",
                           "このリンクを、アカウントを使用する本人に送ってください。一度だけ使用でき、この画面でのみ表示されます。"));
    html.element("pre", link.url, {{"class", "copy"}}).open("dl");
    definition(html, pick(language, "Works until", "有効期限"), shown_minute(link.expires_at));
    definition(html, pick(language, "Connection", "コネクション"), connection.name.text());
    html.close("dl")
        .open("p")
        .element("a", pick(language, "Back to the connection", "コネクションに戻る"), {{"href", "/connections/" + connection.name.text()}})
        .close("p");
    auto answer = page_answer(language, pick(language, "A link to send", "送付用リンク"), Tone::plain, html, 200, navigation(call, Place::all_connections));
    answer.secret_body = true;
    return answer;
}

}  // namespace renkei::api
