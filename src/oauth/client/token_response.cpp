#include "oauth/client/token_response.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace renkei::oauth {
namespace {

constexpr std::size_t largest_answer = 512u << 10;
constexpr std::chrono::seconds longest_life{366L * 24 * 3600};
constexpr std::size_t longest_word = 128;
constexpr std::size_t most_codes = 16;

std::unexpected<Error> bad_answer(std::string detail) { return fail(Errc::provider_bad_answer, std::move(detail)); }

// RFC 6749 appendix A.12 and A.17: visible ASCII. Anything else would travel on in a header.
bool is_token_text(std::string_view text) {
    return !text.empty() && text.size() <= largest_token && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// RFC 6749 appendix A.7.
bool is_error_text(std::string_view text) {
    return !text.empty() && text.size() <= longest_word && std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// A JSON number or, as some servers send it, a string of digits.
std::optional<std::int64_t> seconds_of(const json::value& member) {
    if (member.is_int64()) return member.get_int64();
    if (member.is_uint64()) return std::numeric_limits<std::int64_t>::max();
    if (member.is_double() && std::isfinite(member.get_double()) && std::abs(member.get_double()) < 1e15) return static_cast<std::int64_t>(member.get_double());
    if (member.is_string()) return whole_number(json::view(member.get_string()));
    return std::nullopt;
}

Result<std::chrono::seconds> lifetime_of(const json::object& answer) {
    const auto* member = json::find(answer, "expires_in");
    if (member == nullptr || member->is_null()) return default_token_lifetime;
    const auto seconds = seconds_of(*member);
    if (!seconds || *seconds < 0) return bad_answer("the token answer's expires_in is not a number of seconds");
    // Zero would mean a token that never lives; servers that send it mean "not told".
    if (*seconds == 0) return default_token_lifetime;
    return std::min(longest_life, std::chrono::seconds(std::min<std::int64_t>(*seconds, longest_life.count())));
}

// Nothing: not there. A member of another type, or with characters that no token has, spoils the answer.
Result<std::optional<Secret>> token_member(const json::object& answer, std::string_view name) {
    const auto* member = json::find(answer, name);
    if (member == nullptr || member->is_null()) return std::optional<Secret>{};
    if (!member->is_string()) return bad_answer("the token answer's " + std::string(name) + " is not a text");
    const auto text = json::view(member->get_string());
    if (text.empty()) return std::optional<Secret>{};
    if (!is_token_text(text)) return bad_answer("the token answer's " + std::string(name) + " has characters that no token has, or is too long");
    return std::optional<Secret>(Secret(text));
}

Result<TokenResponse> read_success(const json::object& answer, std::string_view asked_scope) {
    const auto type = json::text(answer, "token_type");
    if (!type) return bad_answer("the token answer has no token_type");
    // RFC 6749 section 5.1: the value is case insensitive; section 7.1: an unknown type must not be used.
    if (!equal_ignoring_case(*type, "Bearer")) return bad_answer("the token answer's token_type is not Bearer");
    auto access = token_member(answer, "access_token"), refresh = token_member(answer, "refresh_token"), id = token_member(answer, "id_token");
    for (auto* member : {&access, &refresh, &id})
        if (!*member) return propagate(*member);
    if (!*access) return bad_answer("the token answer has no access_token");
    const auto lifetime = lifetime_of(answer);
    if (!lifetime) return fail(lifetime.error());
    const auto* scope = json::find(answer, "scope");
    if (scope != nullptr && !scope->is_string() && !scope->is_null()) return bad_answer("the token answer's scope is not a text");

    TokenResponse out{std::move(**access), std::move(*refresh), std::move(*id), *lifetime, std::string(asked_scope), false};
    if (scope != nullptr && scope->is_string() && !scope->get_string().empty()) {
        out.scope = std::string(json::view(scope->get_string()));
        out.scope_was_sent = true;
        if (out.scope.size() > largest_token || !is_utf8(out.scope)) return bad_answer("the token answer's scope is too long");
    }
    return out;
}

OAuthFailure read_failure(const json::object& answer, std::string_view error, const HttpResponse& response) {
    OAuthFailure out{.error = is_error_text(error) ? std::string(error) : "unreadable_error", .status = response.status, .retry_after = retry_after(response)};
    if (const auto* codes = json::find(answer, "error_codes"); codes != nullptr && codes->is_array())
        for (const auto& code : codes->get_array())
            if (code.is_int64() && out.codes.size() < most_codes) out.codes.push_back(code.get_int64());
    if (const auto suberror = json::text(answer, "suberror"); suberror && is_error_text(*suberror)) out.suberror = std::string(*suberror);
    return out;
}

std::unexpected<Error> unreadable(const HttpResponse& response, std::string detail) {
    Error error{Errc::provider_bad_answer, std::move(detail), {{"status", std::to_string(response.status)}}};
    if (response.status == 429)
        error.code = Errc::provider_throttled;
    else if (response.status >= 500)
        error.code = Errc::provider_unavailable;
    if (const auto wait = retry_after(response)) error.context.emplace_back("retry_after", std::to_string(wait->count()));
    return fail(std::move(error));
}

Result<TokenAnswer> read(const HttpResponse& response, std::string_view asked_scope) {
    if (response.body.size() > largest_answer) return unreadable(response, "the token endpoint's answer is too big");
    auto parsed = json::parse(response.body);
    if (!parsed || !parsed->is_object()) return unreadable(response, "the token endpoint's answer is not a JSON object");
    const auto& answer = parsed->get_object();
    // Some servers answer errors with status 200.
    if (const auto error = json::text(answer, "error"); error && !answer.contains("access_token")) return TokenAnswer(read_failure(answer, *error, response));
    if (response.status != 200)
        return unreadable(response, "the token endpoint answered with status " + std::to_string(response.status) + " and no OAuth error");
    auto success = read_success(answer, asked_scope);
    if (!success) return propagate(success);
    return TokenAnswer(std::move(*success));
}

}  // namespace

std::optional<std::chrono::seconds> retry_after(const HttpResponse& response) {
    const auto seconds = whole_number(trim(response.headers.get("Retry-After")));
    if (!seconds || *seconds < 0) return std::nullopt;
    constexpr std::int64_t one_day = 24 * 3600;
    return std::chrono::seconds(std::min(*seconds, one_day));
}

Result<TokenAnswer> parse_token_response(HttpResponse response, std::string_view asked_scope) {
    auto answer = read(response, asked_scope);
    wipe(response.body);
    return answer;
}

}  // namespace renkei::oauth
