#include "adapters/api/pages.hpp"

#include "base/crypto.hpp"
#include "base/encoding.hpp"
#include "base/sign_in_reason.hpp"

#include <fmt/format.h>

namespace renkei::api {
namespace {

// No script at all, nothing from elsewhere; a form may go to Renkei, and from there to a provider (form-action checks
// redirects too, so it stays open; there is nothing on these pages that could put a form of its own).
constexpr std::string_view page_policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

Html frame(Language language, std::string_view title, Tone tone, const Html& content, const Html& banner) {
    constexpr std::string_view tones[] = {"plain", "good", "bad"};
    Html page;
    page.open("html", {{"lang", tag_of(language)}}).open("head").empty("meta", {{"charset", "utf-8"}});
    page.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
    page.empty("meta", {{"name", "robots"}, {"content", "noindex"}}).element("title", fmt::format("{} - Renkei", title));
    page.empty("link", {{"rel", "stylesheet"}, {"href", style_address()}}).close("head").open("body");
    page.open("header")
        .element("span", "連携", {{"class", "mark"}, {"lang", "ja"}})
        .element("span", "Renkei", {{"class", "brand"}})
        .append(banner)
        .close("header");
    page.open("main", {{"class", tones[static_cast<std::size_t>(tone)]}}).element("h1", title).append(content).close("main");
    return page.close("body").close("html");
}

}  // namespace

const std::string& style_address() {
    static const std::string address = "/assets/" + to_hex(sha256(style_sheet())).substr(0, 16) + "/renkei.css";
    return address;
}

app::ServerResponse page_answer(Language language, std::string_view title, Tone tone, const Html& content, int status, const Html& banner) {
    app::ServerResponse answer;
    answer.status = status;
    answer.headers.set("Content-Type", "text/html; charset=utf-8");
    answer.headers.set("Content-Language", std::string(tag_of(language)));
    answer.headers.set("Content-Security-Policy", std::string(page_policy));
    answer.body = "<!DOCTYPE html>" + frame(language, title, tone, content, banner).result();
    return answer;
}

std::string_view word_of(Actor actor, Language language) {
    switch (actor) {
        case Actor::caller: return pick(language, "You", "ご本人");
        case Actor::user: return pick(language, "You, the account's owner", "本人");
        case Actor::administrator: return pick(language, "The administrator", "管理者");
        case Actor::app_owner: return pick(language, "The owner of the app registration", "アプリの所有者");
        case Actor::operator_: return pick(language, "Renkei's operator", "Renkei の運用担当者");
        case Actor::nobody: return pick(language, "Nobody: wait and try again", "対応不要（待機）");
    }
    return {};
}

app::ServerResponse error_page(const Error& error, std::string_view request_id, Language language, const Html& more) {
    const auto& row = error_row(error.code);
    const auto title = pick(language, row.title_en, row.title_ja);
    const auto say = told(error, language == Language::ja);
    const auto& remedy = say.remedy;
    const auto who = pick(language, "Who must act", "対応する人"), what = pick(language, "What to do", "対処方法"), why = pick(language, "Details", "詳細");
    Html content;
    content.open("dl").element("dt", who).element("dd", word_of(say.actor, language)).element("dt", what).element("dd", remedy);
    const bool translated = say.detail != error.detail;
    if (!say.detail.empty()) content.element("dt", why).element("dd", say.detail, {{"lang", translated ? tag_of(language) : std::string_view("en")}});
    content.close("dl").append(more);
    const auto message = fmt::format("{}\n{}: {}\n{}: {}\n{}: {}\ncode: {}\nrequest id: {}", title, who, word_of(say.actor, language), what, remedy, why,
                                     say.detail, row.slug, request_id);
    content.element("h2", pick(language, "Message to copy", "連絡用の文面（コピーしてお使いください）")).element("pre", message, {{"class", "copy"}});
    auto answer = page_answer(language, title, Tone::bad, content, row.status);
    if (const auto seconds = error.get("retry_after"); !seconds.empty()) answer.headers.set("Retry-After", std::string(seconds));
    return answer;
}

}  // namespace renkei::api
