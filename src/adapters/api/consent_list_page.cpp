#include "adapters/api/consent_page.hpp"
#include "adapters/api/html.hpp"
#include "adapters/api/pages.hpp"
#include "adapters/api/person_parts.hpp"

namespace renkei::api {
namespace {

void write_request(Html& html, const Call& call, const app::ShownConsent& shown, bool may_withdraw) {
    const auto language = call.language;
    const auto& name = shown.connection.name.text();
    html.open("li").open("h2").element("a", name, {{"href", "/connections/" + name}}).close("h2").open("dl");
    html.element("dt", pick(language, "Link for the administrator", "管理者に送るリンク"))
        .open("dd")
        .element("pre", shown.link, {{"class", "copy"}})
        .close("dd");
    html.element("dt", pick(language, "Asked for by", "依頼元")).element("dd", shown.request.asked_by);
    html.element("dt", pick(language, "Scopes", "スコープ")).open("dd").open("ul", {{"class", "scopes"}});
    for (const auto& scope : shown.request.scopes) html.element("li", scope);
    html.close("ul").close("dd");
    html.element("dt", pick(language, "Asked on", "依頼日時")).element("dd", shown_minute(shown.request.created_at));
    html.element("dt", pick(language, "The link is valid until", "リンクの有効期限")).element("dd", shown_minute(shown.request.expires_at)).close("dl");
    if (may_withdraw) {
        open_form(html, call, "/consent-requests/" + shown.request.id.text() + "/withdraw");
        close_form(html, pick(language, "Withdraw", "取り消す"), "quiet bad");
    }
    html.close("li");
}

}  // namespace

app::ServerResponse consent_list_page(const Call& call, const ConsentListView& view) {
    const auto language = call.language;
    Html html;
    write_refusal(html, view.refused, language);
    html.element("p", pick(language, "Only an administrator of your organization can approve these apps. Send them the link; whoever asked goes on afterwards.",
                           "これらのアプリを承認できるのは組織の管理者だけです。リンクを管理者に送ってください。承認されると、依頼元は続けられます。"));
    if (view.open.empty()) html.element("p", pick(language, "No request waits for an answer.", "承認待ちの依頼はありません。"), {{"class", "done"}});
    if (!view.open.empty()) html.open("ul", {{"class", "cards"}});
    for (const auto& shown : view.open) write_request(html, call, shown, view.may_withdraw);
    if (!view.open.empty()) html.close("ul");
    return page_answer(language, pick(language, "Requests for approval", "承認の依頼"), view.refused ? Tone::bad : Tone::plain, html, status_of(view.refused),
                       navigation(call, Place::none));
}

}  // namespace renkei::api
