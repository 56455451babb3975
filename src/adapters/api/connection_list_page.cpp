#include "adapters/api/connection_pages.hpp"
#include "adapters/api/connection_words.hpp"
#include "adapters/api/pages.hpp"
#include "adapters/api/person_parts.hpp"
#include "base/encoding.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace renkei::api {
namespace {

// The first line of the page: is everything fine, and if not, what first?
void write_answer(Html& html, const ConnectionListView& view, Language language) {
    const auto waiting = std::ranges::count_if(view.rows, [](const auto& row) { return needs_somebody(row.connection.state); });
    if (waiting == 0) {
        html.element("p", pick(language, "Nothing needs anybody: all of these are in order.", "対応が必要なものはありません。"), {{"class", "done"}});
        return;
    }
    const auto text = waiting == 1 ? std::string(pick(language, "1 connection needs somebody. Open it to see who must act and what to do.",
                                                      "1 件のコネクションで対応が必要です。開くと、対応する人と対処方法が表示されます。"))
                                   : fmt::format(fmt::runtime(pick(language, "{} connections need somebody. Open each to see who must act and what to do.",
                                                                   "{} 件のコネクションで対応が必要です。開くと、対応する人と対処方法が表示されます。")),
                                                 waiting);
    html.element("p", text, {{"class", "refused"}, {"role", "status"}});
}

void cell(Html& html, std::string_view heading, std::string_view text) { html.element("td", text, {{"data-label", heading}}); }

void write_row(Html& html, const Call& call, const app::ShownConnection& row, const app::Catalog& catalog) {
    const auto language = call.language;
    const auto& connection = row.connection;
    const auto* manifest = catalog.find(connection.connector);
    html.open("tr").open("td", {{"data-label", pick(language, "State", "状態")}});
    write_state(html, connection, call.caller, language);
    if (const auto advice = advice_of(connection, language); needs_somebody(connection.state) && !advice.who.empty())
        html.element("div", advice.who, {{"class", "soft"}});
    html.close("td").open("td", {{"data-label", pick(language, "Name", "名前")}});
    html.element("a", connection.name.text(), {{"href", "/connections/" + connection.name.text()}});
    if (!connection.title.empty()) html.element("div", connection.title, {{"class", "soft"}});
    html.close("td");
    cell(html, pick(language, "Connector", "コネクタ"),
         manifest == nullptr ? std::string_view(connection.connector) : pick(language, manifest->name_en, manifest->name_ja));
    cell(html, pick(language, "Mailbox", "対象メールボックス"), connection.mailbox.empty() ? std::string_view("–") : connection.mailbox);
    cell(html, pick(language, "Acts as", "操作に使うユーザー"),
         connection.mode == core::ConnectionMode::client_credentials ? pick(language, "the app", "アプリ")
         : connection.act_as.empty()                                 ? pick(language, "who signs in", "サインインした人")
                                                                     : std::string_view(connection.act_as));
    html.close("tr");
}

void write_table(Html& html, const Call& call, const ConnectionListView& view, const app::Catalog& catalog) {
    const auto language = call.language;
    html.open("table", {{"class", "list"}}).open("thead").open("tr");
    for (const auto heading : {pick(language, "State", "状態"), pick(language, "Name", "名前"), pick(language, "Connector", "コネクタ"),
                               pick(language, "Mailbox", "対象メールボックス"), pick(language, "Acts as", "操作に使うユーザー")})
        html.element("th", heading, {{"scope", "col"}});
    html.close("tr").close("thead").open("tbody");
    for (const auto& row : view.rows) write_row(html, call, row, catalog);
    html.close("tbody").close("table");
}

}  // namespace

std::string heading_of(const core::Connection& connection) { return connection.title.empty() ? connection.name.text() : connection.title; }

app::ServerResponse connections_page(const Call& call, const ConnectionListView& view, const app::Catalog& catalog) {
    const auto language = call.language;
    Html html;
    if (view.may_make)
        html.open("p", {{"class", "primary"}}).element("a", pick(language, "Connect", "接続"), {{"href", "/connections/new"}, {"class", "button"}}).close("p");
    if (view.rows.empty() && view.next.empty() && view.first_page) {
        html.element("p", view.may_make
                              ? pick(language, "There are no connections yet. A connection lets automations use one mailbox, within limits that you set.",
                                     "コネクションはまだありません。コネクションを作成すると、決められた範囲のメールボックスを自動処理から利用できます。")
                              : pick(language, "There are no connections that you may see. An administrator or builder makes them.",
                                     "表示できるコネクションはありません。コネクションは管理者または作成者が作成します。"));
    } else {
        if (view.first_page && view.next.empty()) write_answer(html, view, language);
        write_table(html, call, view, catalog);
    }
    if (!view.next.empty())
        html.open("p")
            .element("a", pick(language, "Next page", "次のページ"), {{"href", "/connections?cursor=" + percent_encode(view.next)}, {"rel", "next"}})
            .close("p");
    html.open("p", {{"class", "soft"}})
        .element("a", pick(language, "Requests for an administrator's approval", "管理者への承認の依頼"), {{"href", "/consent-requests"}})
        .close("p");
    const auto title = pick(language, "Connections", "コネクション");
    return page_answer(language, title, Tone::plain, html, 200, navigation(call, Place::all_connections));
}

}  // namespace renkei::api
