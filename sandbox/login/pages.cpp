#include "sandbox/login/pages.hpp"

#include <fmt/format.h>

namespace renkei::sandbox {
namespace {

constexpr std::string_view style =
    "body{font-family:system-ui,sans-serif;background:#eef1f5;margin:0;display:flex;min-height:100vh;align-items:center;justify-content:center}"
    "main{background:#fff;padding:2.5rem;width:24rem;box-shadow:0 2px 8px #0003}h1{font-size:1.4rem;margin:0 0 1rem}"
    "label{display:block;margin:.8rem 0 .2rem}input[type=text],input[type=password]{width:100%;box-sizing:border-box;padding:.5rem;font-size:1rem}"
    ".problem{color:#a4262c}.note{color:#555;font-size:.8rem;margin-top:2rem}button{margin:1.2rem .5rem 0 0;padding:.5rem 1.5rem;font-size:1rem}";

ServerResponse page(bool japanese, int status, std::string_view title, std::string_view content) {
    const std::string_view note =
        japanese ? "これは Renkei のサンドボックスです。本物の Microsoft の画面ではありません。" : "This is Renkei's sandbox, not a page of Microsoft's.";
    ServerResponse response;
    response.status = status;
    response.body = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
        "<title>{}</title><style>{}</style></head>\n<body><main>\n<h1>{}</h1>\n{}\n<p class=\"note\">{}</p>\n</main></body>\n</html>\n",
        japanese ? "ja" : "en", html_escape(title), style, html_escape(title), content, note);
    response.headers.set("Content-Type", "text/html; charset=utf-8");
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("Referrer-Policy", "no-referrer");
    response.headers.set("X-Frame-Options", "DENY");
    return response;
}

std::string hidden(std::string_view name, std::string_view value) {
    return fmt::format("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", html_escape(name), html_escape(value));
}

std::string problem_line(std::string_view problem) {
    return problem.empty() ? std::string() : fmt::format("<p class=\"problem\" role=\"alert\">{}</p>\n", html_escape(problem));
}

}  // namespace

bool wants_japanese(const ServerRequest& request) {
    for (const auto* name : {"ui_locales", "mkt"})
        if (const auto* value = find_field(request.query, name)) return lower_ascii(*value).starts_with("ja");
    return lower_ascii(trim(request.headers.get("Accept-Language"))).starts_with("ja");
}

std::string html_escape(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        switch (c) {
            case '&': safe += "&amp;"; break;
            case '<': safe += "&lt;"; break;
            case '>': safe += "&gt;"; break;
            case '"': safe += "&quot;"; break;
            case '\'': safe += "&#39;"; break;
            default: safe += c;
        }
    }
    return safe;
}

ServerResponse sign_in_page(const ServerRequest& request, std::string_view action, std::string_view flow, std::string_view app_name, std::string_view login,
                            std::string_view problem) {
    const bool ja = wants_japanese(request);
    const auto form = fmt::format(
        "<p>{}</p>\n{}<form method=\"post\" action=\"{}\">\n{}"
        "<label for=\"login\">{}</label><input type=\"text\" id=\"login\" name=\"login\" value=\"{}\" autocomplete=\"username\">\n"
        "<label for=\"passwd\">{}</label><input type=\"password\" id=\"passwd\" name=\"passwd\" autocomplete=\"current-password\">\n"
        "<button type=\"submit\" name=\"signin\" value=\"1\">{}</button><button type=\"submit\" name=\"cancel\" value=\"1\">{}</button>\n</form>",
        html_escape(fmt::format(fmt::runtime(ja ? "「{}」に進みます。" : "to continue to {}"), app_name)), problem_line(problem), html_escape(action),
        hidden("flow", flow), ja ? "ユーザー名（メール アドレス）" : "User name (mail address)", html_escape(login), ja ? "パスワード" : "Password",
        ja ? "サインイン" : "Sign in", ja ? "キャンセル" : "Cancel");
    return page(ja, 200, ja ? "サインイン" : "Sign in", form);
}

ServerResponse consent_page(const ServerRequest& request, std::string_view action, std::string_view flow, const App& app, const SandboxUser& user,
                            const std::vector<Scope>& scopes) {
    const bool ja = wants_japanese(request);
    std::string list;
    for (const auto& scope : scopes)
        list += fmt::format("<li title=\"{}\">{}</li>\n", html_escape(scope.permission), html_escape(consent_sentence(scope.permission, ja)));
    const auto form = fmt::format(
        "<p>{}</p>\n<p><b>{}</b></p>\n<ul>\n{}</ul>\n<form method=\"post\" action=\"{}\">\n{}"
        "<button type=\"submit\" name=\"accept\" value=\"1\">{}</button><button type=\"submit\" name=\"cancel\" value=\"1\">{}</button>\n</form>",
        html_escape(user.upn), html_escape(app.name), list, html_escape(action), hidden("flow", flow), ja ? "承諾" : "Accept", ja ? "キャンセル" : "Cancel");
    return page(ja, 200, ja ? "要求されているアクセス許可" : "Permissions requested", form);
}

ServerResponse approval_page(const ServerRequest& request, std::string_view action, std::string_view flow, const App& app, const SandboxUser& user,
                             std::string_view problem) {
    const bool ja = wants_japanese(request);
    const auto form = fmt::format(
        "<p>{}</p>\n<p><b>{}</b></p>\n{}<form method=\"post\" action=\"{}\">\n{}"
        "<button type=\"submit\" name=\"other\" value=\"1\">{}</button><button type=\"submit\" name=\"cancel\" value=\"1\">{}</button>\n</form>",
        html_escape(user.upn), html_escape(app.name), problem_line(problem), html_escape(action), hidden("flow", flow),
        ja ? "管理者アカウントでサインイン" : "Sign in with an admin account",
        ja ? "同意せずにアプリに戻る" : "Return to the application without granting consent");
    return page(ja, 200, ja ? "管理者の承認が必要" : "Need admin approval", form);
}

ServerResponse device_page(const ServerRequest& request, std::string_view user_code, std::string_view problem) {
    const bool ja = wants_japanese(request);
    const auto form = fmt::format(
        "{}<form method=\"post\" action=\"/device\">\n<label for=\"user_code\">{}</label>"
        "<input type=\"text\" id=\"user_code\" name=\"user_code\" value=\"{}\" autocomplete=\"off\">\n<button type=\"submit\" name=\"next\" "
        "value=\"1\">{}</button>\n</form>",
        problem_line(problem), ja ? "アプリまたはデバイスに表示されたコード" : "The code displayed on your app or device", html_escape(user_code),
        ja ? "次へ" : "Next");
    return page(ja, 200, ja ? "コードの入力" : "Enter code", form);
}

ServerResponse message_page(const ServerRequest& request, int status, std::string_view title, std::string_view text) {
    return page(wants_japanese(request), status, title, fmt::format("<p>{}</p>", html_escape(text)));
}

ServerResponse error_page(World& world, const ServerRequest& request, const Aadsts& failure) {
    const bool ja = wants_japanese(request);
    const auto trace = world.new_guid();
    auto response = message_page(request, 400, ja ? "サインインできません" : "Sorry, but we're having trouble signing you in.",
                                 description_of(world, request, failure, trace));
    response.headers.set("x-ms-request-id", trace);
    return response;
}

ServerResponse form_post_page(const ServerRequest& request, std::string_view redirect_uri, const Fields& fields) {
    const bool ja = wants_japanese(request);
    std::string inputs;
    for (const auto& [name, value] : fields) inputs += hidden(name, value);
    ServerResponse response = page(ja, 200, ja ? "移動しています" : "Working...",
                                   fmt::format("<form method=\"post\" name=\"hiddenform\" action=\"{}\">\n{}<button type=\"submit\">{}</button>\n</form>\n"
                                               "<script>document.forms[0].submit()</script>",
                                               html_escape(redirect_uri), inputs, ja ? "続行" : "Continue"));
    return response;
}

}  // namespace renkei::sandbox
