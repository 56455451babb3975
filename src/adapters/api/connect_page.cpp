#include "adapters/api/connect_page.hpp"

#include "adapters/api/pages.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

void scopes(Html& html, const std::vector<std::string>& names) {
    html.open("ul", {{"class", "scopes"}});
    for (const auto& name : names) html.element("li", name);
    html.close("ul");
}

std::string title_of(const core::Connection& connection) {
    return connection.title.empty() ? connection.name.text() : fmt::format("{} ({})", connection.title, connection.name.text());
}

}  // namespace

app::ServerResponse connect_request_page(Language language, const app::ConnectRequest& request) {
    const auto provider = pick(language, request.connector_name_en, request.connector_name_ja);
    const auto& connection = request.connection;
    Html html;
    html.element("p",
                 fmt::format(fmt::runtime(pick(language, "You are about to sign in at {} and allow Renkei to use an account there. Nothing has been sent yet.",
                                               "{} にサインインし、Renkei にアカウントの利用を許可します。まだ何も送信されていません。")),
                             provider));
    html.open("dl");
    html.element("dt", pick(language, "Connection", "コネクション")).element("dd", title_of(connection));
    html.element("dt", pick(language, "Asked for by", "依頼元")).element("dd", request.asked_by);
    if (!connection.act_as.empty()) html.element("dt", pick(language, "Sign in as", "操作に使うユーザー")).element("dd", connection.act_as);
    if (!connection.mailbox.empty()) html.element("dt", pick(language, "Mailbox", "対象メールボックス")).element("dd", connection.mailbox);
    html.element("dt", pick(language, "Scopes", "スコープ")).open("dd");
    scopes(html, request.scopes);
    html.close("dd");
    html.element("dt", pick(language, "The provider's answer comes to", "リダイレクト URI（コールバック URL）"))
        .open("dd")
        .element("code", request.redirect_uri)
        .close("dd");
    html.close("dl").open("form", {{"method", "post"}});
    html.element("button", pick(language, "Continue", "続ける"), {{"type", "submit"}}).close("form");
    html.element(
        "p",
        pick(language, "If you did not expect this, close the page. The link works once and in one browser; Renkei never sees your password.",
             "心当たりがない場合はこのページを閉じてください。リンクは一度だけ、1 つのブラウザーで使用できます。パスワードが Renkei に渡ることはありません。"),
        {{"class", "soft"}});
    const auto title = fmt::format(fmt::runtime(pick(language, "Connect {}", "{} に接続")), provider);
    return page_answer(language, title, Tone::plain, html);
}

app::ServerResponse device_progress_page(Language language, const app::DeviceProgress& progress) {
    Html html;
    if (progress.state == app::DeviceProgress::State::connected) {
        html.element("p", pick(language, "The connection works. You may close this page.", "接続が完了しました。このページは閉じてかまいません。"));
        html.open("dl").element("dt", pick(language, "Connection", "コネクション")).element("dd", title_of(progress.connection)).close("dl");
        return page_answer(language, pick(language, "Connected", "接続しました"), Tone::good, html);
    }
    const auto& address = progress.verification_uri_complete.empty() ? progress.verification_uri : progress.verification_uri_complete;
    html.element("p", pick(language, "Open this address on any device, type the code and sign in. This page notices when you are done.",
                           "任意の端末で次のアドレスを開き、コードを入力してサインインしてください。完了すると、このページに自動で表示されます。"));
    html.open("p").element("a", progress.verification_uri, {{"href", address}, {"target", "_blank"}, {"rel", "noreferrer"}}).close("p");
    html.element("p", progress.user_code, {{"class", "code"}});
    html.open("dl");
    html.element("dt", pick(language, "Connection", "コネクション")).element("dd", title_of(progress.connection));
    html.element("dt", pick(language, "Asked for by", "依頼元")).element("dd", progress.asked_by);
    html.close("dl");
    html.element("p",
                 pick(language, "Type the code only if you expected this: it lets the one who asked use your account.",
                      "心当たりがある場合だけコードを入力してください。入力すると、依頼元があなたのアカウントを利用できるようになります。"),
                 {{"class", "soft"}});
    auto answer = page_answer(language, pick(language, "Sign in with a code", "コードでサインイン"), Tone::plain, html);
    answer.headers.set("Refresh", "3");
    return answer;
}

app::ServerResponse connect_done_page(Language language, const app::ConnectOutcome& outcome) {
    Html html;
    html.element("p", pick(language, "The connection works. You may close this page.", "接続が完了しました。このページは閉じてかまいません。"));
    html.open("dl");
    html.element("dt", pick(language, "Connection", "コネクション")).element("dd", title_of(outcome.connection));
    html.element("dt", pick(language, "Signed in as", "サインインしたユーザー")).element("dd", outcome.signed_in_as);
    if (!outcome.granted_scopes.empty()) {
        html.element("dt", pick(language, "Allowed", "許可されたスコープ")).open("dd");
        scopes(html, outcome.granted_scopes);
        html.close("dd");
    }
    if (!outcome.missing_scopes.empty()) {
        html.element("dt", pick(language, "Asked for and not allowed: some actions will be refused", "許可されなかったスコープ（一部の操作は使用できません）"))
            .open("dd");
        scopes(html, outcome.missing_scopes);
        html.close("dd");
    }
    html.close("dl");
    const auto title = fmt::format(fmt::runtime(pick(language, "Connected as {}", "{} として接続しました")), outcome.signed_in_as);
    return page_answer(language, title, Tone::good, html);
}

}  // namespace renkei::api
