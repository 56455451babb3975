#include "adapters/api/page_forms.hpp"

#include "base/uri.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace renkei::api {
namespace {

constexpr std::string_view home_page = "/my/connections";

// Lax: links in messages and the way back from a provider lead to pages of the session; forms are protected by token and
// origin besides.
constexpr std::string_view secure_attributes = "; Path=/; Secure; HttpOnly; SameSite=Lax";
constexpr std::string_view plain_attributes = "; Path=/; HttpOnly; SameSite=Lax";

bool is_https(std::string_view public_url) { return public_url.starts_with("https://"); }

std::unexpected<Error> strange_form(std::string detail) { return fail(Errc::form_expired, std::move(detail)); }

}  // namespace

PageCookie::PageCookie(std::string_view name, std::string_view public_url)
    : name_((is_https(public_url) ? "__Host-" : "") + std::string(name)), attributes_(is_https(public_url) ? secure_attributes : plain_attributes) {}

std::string PageCookie::set(const Secret& value, std::chrono::seconds life) const {
    return fmt::format("{}={}{}; Max-Age={}", name_, value.expose(), attributes_, life.count());
}

std::string PageCookie::clear() const { return fmt::format("{}={}; Max-Age=0", name_, attributes_); }

std::optional<Secret> PageCookie::read(const std::optional<Secret>& cookie_header) const {
    if (!cookie_header) return std::nullopt;
    std::optional<Secret> found;
    for (auto pair : split(cookie_header->expose(), ';')) {
        pair = trim(pair);
        const auto equals = pair.find('=');
        if (equals == pair.npos || pair.substr(0, equals) != name_) continue;
        // Two of one name: somebody has put one beside ours. Neither is believed.
        if (found) return std::nullopt;
        const auto value = pair.substr(equals + 1);
        if (value.size() < 8 || value.size() > 128) return std::nullopt;
        found = Secret(value);
    }
    return found;
}

PageCookie session_cookie(std::string_view public_url) { return {"renkei-session", public_url}; }
PageCookie form_cookie(std::string_view public_url) { return {"renkei-form", public_url}; }

Result<void> check_origin(const Headers& headers, std::string_view public_url) {
    if (headers.has("Origin")) {
        if (headers.count("Origin") == 1 && headers.get("Origin") == public_url) return {};
        return strange_form("the form was sent from a page at another address than Renkei's public_url");
    }
    const auto site = headers.get("Sec-Fetch-Site");
    if (site.empty() || site == "same-origin" || site == "none") return {};
    return strange_form("the form was sent from a page of another site");
}

Result<void> check_form_token(const Call& call) {
    const auto* token = find_field(call.form, "form");
    if (token == nullptr || call.form_token.empty() || !constant_time_equal(*token, call.form_token))
        return strange_form("the form does not carry the token that this browser was given; perhaps its page was open for a long time");
    return {};
}

void write_form_token(Html& html, const Call& call) { html.empty("input", {{"type", "hidden"}, {"name", "form"}, {"value", call.form_token}}); }

std::string text_field(const Fields& form, std::string_view name) {
    const auto* value = find_field(form, name);
    return value == nullptr ? std::string() : *value;
}

Secret take_field(Fields& form, std::string_view name) {
    for (auto& [field, value] : form)
        if (field == name) return Secret::take(std::move(value));
    return {};
}

std::string safe_next(std::string_view wanted) {
    constexpr std::string_view places[] = {"/my/", "/people", "/connect/", "/connections", "/consent-requests"};
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("/-_.~?=&%").contains(c);
    };
    const bool ours = std::ranges::any_of(places, [&](std::string_view place) { return wanted.starts_with(place); });
    if (!ours || wanted.size() > 1024 || !std::ranges::all_of(wanted, plain) || wanted.contains("//") || wanted.contains("..")) return std::string(home_page);
    return std::string(wanted);
}

app::ServerResponse see_other(std::string location) {
    app::ServerResponse answer;
    answer.status = 303;
    answer.headers.set("Location", std::move(location));
    return answer;
}

}  // namespace renkei::api
