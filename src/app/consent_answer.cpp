// The administrator's way to the provider and back.
#include "app/consent_requests.hpp"
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/sign_in_reason.hpp"
#include "oauth/client/callback.hpp"
#include "oauth/client/classify.hpp"
#include "oauth/client/issuer.hpp"
#include "oauth/client/refusal_reason.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

constexpr std::string_view purpose = "admin_consent";
// No state of a person's sign-in has a dot in it: this tells the answers of the two apart.
constexpr std::string_view state_mark = "consent.";
constexpr std::size_t code_bytes = 32;
constexpr std::size_t guid_length = 36;

std::unexpected<Error> not_ours(std::string detail) { return fail(Errc::callback_invalid, std::move(detail)); }

bool is_tenant_id(std::string_view text) {
    return text.size() == guid_length && std::ranges::count(text, '-') == 4 && oauth::is_tenant_segment(text) && text.find('.') == text.npos;
}

std::string text_of(const Fields& query, std::string_view name) {
    const auto* value = find_field(query, name);
    return value == nullptr ? std::string() : *value;
}

std::string domain_of(const std::string& address) {
    const auto at = address.rfind('@');
    return at == std::string::npos ? std::string() : address.substr(at + 1);
}

// Who must act when the provider says no; an error that passes decides nothing.
Error refusal(const Fields& query) {
    oauth::OAuthFailure failure{.error = text_of(query, "error")};
    if (const auto code = oauth::code_of_answer(text_of(query, "error_uri"), text_of(query, "error_description"))) failure.codes.push_back(*code);
    if (failure.error == "server_error" || failure.error == "temporarily_unavailable") return oauth::explained(Errc::provider_unavailable, failure);
    const auto* known = oauth::known_code(failure);
    if (known != nullptr && known->who == oauth::RefreshFailure::needs_app_owner) return oauth::explained(Errc::needs_app_owner, failure);
    // Any other word here (access_denied, permission_denied, consent_required) is a no.
    auto error = oauth::explained(Errc::consent_refused, failure);
    error.detail = "the provider reports that the administrator did not approve";
    return error;
}

}  // namespace

bool ConsentRequests::is_answer(const Fields& query) { return text_of(query, "state").starts_with(state_mark); }

// The tenant that must answer, where it can be known: the registration's, the one a person of it signed in from before, or the one
// that has the domain of the account.
Task<std::string> ConsentRequests::tenant_for(core::Connection connection, core::ClientRegistration registration, std::string request_id) {
    for (const auto* known : {&registration.resolved_tenant, &registration.tenant})
        if (is_tenant_id(*known)) co_return lower_ascii(*known);
    auto grants = co_await n_.store.grants_of_connection(connection.workspace, connection.id);
    if (grants)
        for (const auto& grant : *grants)
            if (is_tenant_id(grant.identity.tenant)) co_return lower_ascii(grant.identity.tenant);
    const auto own = is_shared_tenant(registration.tenant) ? std::string() : registration.tenant;
    for (const auto& domain : {own, domain_of(connection.act_as), domain_of(connection.mailbox)}) {
        if (domain.empty()) continue;
        auto found = co_await n_.tokens.endpoint().tenants().resolve(registration, domain, request_id);
        if (found) co_return lower_ascii(*found);
    }
    co_return std::string();
}

Task<Result<StartedAuthorization>> ConsentRequests::start(Secret code, std::string request_id) {
    auto request = co_await open_one(std::move(code));
    if (!request) co_return propagate(request);
    auto connection = co_await n_.store.find_connection_by_id(request->workspace, request->connection);
    if (!connection) co_return propagate(connection);
    auto registration = co_await n_.store.find_registration(request->workspace, connection->registration);
    if (!registration) co_return propagate(registration);
    const auto* cloud = n_.catalog.find_cloud(registration->connector, registration->cloud);
    if (cloud == nullptr || cloud->admin_consent_endpoint.empty())
        co_return fail(Errc::conflict, "the provider has no page on which an administrator approves");
    const auto tenant = co_await tenant_for(*connection, *registration, request_id);
    // "Use the tenant id or organizations, not common."
    const auto endpoint = oauth::fill_tenant(cloud->admin_consent_endpoint, tenant.empty() ? "organizations" : tenant);
    if (!endpoint) co_return bad_field("tenant", "the tenant must be an id or a domain name");
    const Secret state(std::string(state_mark) + n_.random.text(code_bytes));
    auto browser = Secret::take(n_.random.text(code_bytes));
    std::string scopes;
    for (const auto& scope : request->scopes) scopes.append(scopes.empty() ? "" : " ").append(scope);
    const Fields query{{"client_id", registration->client_id},
                       {"redirect_uri", n_.flow.redirect_uri(connection->connector)},
                       {"state", std::string(state.expose())},
                       {"scope", std::move(scopes)}};
    const json::object data{{"consent", json::view(request->id.text())},
                            {"connector", json::view(connection->connector)},
                            {"browser", json::view(to_hex(n_.vault.lookup_hash(browser)))},
                            {"tenant", json::view(tenant)}};
    UnitOfWork unit;
    unit.emplace_back(
        InsertOneTime{request->workspace, std::string(purpose), n_.vault.lookup_hash(state), json::serialize(data), {}, n_.clock.now() + answer_lives});
    unit.emplace_back(AppendAudit{audit(request->workspace, "consent.start", request->id, request_id)});
    if (auto stored = co_await n_.store.commit(request->workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return StartedAuthorization{*endpoint + "?" + form_encode(query), std::move(browser)};
}

// The state finds the request, the cookie proves that this browser started it; neither is used up by a stranger.
Task<Result<ConsentRequests::Pending>> ConsentRequests::find_pending(std::string connector, Fields query, std::optional<Secret> browser) {
    auto state = oauth::state_of(query);
    if (!state) co_return propagate(state);
    for (const auto name : {"admin_consent", "tenant"})
        if (std::ranges::count(query, name, &Fields::value_type::first) > 1)
            co_return not_ours("the answer has the parameter " + std::string(name) + " more than once");
    Pending out;
    out.hash = n_.vault.lookup_hash(*state);
    auto row = co_await n_.store.find_one_time(std::string(purpose), out.hash);
    if (!row && row.error().code == Errc::not_found) co_return not_ours("no approval with this state was started here");
    if (!row) co_return propagate(row);
    if (row->used) co_return not_ours("this approval was finished before");
    if (row->expires_at <= n_.clock.now()) co_return not_ours("this approval has expired");
    const auto data = json::parse(row->data);
    if (!data || !data->is_object()) co_return fail(Errc::internal, "a stored approval cannot be read");
    const auto member = [&](std::string_view name) { return std::string(json::text(data->get_object(), name).value_or("")); };
    if (!browser || !constant_time_equal(to_hex(n_.vault.lookup_hash(*browser)), member("browser")))
        co_return not_ours("the approval was started in another browser");
    if (member("connector") != connector) co_return not_ours("the answer came to the address of another connector");
    const auto id = core::ConsentId::parse(member("consent"));
    if (!id) co_return fail(Errc::internal, "a stored approval cannot be read");
    auto request = co_await n_.store.find_consent(row->workspace, *id);
    if (!request && request.error().code == Errc::not_found) co_return fail(Errc::gone, "the request was removed");
    if (!request) co_return propagate(request);
    out.request = *std::move(request);
    out.tenant = member("tenant");
    co_return out;
}

Task<void> ConsentRequests::note_refusal(core::ConsentRequest request, Error error, std::string request_id) {
    auto row = audit(request.workspace, "consent.decide", request.id, std::move(request_id));
    row.allowed = false;
    row.reason = std::string(error_row(error.code).slug) + ": " + error.detail;
    UnitOfWork unit;
    unit.emplace_back(AppendAudit{std::move(row)});
    static_cast<void>(co_await n_.store.commit(request.workspace, std::move(unit)));
}

Task<Result<ConsentOutcome>> ConsentRequests::decide(Pending pending, core::ConsentState state, std::string tenant, std::string reason,
                                                     std::string request_id) {
    auto connection = co_await n_.store.find_connection_by_id(pending.request.workspace, pending.request.connection);
    if (!connection) co_return propagate(connection);
    auto request = std::move(pending.request);
    if (request.state_at(n_.clock.now()) != core::ConsentState::open) co_return fail(Errc::gone, "the request was decided already, or has expired");
    const auto before = request.version++;
    request.state = state;
    request.granted_tenant = std::move(tenant);
    request.reason = std::move(reason);
    request.decided_at = n_.clock.now();
    auto row = audit(request.workspace, "consent.decide", request.id, std::move(request_id));
    row.allowed = state == core::ConsentState::granted;
    row.reason = row.allowed ? "approved by an administrator of " + request.granted_tenant : request.reason;
    UnitOfWork unit;
    unit.emplace_back(UpdateConsent{request, before});
    unit.emplace_back(AppendAudit{std::move(row)});
    auto stored = co_await n_.store.commit(request.workspace, std::move(unit));
    if (!stored && stored.error().code == Errc::conflict) co_return fail(Errc::gone, "the request was decided meanwhile");
    if (!stored) co_return propagate(stored);
    co_return ConsentOutcome{std::move(request), *std::move(connection)};
}

Task<Result<ConsentOutcome>> ConsentRequests::finish(std::string connector, Fields query, std::optional<Secret> browser, std::string request_id) {
    auto pending = co_await find_pending(std::move(connector), query, std::move(browser));
    if (!pending) co_return propagate(pending);
    const auto workspace = pending->request.workspace;
    // Used up first: a second answer with the same state finds nothing, whatever becomes of this one.
    UnitOfWork use;
    use.emplace_back(UseOneTime{workspace, std::string(purpose), pending->hash, n_.clock.now()});
    if (auto used = co_await n_.store.commit(workspace, std::move(use)); !used) {
        if (used.error().code == Errc::not_found) co_return not_ours("this approval was finished before");
        co_return propagate(used);
    }
    if (find_field(query, "error") != nullptr) {
        auto error = refusal(query);
        if (error.code == Errc::consent_refused) {
            auto decided = co_await decide(*std::move(pending), core::ConsentState::refused, {}, "admin-refused", std::move(request_id));
            if (!decided) co_return propagate(decided);
        } else {
            co_await note_refusal(pending->request, error, std::move(request_id));
        }
        co_return fail(std::move(error));
    }
    const auto tenant = lower_ascii(text_of(query, "tenant"));
    std::string wrong;
    if (!equal_ignoring_case(text_of(query, "admin_consent"), "True") || !is_tenant_id(tenant))
        wrong = "the answer does not say that an administrator of a tenant approved";
    else if (!pending->tenant.empty() && pending->tenant != tenant)
        wrong = "the approval is of another tenant than the connection's";
    if (!wrong.empty()) {
        Error error{Errc::callback_invalid, std::move(wrong)};
        co_await note_refusal(pending->request, error, std::move(request_id));
        co_return fail(std::move(error));
    }
    co_return co_await decide(*std::move(pending), core::ConsentState::granted, tenant, {}, std::move(request_id));
}

}  // namespace renkei::app
