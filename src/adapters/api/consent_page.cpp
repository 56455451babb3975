#include "adapters/api/consent_page.hpp"

#include "adapters/api/html.hpp"
#include "adapters/api/pages.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

std::string title_of(const core::Connection& connection) {
    return connection.title.empty() ? connection.name.text() : fmt::format("{} ({})", connection.title, connection.name.text());
}

void facts(Html& html, Language language, const app::ShownConsent& shown) {
    html.element("dt", pick(language, "Connection", "コネクション")).element("dd", title_of(shown.connection));
    html.element("dt", pick(language, "Asked for by", "依頼元")).element("dd", shown.request.asked_by);
    html.element("dt", pick(language, "Client ID of the app", "アプリのクライアント ID")).open("dd").element("code", shown.client_id).close("dd");
    html.element("dt", pick(language, "Scopes", "スコープ")).open("dd").open("ul", {{"class", "scopes"}});
    for (const auto& scope : shown.request.scopes) html.element("li", scope);
    html.close("ul").close("dd");
}

std::string_view ended_words(core::ConsentState state, Language language) {
    switch (state) {
        case core::ConsentState::refused: return pick(language, "The administrator did not approve.", "管理者が承認しませんでした。");
        case core::ConsentState::cancelled: return pick(language, "The request was withdrawn.", "承認の依頼は取り消されました。");
        default: break;
    }
    return pick(language, "Nobody has approved in time.", "期限までに承認されませんでした。");
}

}  // namespace

app::ServerResponse consent_request_page(Language language, const app::ShownConsent& shown) {
    const auto provider = pick(language, shown.connector_name_en, shown.connector_name_ja);
    Html html;
    html.element("p", fmt::format(fmt::runtime(pick(language,
                                                    "Somebody of your organization wants to use {} through Renkei, and only an administrator may allow the "
                                                    "app. Nothing has been sent yet; the next page is the provider's own.",
                                                    "組織の利用者が Renkei から {} を使おうとしていますが、アプリを許可できるのは管理者だけです。"
                                                    "まだ何も送信されていません。次のページは提供元サービスのものです。")),
                                  provider));
    html.open("dl");
    facts(html, language, shown);
    html.close("dl").open("form", {{"method", "post"}});
    html.element("button", pick(language, "Continue as administrator", "管理者として続ける"), {{"type", "submit"}}).close("form");
    html.element("p",
                 pick(language, "If you do not know who asks, close the page. You may withdraw the approval at the provider at any time.",
                      "依頼元に心当たりがない場合はこのページを閉じてください。承認は提供元サービスでいつでも取り消せます。"),
                 {{"class", "soft"}});
    return page_answer(language, pick(language, "Approve an app", "アプリの承認"), Tone::plain, html);
}

Html approval_offer(Language language, const Secret& code) {
    Html html;
    html.element("p", pick(language, "Did the provider say that an administrator must approve? Then Renkei can prepare the request for them.",
                           "提供元サービスの画面に「管理者の承認が必要」と表示された場合は、管理者への依頼を作成できます。"));
    html.open("form", {{"method", "post"}, {"action", "/consent/" + std::string(code.expose()) + "/ask"}});
    html.element("button", pick(language, "Ask the administrator", "管理者に依頼する"), {{"type", "submit"}}).close("form");
    return html;
}

app::ServerResponse consent_waiting_page(Language language, const app::ShownConsent& shown) {
    using enum core::ConsentState;
    const auto state = shown.request.state;
    Html html;
    if (state == granted) {
        html.element("p",
                     pick(language, "An administrator has approved. You can go on with your sign-in now.", "管理者が承認しました。サインインを続けられます。"));
        html.open("form", {{"method", "post"}}).element("button", pick(language, "Continue", "続ける"), {{"type", "submit"}}).close("form");
        html.element("p",
                     pick(language, "If the provider still asks for an approval, wait a few minutes: it takes effect with a delay.",
                          "それでも承認を求められる場合は、反映まで数分待ってください。"),
                     {{"class", "soft"}});
        return page_answer(language, pick(language, "Approved", "承認されました"), Tone::good, html);
    }
    if (state != open) {
        html.element("p", ended_words(state, language));
        html.element("p", pick(language, "Talk to the administrator, and start again with a new connect link.",
                               "管理者に相談し、新しい接続用リンクから最初からやり直してください。"));
        return page_answer(language, pick(language, "Not approved", "承認されませんでした"), Tone::bad, html);
    }
    html.element("p",
                 pick(language, "Only an administrator of your organization can allow this app. Send them this link; this page notices the approval.",
                      "このアプリを許可できるのは組織の管理者だけです。次のリンクを管理者に送ってください。承認されると、このページに自動で表示されます。"));
    html.element("pre", shown.link, {{"class", "copy"}});
    html.open("dl");
    facts(html, language, shown);
    html.element("dt", pick(language, "The link is valid until", "リンクの有効期限")).element("dd", iso_text(shown.request.expires_at));
    html.close("dl");
    auto answer = page_answer(language, pick(language, "Waiting for approval", "承認待ち"), Tone::plain, html);
    answer.headers.set("Refresh", "5");
    return answer;
}

app::ServerResponse consent_granted_page(Language language, const app::ConsentOutcome& outcome) {
    Html html;
    html.element("p", pick(language, "The app is approved; whoever asked can go on now. You may close this page.",
                           "アプリを承認しました。依頼元は続けられます。このページは閉じてかまいません。"));
    html.open("dl").element("dt", pick(language, "Connection", "コネクション")).element("dd", title_of(outcome.connection));
    html.element("dt", pick(language, "Tenant", "テナント")).element("dd", outcome.request.granted_tenant).close("dl");
    return page_answer(language, pick(language, "Approved", "承認しました"), Tone::good, html);
}

}  // namespace renkei::api
