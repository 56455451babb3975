#include "adapters/api/setup_page.hpp"

#include "adapters/api/pages.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

void field(Html& html, std::string_view name, std::string_view type, std::string_view label, std::string_view value, std::string_view completion,
           std::string_view hint = {}) {
    html.element("label", label, {{"for", name}});
    html.empty("input", {{"id", name}, {"name", name}, {"type", type}, {"value", value}, {"required", ""}, {"autocomplete", completion}});
    if (!hint.empty()) html.element("p", hint, {{"class", "hint"}});
}

void box(Html& html, std::string_view name, bool checked, std::string_view label) {
    html.open("label", {{"class", "check"}});
    html.empty("input", {{"type", "checkbox"}, {"name", name}, {"value", "yes"}, {checked ? "checked" : "", ""}});
    html.element("span", label).close("label");
}

std::string refusal(const Error& error, Language language) {
    const auto field = error.get("field");
    if (field == "password_again") return std::string(pick(language, "The two passwords are not the same.", "2 つのパスワードが一致していません。"));
    if (field == "password")
        return std::string(pick(language, "The password must be 12 to 1024 bytes long.", "パスワードは 12 バイト以上 1024 バイト以下で入力してください。"));
    if (field == "email")
        return std::string(
            pick(language, "Enter one e-mail address, for example hanako@example.com.", "メール アドレスを 1 件入力してください（例: hanako@example.com）。"));
    if (field == "display_name") return std::string(pick(language, "Enter your name, at most 200 bytes.", "名前を 200 バイト以内で入力してください。"));
    const auto& row = error_row(error.code);
    return std::string(pick(language, row.title_en, row.title_ja));
}

}  // namespace

app::ServerResponse setup_form_page(Language language, const SetupForm& form, const std::optional<Error>& refused) {
    Html html;
    html.element("p", pick(language, "This makes the workspace, its first administrator and the administrator's API key. The link works once.",
                           "ワークスペースと最初の管理者、管理者の API キーを作成します。このリンクは一度だけ使用できます。"));
    if (refused) html.element("p", refusal(*refused, language), {{"class", "refused"}, {"role", "alert"}});
    html.open("form", {{"method", "post"}, {"accept-charset", "utf-8"}});
    field(html, "email", "email", pick(language, "E-mail address", "メール アドレス"), form.email, "username");
    field(html, "display_name", "text", pick(language, "Name", "名前"), form.display_name, "name");
    field(
        html, "password", "password", pick(language, "Password", "パスワード"), {}, "new-password",
        pick(language, "At least 12 characters. A long sentence is better than a short riddle.", "12 文字以上。長い文のほうが、短く複雑なものより安全です。"));
    field(html, "password_again", "password", pick(language, "Password, once more", "パスワード（確認）"), {}, "new-password");
    html.element("h2", pick(language, "Rights that are off unless you choose them", "選択した場合だけ付与される権限"));
    box(html, "tokens_read", form.tokens_read,
        pick(language, "The administrator's key may read access tokens (tokens:read)", "管理者のキーでアクセス トークンを取得できるようにする（tokens:read）"));
    box(html, "native", form.native,
        pick(language, "The administrator's key may call a provider's own API (native)",
             "管理者のキーで提供元サービスの API を直接呼び出せるようにする（native）"));
    html.open("button", {{"type", "submit"}}).text(pick(language, "Make the administrator", "管理者を作成")).close("button").close("form");
    auto answer =
        page_answer(language, pick(language, "Set up Renkei", "Renkei の初期設定"), Tone::plain, html, refused ? error_row(refused->code).status : 200);
    return answer;
}

app::ServerResponse setup_done_page(Language language, const app::SetupDone& done, const std::string& public_url) {
    Html html;
    html.element("p", pick(language, "This is the administrator's API key. It is shown on this page only; keep it in a safe place now.",
                           "管理者の API キーです。この画面でのみ表示されます。今すぐ安全な場所に保管してください。"));
    html.element("pre", done.key.text.expose(), {{"class", "copy"}});
    html.open("dl");
    html.element("dt", pick(language, "Workspace", "ワークスペース")).element("dd", done.workspace.name.text());
    html.element("dt", pick(language, "Administrator", "管理者")).element("dd", fmt::format("{} ({})", done.person.display_name, done.person.email));
    html.element("dt", pick(language, "Key", "キー")).element("dd", done.key.key.name.text()).close("dl");
    html.element("h2", pick(language, "Next", "次の手順"));
    html.element("pre", fmt::format("export RENKEI_URL={}\nexport RENKEI_KEY=…\nrenkei connections list", public_url));
    auto answer = page_answer(language, pick(language, "Renkei is ready", "Renkei の準備ができました"), Tone::good, html);
    answer.secret_body = true;
    return answer;
}

}  // namespace renkei::api
