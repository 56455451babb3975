#include "tests/support/api_world.hpp"

#include "app/consent_requests.hpp"

#include "tests/support/openapi_schema.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace renkei::testing {
namespace {

FakeProvider::Settings provider_settings(Clock& clock) {
    FakeProvider::Settings settings;
    settings.clock = &clock;
    return settings;
}

app::ServerRequest request_of(const Ask& ask) {
    app::ServerRequest request;
    request.method = parse_method(ask.method).value();
    request.target = ask.target;
    const auto mark = ask.target.find('?');
    request.path = ask.target.substr(0, mark);
    if (mark != std::string::npos) request.query = form_decode(std::string_view(ask.target).substr(mark + 1)).value();
    // As the server does it: what opens something stands apart from the headers.
    for (const auto& [name, value] : ask.headers) {
        if (equal_ignoring_case(name, "Renkei-Session"))
            request.session = Secret(value);
        else if (equal_ignoring_case(name, "Renkei-Run"))
            request.run = Secret(value);
        else
            request.headers.add(name, value);
    }
    if (!ask.body.empty() && !request.headers.has("Content-Type") && !ask.content_type.empty()) request.headers.set("Content-Type", ask.content_type);
    if (!ask.key.empty()) request.authorization = Secret("Bearer " + ask.key);
    if (!ask.cookie.empty()) request.cookie = Secret(ask.cookie);
    request.body = ask.body;
    request.request_id = "0123456789abcdef0123456789abcdef";
    request.address = core::parse_address(ask.address).value();
    request.secure = true;
    return request;
}

}  // namespace

std::string Answer::text(std::string_view member) const {
    if (!json.is_object()) return {};
    return std::string(json::text(json.get_object(), member).value_or(""));
}

app::Mail ApiWorld::make_mail() { return app::Mail({access, store, *tokens, store, catalog, vault, clock, {{"mail", &mail_provider}}}); }

ApiWorld::ApiWorld(Start start, std::string public_url)
    : provider(provider_settings(clock)),
      tokens(std::make_unique<app::TokenService>(app::TokenPorts{store, store, store, store, vault, provider, catalog, clock, random, &values}, settings)),
      mail(make_mail()),
      native({access, store, store, *tokens, store, catalog, clock, {{"native", &native_api}}}) {
    catalog.tenanted.modes = catalog.generic.modes = {"client_credentials", "authorization_code"};
    catalog.tenanted.client_auth = {"client_secret_post", "private_key_jwt", "client_certificate"};
    catalog.tenanted.adapter = "mail";
    catalog.tenanted.native_api = "native";
    catalog.tenanted.default_scopes = {"Mail.Read", "Mail.Send"};
    const app::ConnectPorts ports{store, store, store, store, vault, catalog, clock, random};
    flow = std::make_unique<app::OAuthConnectFlow>(ports, *tokens, public_url);
    devices = std::make_unique<app::DeviceSignIns>(ports, *tokens, *flow, public_url);
    consents = std::make_unique<app::ConsentRequests>(app::ConsentRequests::Needs{store, vault, catalog, clock, random, *tokens, *flow, access, public_url});
    releases = std::make_unique<app::TokenReleases>(app::TokenReleases::Needs{access, *tokens, store, store, clock});
    store.observe(releases.get());
    store.observe(&authenticator);
    store.observe(&automation_access);
    automations = std::make_unique<app::Automations>(app::Automations::Parts{store, access, values, *tokens, vault, clock, random});
    fast = std::make_unique<api::TokenFast>(*releases, vault);
    permissions = std::make_unique<app::Permissions>(app::Permissions::Needs{store, access, clock, random});
    my_connections = std::make_unique<app::MyConnections>(app::MyConnections::Needs{store, access, *flow, *permissions, clock, random});
    connections = std::make_unique<app::Connections>(app::Connections::Needs{store, access, catalog, *flow, *devices, clock, random, &fence_resolver});
    directory.refusal = Error{Errc::denied, "scripted"};
    const auto by_adapter = [this](std::string_view adapter) -> app::MailProvider* { return adapter == "mail" ? &mail_provider : nullptr; };
    check = std::make_unique<app::ConnectionCheck>(app::ConnectionCheck::Needs{store, access, catalog, *tokens, by_adapter, clock, &fence_facts});
    fences = std::make_unique<app::Fences>(
        app::Fences::Needs{store, access, catalog, fence_resolver, fence_facts, *tokens, {{"mail", &scripts}}, by_adapter, clock});
    setup = std::make_unique<app::SetupService>(app::SetupService::Needs{store, vault, clock, random, pool, public_url});
    people = std::make_unique<app::People>(app::People::Needs{store, vault, clock, random, public_url});
    groups = std::make_unique<app::Groups>(store, *people, clock, random);
    people_import = std::make_unique<app::PeopleImport>(app::PeopleImport::Needs{store, *people, *groups, operations, clock});
    operations.add(people_import->people_kind());
    operations.add(people_import->groups_kind());
    check_kind = std::make_unique<app::CheckConnections>(*check);
    operations.add(*check_kind);
    operations.add(vault_rotation);
    api = std::make_unique<api::Api>(
        api::Services{clock,
                      store,
                      vault,
                      catalog,
                      authenticator,
                      access,
                      idempotency,
                      *flow,
                      *devices,
                      *releases,
                      keys,
                      registrations,
                      imports,
                      folders,
                      *connections,
                      *check,
                      *fences,
                      *setup,
                      operations,
                      vault_rotation,
                      sign_in,
                      invitations,
                      *people,
                      *groups,
                      *people_import,
                      *permissions,
                      *my_connections,
                      tokens->endpoint().tenants(),
                      *consents,
                      external_vaults,
                      metrics,
                      mail,
                      native,
                      automation_access,
                      *automations,
                      stored_values,
                      random,
                      std::move(public_url),
                      [this](std::string_view event, std::string_view, const Error& error) { failures.push_back(std::string(event) + " " + error.detail); }},
        fast.get());
    loops.start();
    if (start == Start::furnished) furnish();
}

ApiWorld::~ApiWorld() {
    provider.release();
    run_task([](app::Operations& work) -> Task<bool> {
        co_await work.stop();
        co_return true;
    }(operations));
    loops.stop();
    loops.join();
    pool.join();
}

void ApiWorld::furnish() {
    using core::Action;
    shared = a_folder("default");
    shared.is_default = true;
    auto registration = a_registration();
    registration.tenant = "tenant-1";
    registration.client_id = "client";
    registration.credentials.front().material = *vault.seal(app::credential_place(home, registration.id, 1), Secret("s3cret"));
    commit(home, {app::PutWorkspace{a_workspace()}, app::PutFolder{shared}, app::InsertRegistration{registration}});
    commit(elsewhere, {app::PutWorkspace{a_workspace(elsewhere, "other")}});
    std::vector<Action> all;
    for (int i = 0; i < static_cast<int>(Action::tokens_read); ++i) all.push_back(static_cast<Action>(i));
    admin = add_key("admin", all);
    reader = add_key("reader", {Action::tokens_read});
}

std::string ApiWorld::add_key(std::string_view name, std::vector<core::Action> actions, core::WorkspaceId workspace) {
    auto key = a_key(name);
    key.workspace = workspace;
    key.id = random.make<core::KeyId>();
    key.rights = {core::Right{std::move(actions), {}, {}, {}, {}, {}}};
    return add_key(std::move(key));
}

std::string ApiWorld::add_key(core::ApiKey key) {
    const auto text = app::make_key_text(random);
    key.hash = vault.lookup_hash(text);
    const auto workspace = key.workspace;
    commit(workspace, {app::InsertKey{std::move(key)}});
    return std::string(text.expose());
}

void ApiWorld::commit(core::WorkspaceId workspace, app::UnitOfWork unit) {
    const auto done = run_task(store.commit(workspace, std::move(unit)));
    if (!done) throw std::logic_error(done.error().detail);
}

core::Connection ApiWorld::add_connection(std::string_view name, bool looked_at) {
    auto connection = a_connection(name);
    connection.folder = shared.id;
    auto grant = a_grant(connection);
    auto token = a_token(grant);
    token.key.audience.clear();
    token.token = *vault.seal(app::access_token_place(token.key, 1), Secret("access token of " + std::string(name)));
    token.obtained_at = clock.now();
    token.expires_at = clock.now() + std::chrono::hours(1);
    commit(home, {app::InsertConnection{connection}, app::InsertGrant{grant}, app::PutToken{token}});
    if (!looked_at) return connection;
    for (const auto& entry : connection.fence.entries()) {
        core::FenceRow row;
        row.workspace = home;
        row.connection = connection.id;
        row.entry = entry;
        row.trouble = core::FenceTrouble::no_right;
        row.names = {{entry.written, {}}};
        row.checked_at = clock.now();
        commit(home, {app::PutFenceEntry{row, {}}});
    }
    commit(home, {app::PutFenceCheck{home, connection.id, std::nullopt, clock.now(), clock.now() + std::chrono::hours(24)}});
    return connection;
}

Answer ApiWorld::wait_for_operation(const std::string& id) {
    for (int i = 0; i < 200'000; ++i) {
        auto answer = get("/v1/operations/" + id);
        const auto state = answer.text("state");
        if (state != "queued" && state != "running") return answer;
        std::this_thread::yield();
    }
    throw std::runtime_error("the operation does not end");
}

Answer ApiWorld::ask(Ask ask) {
    auto response = run_task(api->handle(request_of(ask)));
    Answer answer{response.status, std::move(response.headers), std::move(response.body), std::move(response.route), response.secret_body};
    if (response.stream) {
        for (;;) {
            auto piece = run_task(response.stream->read());
            if (!piece || piece->empty()) break;
            answer.body += *piece;
        }
    }
    const auto type = answer.headers.get("Content-Type");
    if (type.find("json") != type.npos && !answer.body.empty())
        if (auto parsed = json::parse(answer.body)) answer.json = std::move(*parsed);
    const auto method = ask.method == "HEAD" ? "GET" : ask.method;
    if (!answer.route.empty() && ask.method != "HEAD" && ask.method != "OPTIONS")
        for (const auto& problem : OpenApi::document().problems(method, answer.route, answer.status, type, answer.body))
            ADD_FAILURE() << ask.method << ' ' << ask.target << " -> " << answer.status << " differs from openapi.yaml: " << problem << "\n"
                          << answer.body.substr(0, 600);
    return answer;
}

}  // namespace renkei::testing
