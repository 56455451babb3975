#include "app/connect_flow_impl.hpp"

#include "app/scope_standing.hpp"
#include "base/json.hpp"
#include "base/sign_in_reason.hpp"
#include "oauth/client/authorization_request.hpp"
#include "oauth/client/issuer.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

constexpr std::size_t code_bytes = 32;

std::unexpected<Error> link_gone() { return fail(Errc::gone, "the connect link was used or has expired"); }

}  // namespace

OAuthConnectFlow::OAuthConnectFlow(ConnectPorts ports, TokenService& tokens, std::string public_url)
    : ports_(ports), tokens_(tokens), public_url_(std::move(public_url)) {
    while (public_url_.ends_with('/')) public_url_.pop_back();
}

// U-41; one for each connector, so that an answer of one server cannot be taken for another's (RFC 9700 section 4.4).
std::string OAuthConnectFlow::redirect_uri(std::string_view connector) const { return public_url_ + "/provisioning_/callback/" + percent_encode(connector); }

std::vector<std::string> OAuthConnectFlow::asked_scopes(const core::Connection& connection, const ProviderClient& provider) const {
    auto scopes = renkei::app::asked_scopes(connection, *provider.manifest);
    if (provider.cloud != nullptr)
        for (auto& scope : scopes) scope = full_scope(*provider.cloud, scope);
    return scopes;
}

core::AuditRow OAuthConnectFlow::audit(core::WorkspaceId workspace, std::string action, const core::Connection& connection, std::string request_id) const {
    core::AuditRow row;
    row.workspace = workspace;
    row.at = ports_.clock.now();
    row.principal_name = "renkei";
    row.action = std::move(action);
    row.target = "connection:" + connection.name.text();
    row.request_id = std::move(request_id);
    return row;
}

Task<Result<ConnectLink>> OAuthConnectFlow::create_link(core::Principal by, core::Connection connection, bool other_account) {
    return make_link(std::move(by), std::move(connection), other_account, {});
}

Task<Result<ConnectLink>> OAuthConnectFlow::create_bound_link(core::Principal by, core::Connection connection, Secret browser) {
    return make_link(std::move(by), std::move(connection), false, to_hex(ports_.vault.lookup_hash(browser)));
}

Task<Result<ConnectLink>> OAuthConnectFlow::make_link(core::Principal by, core::Connection connection, bool other_account, std::string browser) {
    if (connection.mode == core::ConnectionMode::client_credentials)
        co_return bad_field("mode", "this connection uses the app's own credential: nobody has to sign in, so there is no link");
    if (connection.state == core::ConnectionState::revoked) co_return fail(Errc::conflict, "the connection was revoked");
    auto code = ports_.random.text(code_bytes);
    const auto expires_at = ports_.clock.now() + link_lives;
    const json::object data{{"connection", json::view(connection.id.text())},
                            {"asked_by", json::view(by.name)},
                            {"other_account", other_account},
                            {"browser", json::view(browser)}};
    auto row = audit(connection.workspace, "connection.link", connection, {});
    row.principal_kind = by.kind;
    row.principal_id = by.id;
    row.principal_name = by.name;
    if (other_account) row.reason = "another account than before may sign in";
    UnitOfWork unit;
    unit.emplace_back(
        InsertOneTime{connection.workspace, std::string(link_purpose), ports_.vault.lookup_hash(Secret(code)), json::serialize(data), {}, expires_at});
    unit.emplace_back(AppendAudit{std::move(row)});
    if (auto committed = co_await ports_.ledger.commit(connection.workspace, std::move(unit)); !committed) co_return propagate(committed);
    co_return ConnectLink{public_url_ + "/connect/" + code, expires_at};
}

Task<Result<OAuthConnectFlow::Link>> OAuthConnectFlow::open_link(Secret code, std::optional<Secret> browser) {
    const auto hash = ports_.vault.lookup_hash(code);
    auto row = co_await ports_.one_time.find_one_time(std::string(link_purpose), hash);
    if (!row) {
        if (row.error().code == Errc::not_found) co_return fail(Errc::not_found, "there is no such connect link");
        co_return propagate(row);
    }
    if (row->used || row->expires_at <= ports_.clock.now()) co_return link_gone();
    const auto data = json::parse(row->data);
    if (!data || !data->is_object()) co_return fail(Errc::internal, "a stored connect link cannot be read");
    const auto id = core::ConnectionId::parse(json::text(data->get_object(), "connection").value_or(""));
    if (!id) co_return fail(Errc::internal, "a stored connect link cannot be read");
    const auto bound = std::string(json::text(data->get_object(), "browser").value_or(""));
    if (!bound.empty() && (!browser || !constant_time_equal(to_hex(ports_.vault.lookup_hash(*browser)), bound)))
        co_return fail(because({Errc::denied, "the link belongs to another browser"}, "other-browser"));
    auto connection = co_await ports_.connections.find_connection_by_id(row->workspace, *id);
    if (!connection) {
        if (connection.error().code == Errc::not_found) co_return fail(Errc::gone, "the connection was removed");
        co_return propagate(connection);
    }
    co_return Link{row->workspace, hash, std::move(*connection), std::string(json::text(data->get_object(), "asked_by").value_or("")),
                   json::boolean(data->get_object(), "other_account").value_or(false)};
}

Task<Result<ConnectRequest>> OAuthConnectFlow::look_at_link(Secret code, std::optional<Secret> browser) {
    auto link = co_await open_link(std::move(code), std::move(browser));
    if (!link) co_return propagate(link);
    const auto* manifest = ports_.catalog.find(link->connection.connector);
    if (manifest == nullptr) co_return fail(Errc::internal, "the catalogue has no connector " + link->connection.connector + " any more");
    ConnectRequest out;
    out.connector_name_en = manifest->name_en;
    out.connector_name_ja = manifest->name_ja;
    out.asked_by = link->asked_by;
    out.scopes = renkei::app::asked_scopes(link->connection, *manifest);
    out.redirect_uri = redirect_uri(link->connection.connector);
    out.connection = std::move(link->connection);
    co_return out;
}

Task<Result<StartedAuthorization>> OAuthConnectFlow::start(Secret code, std::string request_id, std::optional<Secret> browser) {
    auto link = co_await open_link(std::move(code), std::move(browser));
    if (!link) co_return propagate(link);
    UnitOfWork unit{UseOneTime{link->workspace, std::string(link_purpose), link->hash, ports_.clock.now()},
                    AppendAudit{audit(link->workspace, "connection.authorize", link->connection, request_id)}};
    auto started = co_await begin(*std::move(link), std::move(unit), std::move(request_id));
    if (!started && started.error().code == Errc::not_found) co_return link_gone();
    co_return started;
}

Task<Result<StartedAuthorization>> OAuthConnectFlow::start_own(By by, core::Connection connection) {
    UnitOfWork unit{
        AppendAudit{audit_row(by, ports_.clock.now(), "connection.authorize", target_of("connection", connection.name.text()), "allowed: by its owner")}};
    Link link{connection.workspace, {}, std::move(connection), by.principal.name};
    co_return co_await begin(std::move(link), std::move(unit), by.request_id);
}

Task<Result<StartedAuthorization>> OAuthConnectFlow::begin(Link link, UnitOfWork unit, std::string request_id) {
    const auto& connection = link.connection;
    if (connection.mode != core::ConnectionMode::authorization_code) co_return fail(Errc::conflict, "this connection is made with a code, not by a redirect");
    auto provider = co_await tokens_.endpoint().client_of(link.workspace, connection.registration, request_id);
    if (!provider) co_return propagate(provider);

    PendingSignIn pending;
    pending.workspace = link.workspace;
    pending.state = Secret::take(ports_.random.text(code_bytes));
    pending.nonce = Secret::take(ports_.random.text(code_bytes));
    pending.code_verifier = oauth::make_code_verifier(ports_.random);
    pending.hash = ports_.vault.lookup_hash(pending.state);
    pending.connection = connection.id;
    pending.connector = connection.connector;
    pending.asked_by = link.asked_by;
    pending.other_account = link.other_account;
    pending.redirect_uri = redirect_uri(connection.connector);
    pending.scopes = asked_scopes(connection, *provider);
    pending.issuer = provider->server.issuer;
    pending.iss_required = provider->server.iss_in_answers;
    auto browser_secret = Secret::take(ports_.random.text(code_bytes));
    pending.browser = ports_.vault.lookup_hash(browser_secret);

    oauth::AuthorizationRequest request{.client_id = provider->client.id,
                                        .redirect_uri = pending.redirect_uri,
                                        .scopes = pending.scopes,
                                        .scope_separator = provider->manifest->scope_separator,
                                        .state = pending.state,
                                        .nonce = pending.nonce,
                                        .code_verifier = pending.code_verifier,
                                        .extra = provider->manifest->authorize_params};
    if (!connection.act_as.empty() && find_field(request.extra, "login_hint") == nullptr) request.extra.emplace_back("login_hint", connection.act_as);
    auto url = oauth::authorization_url(provider->server, request);
    if (!url) co_return propagate(url);
    auto one_time = to_one_time(pending, ports_.vault, ports_.clock.now() + authorization_lives);
    if (!one_time) co_return propagate(one_time);
    unit.emplace_back(std::move(*one_time));
    if (auto committed = co_await ports_.ledger.commit(link.workspace, std::move(unit)); !committed) co_return propagate(committed);
    co_return StartedAuthorization{std::move(*url), std::move(browser_secret)};
}

Task<Result<ConnectOutcome>> OAuthConnectFlow::connect_app_only(core::Principal by, core::Connection connection, std::string request_id) {
    if (connection.mode != core::ConnectionMode::client_credentials)
        co_return bad_field("mode", "this connection needs a person's sign-in: make a connect link");
    auto registration = co_await ports_.connections.find_registration(connection.workspace, connection.registration);
    if (!registration) co_return propagate(registration);
    const auto* cloud = ports_.catalog.find_cloud(registration->connector, registration->cloud);
    const bool by_tenant = cloud != nullptr && cloud->token_endpoint.find(oauth::tenant_mark) != std::string::npos;
    if (by_tenant && registration->resolved_tenant.empty() && is_shared_tenant(registration->tenant)) {
        const auto word = registration->tenant.empty() ? std::string("common") : registration->tenant;
        auto refusal = bad_field("tenant", "app-only access needs one tenant: the provider gives no app-only token for \"" + word +
                                               "\"; resolve it from the mailbox's domain, or put the tenant's id or domain into the client registration");
        co_return fail(because(std::move(refusal.error()), "shared-tenant", word));
    }
    if (auto made = co_await make_app_grant(by, connection, request_id); !made) co_return propagate(made);
    auto token = co_await tokens_.first_token(connection, request_id);
    if (!token) co_return fail(co_await tokens_.endpoint().tenants().named(std::move(token.error()), *std::move(registration), request_id));
    auto row = co_await ports_.connections.find_connection_by_id(connection.workspace, connection.id);
    if (!row) co_return propagate(row);
    ConnectOutcome out;
    out.connection = std::move(*row);
    out.signed_in_as = registration->client_id;
    for (const auto scope : split(token->scopes, ' '))
        if (!scope.empty()) out.granted_scopes.emplace_back(scope);
    co_return out;
}

Task<Result<void>> OAuthConnectFlow::make_app_grant(core::Principal by, core::Connection connection, std::string request_id) {
    auto grants = co_await ports_.grants.grants_of_connection(connection.workspace, connection.id);
    if (!grants) co_return propagate(grants);
    if (std::ranges::any_of(*grants, [](const auto& grant) { return grant.subject_kind == core::SubjectKind::app; })) co_return Result<void>{};
    core::Grant grant;
    grant.workspace = connection.workspace;
    grant.id = ports_.random.make<core::GrantId>();
    grant.connection = connection.id;
    grant.scopes = connection.scopes;
    grant.created_at = grant.updated_at = grant.last_used_at = ports_.clock.now();
    auto row = audit(connection.workspace, "connection.connect", connection, std::move(request_id));
    row.principal_kind = by.kind;
    row.principal_id = by.id;
    row.principal_name = by.name;
    row.reason = "app-only grant";
    UnitOfWork unit;
    unit.emplace_back(InsertGrant{std::move(grant)});
    unit.emplace_back(AppendAudit{std::move(row)});
    auto committed = co_await ports_.ledger.commit(connection.workspace, std::move(unit));
    // Somebody made it at the same moment: good.
    if (!committed && committed.error().code == Errc::conflict) co_return Result<void>{};
    co_return committed;
}

}  // namespace renkei::app
