// Requests to a tenant's administrator: made, shown, waited for. consent_answer.cpp has the way to the provider and back.
#include "app/consent_requests.hpp"

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "oauth/client/refusal_reason.hpp"

#include <algorithm>
#include <charconv>

namespace renkei::app {
namespace {

constexpr std::string_view offer_purpose = "consent_offer";
constexpr std::size_t offer_bytes = 32;
constexpr std::string_view of_workspace = "sign_in_workspace", of_connection = "sign_in_connection", of_asker = "sign_in_asked_by";

std::string text_of_digest(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

bool is_open(const core::ConsentRequest& request, TimePoint now) { return request.state_at(now) == core::ConsentState::open; }

}  // namespace

Error with_sign_in(Error error, const RefusedSignIn& refused) {
    error.context.emplace_back(of_workspace, refused.workspace.text());
    error.context.emplace_back(of_connection, refused.connection.text());
    error.context.emplace_back(of_asker, refused.asked_by);
    return error;
}

std::optional<std::pair<Approval, RefusedSignIn>> approvable(const Error& error) {
    const auto workspace = core::WorkspaceId::parse(error.get(of_workspace));
    const auto connection = core::ConnectionId::parse(error.get(of_connection));
    const bool needed = oauth::asks_for_approval(error), perhaps = error.get("reason") == "consent-refused";
    if (!(needed || perhaps) || !workspace || !connection) return std::nullopt;
    return std::pair(needed ? Approval::needed : Approval::perhaps, RefusedSignIn{*workspace, *connection, std::string(error.get(of_asker))});
}

// The link's text follows from the request under the installation's key: nobody can guess it, it need not be stored, and who
// may see the request can be shown it again.
Secret ConsentRequests::code_of(core::ConsentId id) const {
    const auto digest = n_.vault.lookup_hash(Secret("consent link " + id.text()));
    return Secret::take(base64url(as_bytes(text_of_digest(digest))));
}

core::AuditRow ConsentRequests::audit(core::WorkspaceId workspace, std::string action, core::ConsentId id, std::string request_id) const {
    core::AuditRow row;
    row.workspace = workspace;
    row.at = n_.clock.now();
    row.principal_name = "renkei";
    row.action = std::move(action);
    row.target = "consent:" + id.text();
    row.request_id = std::move(request_id);
    return row;
}

// One open request a connection: the second refusal of the same sign-in is the same question.
Task<Result<core::ConsentRequest>> ConsentRequests::put(core::Connection connection, std::string asked_by, Digest browser, core::AuditRow row) {
    const auto now = n_.clock.now();
    const auto* manifest = n_.catalog.find(connection.connector);
    auto registration = co_await n_.store.find_registration(connection.workspace, connection.registration);
    if (!registration) co_return propagate(registration);
    const auto* cloud = n_.catalog.find_cloud(connection.connector, registration->cloud);
    if (manifest == nullptr || cloud == nullptr || cloud->admin_consent_endpoint.empty())
        co_return fail(Errc::conflict, "this connector's provider has no page on which an administrator approves an app");
    auto known = co_await n_.store.consents_of(connection.workspace, connection.id);
    if (!known) co_return propagate(known);
    std::vector<std::string> scopes;
    for (const auto* list : {&std::as_const(connection.scopes), &manifest->always_scopes})
        for (const auto& scope : *list)
            if (auto full = full_scope(*cloud, scope); std::ranges::find(scopes, full) == scopes.end()) scopes.push_back(std::move(full));
    // The application's permissions are approved as the registration lists them.
    if (connection.mode == core::ConnectionMode::client_credentials) scopes = {cloud->app_scope};
    const auto open = std::ranges::find_if(*known, [&](const auto& one) { return is_open(one, now); });
    core::ConsentRequest request;
    UnitOfWork unit;
    if (open != known->end()) {
        request = *open;
        const auto before = request.version++;
        request.scopes = std::move(scopes);
        if (browser != Digest{}) request.browser = browser;
        unit.emplace_back(UpdateConsent{request, before});
    } else {
        request.workspace = connection.workspace;
        request.id = n_.random.make<core::ConsentId>();
        request.connection = connection.id;
        request.scopes = std::move(scopes);
        request.asked_by = std::move(asked_by);
        request.link = n_.vault.lookup_hash(code_of(request.id));
        request.browser = browser;
        request.created_at = now;
        request.expires_at = now + request_lives;
        unit.emplace_back(InsertConsent{request});
    }
    row.target = "consent:" + request.id.text();
    row.reason = "connection:" + connection.name.text();
    unit.emplace_back(AppendAudit{std::move(row)});
    if (auto stored = co_await n_.store.commit(connection.workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return request;
}

Task<Result<ShownConsent>> ConsentRequests::shown(core::ConsentRequest request) {
    auto connection = co_await n_.store.find_connection_by_id(request.workspace, request.connection);
    if (!connection) co_return propagate(connection);
    auto registration = co_await n_.store.find_registration(request.workspace, connection->registration);
    if (!registration) co_return propagate(registration);
    ShownConsent out;
    if (const auto* manifest = n_.catalog.find(connection->connector)) {
        out.connector_name_en = manifest->name_en;
        out.connector_name_ja = manifest->name_ja;
    }
    if (is_open(request, n_.clock.now())) out.link = n_.public_url + "/consent/" + std::string(code_of(request.id).expose());
    request.state = request.state_at(n_.clock.now());
    out.client_id = registration->client_id;
    out.connection = std::move(*connection);
    out.request = std::move(request);
    co_return out;
}

Task<Result<ShownConsent>> ConsentRequests::ask(By by, core::Name name) {
    auto granted = co_await n_.access.authorize(by.principal, std::move(name), core::Action::connections_write);
    if (!granted) co_return propagate(granted);
    auto row = audit_row(by, n_.clock.now(), "consent.request", "consent", {});
    auto request = co_await put(std::move(granted->connection), by.principal.name, {}, std::move(row));
    if (!request) co_return propagate(request);
    co_return co_await shown(*std::move(request));
}

Task<Result<ShownConsent>> ConsentRequests::show(By by, core::ConsentId id) {
    auto request = co_await n_.store.find_consent(by.principal.workspace, id);
    if (!request) co_return propagate(request);
    auto connection = co_await n_.store.find_connection_by_id(request->workspace, request->connection);
    if (!connection) co_return propagate(connection);
    auto granted = co_await n_.access.authorize_loaded(by.principal, std::move(*connection), core::Action::connections_read);
    if (!granted) co_return fail(Errc::not_found, "there is no such consent request");
    co_return co_await shown(*std::move(request));
}

Task<Result<Page<ShownConsent>>> ConsentRequests::list(By by, PageRequest page) {
    auto found = co_await n_.store.list_consents(by.principal.workspace, std::move(page));
    if (!found) co_return propagate(found);
    Page<ShownConsent> out{{}, found->next};
    for (const auto& request : found->items) {
        auto one = co_await show(by, request.id);
        if (one)
            out.items.push_back(*std::move(one));
        else if (one.error().code != Errc::not_found)
            co_return propagate(one);
    }
    co_return out;
}

// Newest first: behind the first one that is older than any open one can be, there is none.
Task<Result<std::vector<ShownConsent>>> ConsentRequests::open_ones(By by) {
    const auto now = n_.clock.now();
    std::vector<ShownConsent> open;
    for (PageRequest page{{}, 100};;) {
        auto found = co_await n_.store.list_consents(by.principal.workspace, page);
        if (!found) co_return propagate(found);
        for (const auto& request : found->items) {
            if (request.created_at + request_lives <= now || open.size() == most_open) co_return open;
            if (!is_open(request, now)) continue;
            auto one = co_await show(by, request.id);
            if (one)
                open.push_back(*std::move(one));
            else if (one.error().code != Errc::not_found)
                co_return propagate(one);
        }
        if (found->next.empty()) co_return open;
        page.after = found->next;
    }
}

Task<Result<ShownConsent>> ConsentRequests::cancel(By by, core::ConsentId id) {
    auto seen = co_await show(by, id);
    if (!seen) co_return propagate(seen);
    auto granted = co_await n_.access.authorize_loaded(by.principal, std::move(seen->connection), core::Action::connections_write);
    if (!granted) co_return propagate(granted);
    auto request = std::move(seen->request);
    if (!is_open(request, n_.clock.now())) co_return fail(Errc::conflict, "the consent request is decided already");
    const auto before = request.version++;
    request.state = core::ConsentState::cancelled;
    request.decided_at = n_.clock.now();
    UnitOfWork unit;
    unit.emplace_back(UpdateConsent{request, before});
    unit.emplace_back(AppendAudit{audit_row(by, n_.clock.now(), "consent.cancel", "consent:" + id.text(), {})});
    if (auto stored = co_await n_.store.commit(request.workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return co_await shown(std::move(request));
}

Task<Result<ShownConsent>> ConsentRequests::ask_for(RefusedSignIn refused, Secret browser, std::string request_id) {
    auto connection = co_await n_.store.find_connection_by_id(refused.workspace, refused.connection);
    if (!connection) co_return propagate(connection);
    auto row = audit(refused.workspace, "consent.request", {}, std::move(request_id));
    auto request = co_await put(*std::move(connection), std::move(refused.asked_by), n_.vault.lookup_hash(browser), std::move(row));
    if (!request) co_return propagate(request);
    co_return co_await shown(*std::move(request));
}

Task<Result<Secret>> ConsentRequests::offer(RefusedSignIn refused) {
    auto text = Secret::take(n_.random.text(offer_bytes));
    const json::object data{{"connection", json::view(refused.connection.text())}, {"asked_by", json::view(refused.asked_by)}};
    UnitOfWork unit;
    unit.emplace_back(
        InsertOneTime{refused.workspace, std::string(offer_purpose), n_.vault.lookup_hash(text), json::serialize(data), {}, n_.clock.now() + answer_lives});
    if (auto stored = co_await n_.store.commit(refused.workspace, std::move(unit)); !stored) co_return propagate(stored);
    co_return text;
}

Task<Result<ShownConsent>> ConsentRequests::take_offer(Secret text, Secret browser, std::string request_id) {
    const auto hash = n_.vault.lookup_hash(text);
    auto row = co_await n_.store.find_one_time(std::string(offer_purpose), hash);
    if (!row && row.error().code == Errc::not_found) co_return fail(Errc::not_found, "there is no such offer");
    if (!row) co_return propagate(row);
    const auto data = json::parse(row->data);
    const auto connection = data && data->is_object() ? core::ConnectionId::parse(json::text(data->get_object(), "connection").value_or("")) : std::nullopt;
    if (!connection) co_return fail(Errc::internal, "a stored offer cannot be read");
    UnitOfWork use;
    use.emplace_back(UseOneTime{row->workspace, std::string(offer_purpose), hash, n_.clock.now()});
    auto used = co_await n_.store.commit(row->workspace, std::move(use));
    if (!used && used.error().code == Errc::not_found) co_return fail(Errc::gone, "the page was used or has expired");
    if (!used) co_return propagate(used);
    RefusedSignIn refused{row->workspace, *connection, std::string(json::text(data->get_object(), "asked_by").value_or(""))};
    co_return co_await ask_for(std::move(refused), std::move(browser), std::move(request_id));
}

Task<Result<core::ConsentRequest>> ConsentRequests::of_browser(Secret code, std::optional<Secret> browser) {
    auto request = co_await n_.store.find_consent_by_link(n_.vault.lookup_hash(code));
    const auto given = browser ? n_.vault.lookup_hash(*browser) : Digest{};
    const bool theirs = request && browser && request->browser != Digest{} && constant_time_equal(text_of_digest(given), text_of_digest(request->browser));
    if (!theirs && (request || request.error().code == Errc::not_found)) co_return fail(Errc::not_found, "nobody waits for an approval in this browser");
    co_return request;
}

Task<Result<ShownConsent>> ConsentRequests::waiting(Secret code, std::optional<Secret> browser) {
    auto request = co_await of_browser(std::move(code), std::move(browser));
    if (!request) co_return propagate(request);
    co_return co_await shown(*std::move(request));
}

Task<Result<ConnectLink>> ConsentRequests::resume(Secret code, std::optional<Secret> browser) {
    auto request = co_await of_browser(std::move(code), browser ? std::optional(browser->clone()) : std::nullopt);
    if (!request) co_return propagate(request);
    if (request->state != core::ConsentState::granted) co_return fail(Errc::conflict, "no administrator has approved it yet");
    auto connection = co_await n_.store.find_connection_by_id(request->workspace, request->connection);
    if (!connection) co_return propagate(connection);
    // A person's own account below a managed connection is connected by that person, signed in to Renkei, and by no link.
    if (connection->managed_by) co_return ConnectLink{n_.public_url + "/my/connections", n_.clock.now()};
    core::Principal system;
    system.kind = core::Principal::Kind::system;
    system.workspace = request->workspace;
    system.name = request->asked_by;
    // Whoever is sent the address of this link, by the person or by somebody who saw it, cannot sign in for them.
    co_return co_await n_.flow.create_bound_link(std::move(system), *std::move(connection), *std::move(browser));
}

Task<Result<core::ConsentRequest>> ConsentRequests::open_one(Secret code) {
    auto request = co_await n_.store.find_consent_by_link(n_.vault.lookup_hash(code));
    if (!request && request.error().code == Errc::not_found) co_return fail(Errc::not_found, "there is no such consent request");
    if (!request) co_return propagate(request);
    if (!is_open(*request, n_.clock.now())) co_return fail(Errc::gone, "the request was decided already, or has expired");
    co_return request;
}

Task<Result<ShownConsent>> ConsentRequests::look(Secret code) {
    auto request = co_await open_one(std::move(code));
    if (!request) co_return propagate(request);
    co_return co_await shown(*std::move(request));
}

}  // namespace renkei::app
