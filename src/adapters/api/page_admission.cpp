// How requests come to the pages with forms: by the cookie of a session or of a visitor, never by an API key.
#include "adapters/api/api.hpp"
#include "adapters/api/outcome.hpp"
#include "adapters/api/page_forms.hpp"
#include "adapters/api/pages.hpp"
#include "adapters/api/parse_body.hpp"
#include "app/sign_in.hpp"
#include "base/encoding.hpp"
#include "core/policy.hpp"

namespace renkei::api {
namespace {

constexpr std::string_view choose_page = "/sign-in/workspace";

app::ServerResponse to_sign_in(const Call& call) {
    const bool can_come_back = call.route->method == Method::get;
    return see_other(can_come_back ? "/sign-in?next=" + percent_encode(call.request.target) : "/sign-in");
}

}  // namespace

Task<Api::Outcome> Api::admit_to_page(Call call) {
    Outcome outcome{Result<app::ServerResponse>(app::ServerResponse{}), call.route};
    const auto needs = call.route->needs;
    auto cookie = session_cookie(services_.public_url).read(call.request.cookie);
    call.request.authorization.reset();
    if (needs.kind == Requires::Kind::visitor) {
        outcome.answer = co_await run_page(std::move(call));
        co_return outcome;
    }
    auto token = cookie ? services_.sign_in.form_token(*cookie) : std::string();
    auto who = co_await services_.sign_in.authenticate(std::move(cookie));
    if (!who) {
        const bool signed_out = who.error().code == Errc::sign_in_required;
        outcome.answer = signed_out ? Result<app::ServerResponse>(to_sign_in(call)) : Result<app::ServerResponse>(propagate(who));
        co_return outcome;
    }
    outcome.principal = who->principal.name;
    call.caller = who->principal;
    call.person = std::move(*who);
    call.form_token = std::move(token);
    if (!call.person->session.workspace && call.route->pattern != choose_page && call.route->pattern != "/sign-out") {
        outcome.answer = see_other(std::string(choose_page));
        co_return outcome;
    }
    if (needs.kind == Requires::Kind::person_with) {
        const auto decision = core::decide(call.caller, needs.action, services_.clock.now());
        if (!decision.allowed) {
            co_await record_refusal(call.caller, call.request_id(), call.route);
            outcome.answer = fail(decision.code, decision.reason);
            co_return outcome;
        }
    }
    outcome.answer = co_await run_page(std::move(call));
    co_return outcome;
}

// Parses the form here, so that no endpoint can forget to look at its token.
Task<Result<app::ServerResponse>> Api::run_page(Call call) {
    const bool posted = call.route->method != Method::get;
    std::string new_cookie;
    if (call.route->needs.kind == Requires::Kind::visitor) {
        const auto cookie = form_cookie(services_.public_url);
        auto value = cookie.read(call.request.cookie);
        if (!value && !posted) {
            value = services_.sign_in.new_form_secret();
            new_cookie = cookie.set(*value, form_cookie_life);
        }
        if (value) call.form_token = services_.sign_in.form_token(*value);
    }
    if (posted) {
        if (auto near = check_origin(call.request.headers, services_.public_url); !near) co_return propagate(near);
        if (auto parsed = parse_body(call); !parsed) co_return propagate(parsed);
        if (auto ours = check_form_token(call); !ours) co_return propagate(ours);
    }
    auto answer = co_await run(std::move(call));
    if (answer) {
        if (!new_cookie.empty()) answer->headers.add("Set-Cookie", std::move(new_cookie));
        // With no-referrer a browser would send `Origin: null` with our own forms (Fetch, "append a request `Origin` header").
        answer->headers.set("Referrer-Policy", "same-origin");
        answer->headers.set("Vary", "Accept-Language, Cookie");
    }
    co_return answer;
}

}  // namespace renkei::api
