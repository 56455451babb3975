// The part of a connection's page about what it may touch, and the script for the provider's administrator (B-05).
#include "adapters/api/connection_pages.hpp"
#include "adapters/api/form_parts.hpp"
#include "adapters/api/page_forms.hpp"
#include "adapters/api/pages.hpp"
#include "adapters/api/person_parts.hpp"
#include "base/encoding.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace renkei::api {
namespace {

std::string place_of(const core::Connection& connection) { return "/connections/" + connection.name.text(); }

// Only what is out of order is said: an address that belongs to somebody else by now is refused.
void write_entry(Html& html, const core::FenceEntry& entry, const std::vector<core::FenceRow>& rows, Language language) {
    html.open("li").text(core::text_of(entry));
    const auto row = std::ranges::find(rows, entry, &core::FenceRow::entry);
    const auto say = [&](std::string_view css, std::string_view text) { html.text(" ").element("span", text, {{"class", css}}); };
    if (row != rows.end() && row->state == core::FenceState::changed)
        say("state bad", pick(language, "■ belongs to somebody else now: refused until an administrator confirms it",
                              "■ 所有者が変更されています（管理者が確認するまで拒否されます）"));
    else if (row != rows.end() && row->state == core::FenceState::missing)
        say("state bad", pick(language, "■ not found in the directory", "■ ディレクトリに該当なし"));
    else if (row != rows.end() && row->state == core::FenceState::unresolved)
        say("soft", pick(language, "not yet looked up in the directory", "ディレクトリ未確認"));
    html.close("li");
}

// Both owners are shown: whoever confirms does so knowing which object is meant.
void write_confirmation(Html& html, const Call& call, const ConnectionView& view, const core::FenceRow& row) {
    const auto language = call.language;
    const auto entry = core::text_of(row.entry);
    html.open("div", {{"class", "notice bad"}});
    html.element("p", fmt::format(fmt::runtime(pick(language, "Does {} still mean the right mailbox?", "{} は正しいメールボックスを指していますか？")), entry),
                 {{"class", "strong"}});
    html.open("dl").element("dt", pick(language, "Directory id until now", "これまでのディレクトリ ID")).element("dd", row.directory_id, {{"class", "id"}});
    html.element("dt", pick(language, "Directory id of the new owner", "新しい所有者のディレクトリ ID"))
        .element("dd", row.found_id, {{"class", "id"}})
        .close("dl");
    if (view.may_confirm) {
        html.element("p",
                     pick(language, "Compare the new id with the provider's directory first. If it is a stranger's, take the entry off the list.",
                          "先に提供元サービスのディレクトリと新しい ID を照合してください。意図しない所有者であれば、許可リストから削除してください。"),
                     {{"class", "hint"}});
        open_form(html, call, place_of(view.row.connection) + "/fence/confirm");
        html.empty("input", {{"type", "hidden"}, {"name", "entry"}, {"value", entry}});
        html.empty("input", {{"type", "hidden"}, {"name", "found_id"}, {"value", row.found_id}});
        close_form(html, pick(language, "Confirm the new owner", "新しい所有者を確認する"), "quiet");
    }
    html.close("div");
}

void write_steps(Html& html, const Call& call, const ConnectionView& view) {
    const auto language = call.language;
    const bool may_look = view.may_change && view.has_directory;
    if (!may_look && !view.has_script) return;
    html.open("div", {{"class", "buttons"}});
    if (may_look) {
        open_form(html, call, place_of(view.row.connection) + "/fence/check", "inline");
        close_form(html, pick(language, "Ask the directory now", "今すぐディレクトリに照会"), "quiet");
    }
    if (view.has_script)
        html.element("a", pick(language, "Script for the provider's administrator", "提供元サービスの管理者用スクリプト"),
                     {{"href", place_of(view.row.connection) + "/fence/script"}, {"class", "button quiet"}});
    html.close("div");
}

}  // namespace

void write_fence(Html& html, const Call& call, const ConnectionView& view) {
    const auto language = call.language;
    const auto& fence = view.row.connection.fence;
    html.element("h2", pick(language, "Mailboxes that it may touch", "メールボックスの許可リスト"), {{"id", "fence"}});
    if (fence.everything) {
        html.element("p",
                     pick(language, "■ * : every mailbox that the provider lets it reach. An administrator chose this.",
                          "■ * : 提供元サービスで到達できるすべてのメールボックス（管理者による設定）"),
                     {{"class", "refused"}});
        return;
    }
    const auto entries = fence.entries();
    if (entries.empty()) {
        html.element("p", pick(language, "None: every request is refused until one is added.", "なし（追加されるまで、すべての要求が拒否されます）"));
        return;
    }
    html.open("ul", {{"class", "scopes"}});
    for (const auto& entry : entries) write_entry(html, entry, view.fence, language);
    html.close("ul");
    for (const auto& row : view.fence)
        if (row.state == core::FenceState::changed) write_confirmation(html, call, view, row);
    write_steps(html, call, view);
}

app::ServerResponse fence_script_page(const Call& call, const FenceScriptView& view) {
    const auto language = call.language;
    const auto place = place_of(view.connection) + "/fence/script";
    Html html;
    html.element("p", pick(language,
                           "An administrator of the provider runs this once; then the provider itself refuses every mailbox that is not on the list, "
                           "whatever Renkei does. It holds no secret.",
                           "提供元サービスの管理者が一度実行すると、許可リストにないメールボックスは提供元サービス側でも拒否されます。"
                           "スクリプトに秘密の値は含まれません。"));
    html.open("form", {{"method", "get"}, {"action", place}, {"novalidate", ""}});
    write_field(
        html,
        {"outside", pick(language, "A mailbox outside the list, for the test at its end", "許可リスト外のメールボックス（末尾のテスト用）"), view.outside,
         pick(language, "For example ceo@contoso.com: the script then asks whether it is really refused.",
              "例: ceo@contoso.com。本当に拒否されるかどうかを、スクリプトが確認します。"),
         view.refused, "email", true},
        language);
    html.element("button", pick(language, "Show with this test", "このテストを含めて表示"), {{"type", "submit"}, {"class", "quiet"}}).close("form");
    if (!view.script.empty()) {
        const auto file = place + ".ps1" + (view.outside.empty() ? "" : "?outside=" + percent_encode(view.outside));
        html.open("p", {{"class", "buttons"}}).element("a", pick(language, "Download", "ダウンロード"), {{"href", file}, {"class", "button"}}).close("p");
        html.element("pre", view.script, {{"class", "copy"}});
    }
    html.open("p").element("a", pick(language, "Back to the connection", "コネクションに戻る"), {{"href", place_of(view.connection) + "#fence"}}).close("p");
    const auto title = fmt::format(fmt::runtime(pick(language, "{}: script for the provider's administrator", "{}: 提供元サービスの管理者用スクリプト")),
                                   heading_of(view.connection));
    return page_answer(language, title, view.refused.empty() ? Tone::plain : Tone::bad, html, view.refused.empty() ? 200 : 400,
                       navigation(call, Place::all_connections));
}

}  // namespace renkei::api
