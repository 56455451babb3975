#include "adapters/api/person_parts.hpp"

#include "adapters/api/page_forms.hpp"
#include "core/policy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace renkei::api {
namespace {

void link(Html& html, std::string_view address, std::string_view text, bool here) {
    html.element("a", text, {{"href", address}, {here ? "aria-current" : "", "page"}});
}

bool may(const core::Principal& caller, core::Action action) {
    return std::ranges::any_of(caller.rights, [&](const core::Right& right) { return std::ranges::find(right.actions, action) != right.actions.end(); });
}

std::string field_text(std::string_view field, Language language) {
    if (field == "password_again") return std::string(pick(language, "The two passwords are not the same.", "2 つのパスワードが一致していません。"));
    if (field == "password")
        return std::string(pick(language, "The password must be 12 to 1024 bytes long.", "パスワードは 12 バイト以上 1024 バイト以下で入力してください。"));
    if (field == "current") return std::string(pick(language, "The current password is another one.", "現在のパスワードが正しくありません。"));
    if (field == "display_name") return std::string(pick(language, "Enter your name, at most 200 bytes.", "名前を 200 バイト以内で入力してください。"));
    if (field == "email")
        return std::string(
            pick(language, "Enter one e-mail address, for example hanako@example.com.", "メール アドレスを 1 件入力してください（例: hanako@example.com）。"));
    return {};
}

}  // namespace

Html navigation(const Call& call, Place here) {
    Html html;
    if (!call.person || !call.person->session.workspace) return html;
    const auto language = call.language;
    html.open("nav", {{"aria-label", pick(language, "Pages", "ページ")}});
    if (may(call.caller, core::Action::connections_read))
        link(html, "/connections", pick(language, "Connections", "コネクション"), here == Place::all_connections);
    link(html, "/my/connections", pick(language, "My connections", "マイ コネクション"), here == Place::connections);
    link(html, "/my/account", pick(language, "My account", "アカウント"), here == Place::account);
    open_form(html, call, "/sign-out", "inline");
    close_form(html, pick(language, "Sign out", "サインアウト"), "link");
    return html.close("nav");
}

void write_input(Html& html, const Input& input) {
    const auto hint_id = std::string(input.name) + "-hint";
    html.element("label", input.label, {{"for", input.name}});
    html.empty("input", {{"id", input.name},
                         {"name", input.name},
                         {"type", input.type},
                         {"value", input.value},
                         {"required", ""},
                         {"autocomplete", input.completion},
                         {input.hint.empty() ? "" : "aria-describedby", hint_id}});
    if (!input.hint.empty()) html.element("p", input.hint, {{"class", "hint"}, {"id", hint_id}});
}

void open_form(Html& html, const Call& call, std::string_view action, std::string_view css_class) {
    html.open("form",
              {{"method", "post"}, {action.empty() ? "" : "action", action}, {"accept-charset", "utf-8"}, {css_class.empty() ? "" : "class", css_class}});
    write_form_token(html, call);
}

void close_form(Html& html, std::string_view button, std::string_view css_class) {
    html.element("button", button, {{"type", "submit"}, {css_class.empty() ? "" : "class", css_class}}).close("form");
}

std::string refusal_text(const Error& error, Language language) {
    if (error.code == Errc::invalid_field)
        if (auto text = field_text(error.get("field"), language); !text.empty()) return text;
    if (error.code == Errc::too_many_requests) {
        const auto seconds = error.get("retry_after");
        return fmt::format(fmt::runtime(pick(language, "Too many sign-ins have failed. Wait {} seconds and try again.",
                                             "サインインの失敗が続いています。{} 秒待ってから、もう一度実行してください。")),
                           seconds.empty() ? std::string_view("60") : seconds);
    }
    const auto& row = error_row(error.code);
    return std::string(pick(language, row.title_en, row.title_ja));
}

void write_refusal(Html& html, const std::optional<Error>& refused, Language language) {
    if (refused) html.element("p", refusal_text(*refused, language), {{"class", "refused"}, {"role", "alert"}});
}

std::string joined(const std::vector<std::string_view>& words, Language language) { return fmt::format("{}", fmt::join(words, pick(language, ", ", "、"))); }

std::string shown_minute(TimePoint at) {
    auto text = iso_text(at).substr(0, 16);
    text[10] = ' ';
    return text + " UTC";
}

int status_of(const std::optional<Error>& refused) { return refused ? error_row(refused->code).status : 200; }

}  // namespace renkei::api
