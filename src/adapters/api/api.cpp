#include "adapters/api/api.hpp"

#include "adapters/api/answers.hpp"
#include "adapters/api/handle_guard.hpp"
#include "adapters/api/outcome.hpp"
#include "adapters/api/pages.hpp"
#include "adapters/api/parse_body.hpp"
#include "adapters/api/problem.hpp"
#include "adapters/api/stored_answer.hpp"
#include "app/authenticate.hpp"
#include "app/automation_access.hpp"
#include "app/idempotency.hpp"
#include "base/uri.hpp"
#include "core/policy.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>

namespace renkei::api {
namespace {

bool is_write(Method method) { return method == Method::post || method == Method::put || method == Method::patch || method == Method::delete_; }

// Draft-ietf-httpapi-idempotency-key-header section 2.1: a structured string; bare text is taken too.
Result<std::string> idempotency_key(const Headers& headers) {
    auto key = headers.get("Idempotency-Key");
    if (key.size() >= 2 && key.front() == '"' && key.back() == '"') key = key.substr(1, key.size() - 2);
    const bool printable = std::ranges::all_of(key, [](char c) { return c > 0x20 && c < 0x7f; });
    if (headers.count("Idempotency-Key") > 1 || key.empty() || key.size() > 200 || !printable)
        return bad_field("Idempotency-Key", "`Idempotency-Key` must be given once, 1 to 200 visible ASCII characters");
    return std::string(key);
}

// Whether the outcome of the request is settled, so that a repeat must see the same answer.
bool is_settled(const app::ServerResponse& answer, AfterUnknown after_unknown) {
    const int status = answer.status;
    if (status < 500) return status != 401 && status != 408 && status != 429;
    return after_unknown == AfterUnknown::hold && (status == 500 || status == 502 || status == 504);
}

bool is_local(std::string_view host) { return host == "localhost" || host == "127.0.0.1" || host == "::1"; }

bool wants_strict_transport(const std::string& public_url) {
    const auto url = Uri::parse(public_url);
    return url && url->scheme == "https" && !is_local(url->host);
}

Errc code_of_status(int status) {
    switch (status) {
        case 404: return Errc::not_found;
        case 405:
        case 501: return Errc::method_not_allowed;
        case 408: return Errc::request_timeout;
        case 413: return Errc::payload_too_large;
        case 414:
        case 431: return Errc::header_too_large;
        case 415: return Errc::unsupported_media_type;
        case 429: return Errc::too_many_requests;
        case 503: return Errc::shutting_down;
        default: return status >= 500 ? Errc::internal : Errc::bad_request;
    }
}

}  // namespace

const std::string& Call::parameter(std::string_view name) const {
    for (const auto& [key, value] : parameters)
        if (key == name) return value;
    throw std::logic_error("the route has no parameter " + std::string(name));
}

Api::Api(Services services, FastPath* fast)
    : services_(std::move(services)), fast_(fast), router_(all_routes()), strict_transport_(wants_strict_transport(services_.public_url)) {}

std::uint64_t Api::body_limit(Method method, std::string_view path) {
    const auto match = router_.find(method, path);
    return match && match->route != nullptr ? match->route->body_limit : default_body_limit;
}

Task<app::ServerResponse> Api::handle(app::ServerRequest request) {
    const auto language = negotiate(request.headers.get("Accept-Language"));
    const auto request_id = request.request_id;
    const bool head = request.method == Method::head;
    auto outcome = co_await route(std::move(request), language);
    co_return finished(std::move(outcome), request_id, language, head);
}

Task<Api::Outcome> Api::route(app::ServerRequest request, Language language) {
    if (holds_handle(request.target))
        co_return Outcome{
            fail(Errc::bad_request, "a secret stands in the address: send it in its header, and make a new one, for addresses are logged on the way")};
    auto match = router_.find(request.method, request.path);
    if (!match) co_return Outcome{fail(Errc::not_found, "there is nothing at this path")};
    if (match->route == nullptr && request.method == Method::options) {
        auto answer = no_content();
        answer.headers.set("Allow", match->allow);
        co_return Outcome{std::move(answer)};
    }
    if (match->route == nullptr) {
        Outcome refused{fail(Errc::method_not_allowed, "this path takes " + match->allow)};
        refused.allow = match->allow;
        co_return refused;
    }
    Call call;
    call.route = match->route;
    call.parameters = std::move(match->parameters);
    call.language = language;
    call.request = std::move(request);
    co_return co_await admit(std::move(call));
}

Task<Api::Outcome> Api::admit(Call call) {
    Outcome outcome{no_content(), call.route};
    const auto needs = call.route->needs;
    if (needs.is_page()) co_return co_await admit_to_page(std::move(call));
    if (needs.kind != Requires::Kind::nothing) {
        // The token's later reads by this key may take the fast way, which knows keys by their hash.
        if (needs.action == core::Action::tokens_read && !call.request.session)
            if (const auto key = app::bearer_of(call.request.authorization)) call.key_hash = services_.vault.lookup_hash(*key);
        auto caller = co_await caller_of(call);
        if (!caller) {
            outcome.answer = propagate(caller);
            co_return outcome;
        }
        outcome.principal = caller->principal.name;
        call.caller = std::move(caller->principal);
        call.run = std::move(caller->run);
    }
    if (needs.kind == Requires::Kind::right) {
        const auto decision = core::decide(call.caller, needs.action, services_.clock.now());
        if (!decision.allowed) {
            co_await record_refusal(call.caller, call.request_id(), call.route);
            outcome.answer = fail(decision.code, decision.reason);
            co_return outcome;
        }
    }
    if (is_write(call.route->method) && needs.kind != Requires::Kind::nothing && call.request.headers.has("Idempotency-Key")) {
        auto key = idempotency_key(call.request.headers);
        if (!key)
            outcome.answer = propagate(key);
        else
            outcome.answer = co_await run_once(std::move(call), std::move(*key));
        co_return outcome;
    }
    outcome.answer = co_await run(std::move(call));
    co_return outcome;
}

// A key, a run, a session, or two of them. A run's secret alone stands for everything that its key may: only the routes about
// runs and sessions take it; a session is for what reaches the provider, and for itself.
Task<Result<app::AutomationCaller>> Api::caller_of(Call& call) {
    auto& request = call.request;
    const auto kind = call.route->needs.kind;
    const bool of_automations = kind == Requires::Kind::automation;
    app::Shown shown{std::move(request.authorization), std::move(request.session), std::move(request.run), request.address, request.request_id};
    request.authorization.reset();
    if (!shown.session && !shown.run) {
        if (kind == Requires::Kind::session) co_return fail(Errc::session_refused, "send the session's secret in the header Renkei-Session");
        auto key = co_await services_.authenticator.authenticate(std::move(shown.authorization), request.address);
        if (!key) co_return propagate(key);
        co_return app::AutomationCaller{*std::move(key), nullptr};
    }
    if (shown.session && (of_automations || kind == Requires::Kind::signed_in))
        co_return bad_field("Renkei-Session", "the header `Renkei-Session` does not belong here: send the key, or the run's secret in `Renkei-Run`");
    if (!shown.session && kind == Requires::Kind::session) co_return fail(Errc::session_refused, "send the session's secret in the header Renkei-Session");
    if (!shown.session && !shown.authorization && !of_automations)
        co_return fail(Errc::unauthenticated, "a run's secret alone opens nothing here: send the key or a session with it");
    co_return co_await services_.automation_access.caller_of(std::move(shown));
}

Task<void> Api::record_refusal(core::Principal caller, std::string request_id, const Route* route) {
    const app::By by{std::move(caller), std::move(request_id)};
    app::UnitOfWork unit;
    unit.push_back(app::AppendAudit{app::refusal_row(by, services_.clock.now(), std::string(core::text_of(route->needs.action)),
                                                     "route:" + std::string(method_text(route->method)) + " " + std::string(route->pattern),
                                                     "denied: the right is missing")});
    // The refusal stands whether or not it can be recorded: a full disk must not turn it into something else.
    if (auto stored = co_await services_.store.commit(by.principal.workspace, std::move(unit)); !stored)
        report("audit.refusal_not_recorded", by.request_id, stored.error());
}

Task<Result<app::ServerResponse>> Api::run_once(Call call, std::string key) {
    const auto pattern = std::string(method_text(call.route->method)) + " " + std::string(call.route->pattern);
    const auto claim = app::Idempotency::claim_of(call.caller, pattern, key, call.request.target, call.request.body);
    auto begun = co_await services_.idempotency.begin(claim);
    if (!begun) co_return propagate(begun);
    if (!begun->first) co_return restore_answer(begun->answer);
    const auto after_unknown = call.route->after_unknown;
    const auto request_id = call.request_id();
    const auto language = call.language;
    auto result = co_await run(std::move(call));
    if (!result && error_row(result.error().code).status >= 500) report("request.failed", request_id, result.error());
    auto answer = result ? std::move(*result) : problem_answer(result.error(), request_id, language, services_.public_url);
    auto kept =
        is_settled(answer, after_unknown) ? co_await services_.idempotency.finish(claim, store_answer(answer)) : co_await services_.idempotency.abandon(claim);
    if (!kept) report("idempotency.not_kept", request_id, kept.error());
    co_return answer;
}

Task<Result<app::ServerResponse>> Api::run(Call call) {
    // Letters may be about anything; nothing else has a place for a handle.
    const bool a_letter = call.route->pattern.starts_with("/v1/mail") || call.route->pattern.starts_with("/v1/native");
    if (call.route->pattern.starts_with("/v1/") && !a_letter && holds_handle(call.request.body))
        co_return fail(Errc::bad_request, "a secret of a key, run or session stands in the body, where none belongs");
    if (!call.route->needs.is_page() || call.route->method == Method::get)
        if (auto parsed = parse_body(call); !parsed) co_return propagate(parsed);
    const auto request_id = call.request_id();
    const auto endpoint = call.route->endpoint;
    std::string what;
    try {
        co_return co_await endpoint(services_, std::move(call));
    } catch (const std::exception& error) {
        what = error.what();
    }
    // An exception is a bug or exhaustion; its text is for the log alone.
    report("endpoint.exception", request_id, Error{Errc::internal, what});
    co_return fail(Errc::internal, "the request failed inside Renkei");
}

void Api::report(std::string_view event, std::string_view request_id, const Error& error) const {
    if (services_.on_failure) services_.on_failure(event, request_id, error);
}

app::ServerResponse Api::finished(Outcome outcome, std::string_view request_id, Language language, bool head) const {
    const bool page = outcome.route != nullptr && outcome.route->shows == Shows::page;
    if (!outcome.answer && error_row(outcome.answer.error().code).status >= 500) report("request.failed", request_id, outcome.answer.error());
    auto answer = outcome.answer ? std::move(*outcome.answer)
                  : page         ? error_page(outcome.answer.error(), request_id, language)
                                 : problem_answer(outcome.answer.error(), request_id, language, services_.public_url);
    const auto set_default = [&](std::string_view name, std::string value) {
        if (!answer.headers.has(name)) answer.headers.set(name, std::move(value));
    };
    if (!outcome.allow.empty()) answer.headers.set("Allow", outcome.allow);
    set_default("Cache-Control", "no-store");
    set_default("X-Content-Type-Options", "nosniff");
    set_default("Referrer-Policy", "no-referrer");
    set_default("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    set_default("Cross-Origin-Resource-Policy", "same-origin");
    set_default("X-Frame-Options", "DENY");
    set_default("Vary", "Accept-Language, Authorization");
    if (strict_transport_) set_default("Strict-Transport-Security", "max-age=31536000");
    if (outcome.route != nullptr) answer.route = outcome.route->pattern;
    answer.principal = std::move(outcome.principal);
    if (head && !answer.stream) {
        // RFC 9110 section 9.3.2: the same fields as for GET, without the content.
        answer.headers.set("Content-Length", std::to_string(answer.body.size()));
        wipe(answer.body);
    }
    if (head) answer.stream.reset();
    return answer;
}

app::ServerResponse Api::refuse(int status, std::string_view detail, std::string_view request_id) {
    Outcome outcome{problem_answer(Error{code_of_status(status), std::string(detail)}, request_id, Language::en)};
    outcome.answer->status = status;
    return finished(std::move(outcome), request_id, Language::en, false);
}

}  // namespace renkei::api
