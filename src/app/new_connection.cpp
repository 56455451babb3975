#include "app/new_connection.hpp"

#include "app/folders.hpp"
#include "app/token_endpoint.hpp"
#include "core/policy.hpp"
#include "oauth/client/issuer.hpp"

#include <algorithm>

namespace renkei::app {
namespace {

using Ports = NewConnectionPorts;
using Wanted = std::shared_ptr<NewConnection>;
using Made = std::shared_ptr<MadeConnection>;

bool is_field_error(const Error& error) { return !error.get("field").empty(); }

// A refusal that belongs to a field is collected; everything else ends the try.
Result<void> collect(MadeConnection& made, Error error) {
    if (!is_field_error(error)) return fail(std::move(error));
    made.refused.push_back(std::move(error));
    return {};
}
bool is_refused(const MadeConnection& made, std::string_view field) {
    return std::ranges::any_of(made.refused, [&](const Error& error) { return error.get("field").starts_with(field); });
}

// One refusal a field: the first says what to do.
void refuse(MadeConnection& made, Error error) {
    if (!is_refused(made, error.get("field"))) made.refused.push_back(std::move(error));
}
template <class T>
bool keep(MadeConnection& made, Result<T>&& checked) {
    if (!checked) refuse(made, std::move(checked.error()));
    return checked.has_value();
}

std::string domain_of(const std::string& mailbox) { return mailbox.substr(std::min(mailbox.find('@'), mailbox.size() - 1) + 1); }

// What the lookup of a domain says stands beside the tenant, with the offer to try again.
Result<void> at_tenant(MadeConnection& made, Error error, const std::string& mailbox) {
    std::erase_if(error.context, [](const auto& entry) { return entry.first == "field"; });
    error.context.emplace_back("field", "tenant");
    if (const auto spelled = core::parse_mailbox(mailbox)) error.context.emplace_back("shared_tenant", domain_of(*spelled));
    made.refused.push_back(std::move(error));
    return {};
}

// Microsoft issues no app-only token for everybody's tenant: detected before anything is sent, and the way out is offered.
std::optional<Error> shared_tenant(const Ports& ports, const NewConnection& wanted, const std::string& connector, const std::string& cloud,
                                   const std::string& tenant, std::string field) {
    if (wanted.connection.mode != core::ConnectionMode::client_credentials) return std::nullopt;
    const auto* facts = ports.catalog.find_cloud(connector, cloud);
    if (facts == nullptr || facts->token_endpoint.find(oauth::tenant_mark) == std::string::npos || !is_shared_tenant(tenant)) return std::nullopt;
    const auto mailbox = core::parse_mailbox(wanted.connection.mailbox);
    return Error{Errc::invalid_field,
                 "app-only access needs one tenant",
                 {{"field", std::move(field)}, {"shared_tenant", mailbox ? domain_of(*mailbox) : std::string()}}};
}

void fill_from(NewConnection& wanted, const RecognisedImport& import, const Manifest& manifest) {
    auto& app = wanted.app;
    wanted.import = import.handle;
    if (app.client_id.empty()) app.client_id = import.client_id;
    // What the form had from the beginning is nobody's choice; what the file says is.
    if (!import.tenant.empty() && is_shared_tenant(app.tenant)) app.tenant = import.tenant;
    const bool default_cloud = !manifest.clouds.empty() && (app.cloud.empty() || app.cloud == manifest.clouds.front().key);
    if (default_cloud && import.connector == manifest.key) app.cloud = import.cloud;
}

Task<Result<void>> take_file(Ports ports, By by, Wanted wanted, Made made) {
    const auto* manifest = ports.catalog.find(wanted->app.connector);
    if (manifest == nullptr) co_return fail(Errc::not_found, "there is no connector of this name");
    if (wanted->content.empty() && wanted->import.empty()) co_return Result<void>{};
    // A secret that is typed after a file was sent replaces it.
    if (wanted->content.empty() && wanted->app.credential.client_secret) {
        wanted->import.clear();
        co_return Result<void>{};
    }
    auto import = wanted->content.empty() ? co_await ports.imports.look(by, wanted->import)
                                          : co_await ports.imports.recognise(by, std::move(wanted->content), std::move(wanted->password));
    if (!import && import.error().code == Errc::gone) import.error().context.emplace_back("field", "content");
    if (!import) {
        wanted->import.clear();
        co_return collect(*made, std::move(import.error()));
    }
    fill_from(*wanted, *import, *manifest);
    made->import = std::move(*import);
    co_return Result<void>{};
}

void check_app(const Ports& ports, NewConnection& wanted, MadeConnection& made) {
    auto& app = wanted.app;
    if (app.client_id.empty() || app.client_id.size() > 512) keep(made, Result<void>(bad_field("client_id", "`client_id` is required")));
    const auto fitted = fit_registration(ports.catalog, app);
    if (!fitted) refuse(made, fitted.error());
    const bool by_file = !wanted.import.empty() || is_refused(made, "content") || is_refused(made, "password");
    const auto method = fitted ? fitted->auth_method : app.auth_method.value_or(core::ClientAuthMethod::client_secret_post);
    const bool has_one = by_file || app.credential.client_secret.has_value();
    if (method != core::ClientAuthMethod::none && !has_one) {
        const bool certificate = method == core::ClientAuthMethod::client_certificate;
        keep(made, Result<void>(bad_field(certificate ? "content" : "client_secret", "a credential is required")));
    }
    if (app.credential.expires_at && *app.credential.expires_at <= ports.clock.now())
        keep(made, Result<void>(bad_field("expires", "the credential has expired already")));
    const bool resolves = wanted.resolve_tenant && is_shared_tenant(app.tenant);
    if (fitted && !is_refused(made, "tenant") && !resolves)
        if (auto shared = shared_tenant(ports, wanted, app.connector, app.cloud, app.tenant, "tenant")) refuse(made, std::move(*shared));
}

Task<Result<core::ClientRegistration>> check_known_app(Ports ports, By by, Wanted wanted, Made made) {
    auto known = co_await ports.store.find_registration_by_name(by.principal.workspace, *wanted->registration);
    if (!known && known.error().code != Errc::not_found) co_return propagate(known);
    if (!known || known->connector != wanted->app.connector) {
        keep(*made, Result<void>(bad_field("registration", "there is no such client registration for this connector")));
        co_return core::ClientRegistration{};
    }
    const auto& tenant = known->resolved_tenant.empty() ? known->tenant : known->resolved_tenant;
    if (auto shared = shared_tenant(ports, *wanted, known->connector, known->cloud, tenant, "registration")) refuse(*made, std::move(*shared));
    co_return std::move(*known);
}

// `app`: as much of the client registration as is known.
void check_accounts(const Ports& ports, const By& by, const NewConnection& wanted, const core::ClientRegistration& app, MadeConnection& made) {
    const auto& connection = wanted.connection;
    if (!connection.mailbox.empty()) keep(made, core::parse_mailbox(connection.mailbox));
    if (!connection.act_as.empty()) keep(made, core::parse_mailbox(connection.act_as, "act_as"));
    if (connection.fence) keep(made, fit_fence(*connection.fence));
    if (connection.scopes) keep(made, fit_scopes(*connection.scopes));
    if (is_refused(made, "mailbox") || is_refused(made, "act_as") || is_refused(made, "fence")) return;
    core::Connection row;
    row.mode = connection.mode;
    row.act_as = connection.act_as;
    row.mailbox = connection.mailbox;
    const auto& manifest = *ports.catalog.find(wanted.app.connector);
    const bool for_each = connection.token_type == core::TokenType::user_specific;
    auto fits = for_each ? fit_user_specific(manifest, app, row, connection.fence) : fit_accounts(manifest, row, connection.fence);
    if (!fits && for_each) fits.error().context.emplace_back("token_type", core::text_of(connection.token_type));
    // A new app's tenant stands in this form.
    if (!fits && !wanted.registration)
        for (auto& [key, value] : fits.error().context)
            if (key == "field" && value == "registration") value = "tenant";
    if (!keep(made, std::move(fits))) return;
    if (!may_open(by.principal, row.fence))
        refuse(made, {Errc::denied, "the fence would reach mailboxes beyond the caller's own rights", {{"field", "fence"}}});
}

Task<Result<void>> check_place(Ports ports, By by, Wanted wanted, Made made) {
    auto taken = co_await ports.store.find_connection(by.principal.workspace, wanted->connection.name);
    if (wanted->connection.name.text() == "new") refuse(*made, {Errc::conflict, "`new` stands in an address of Renkei", {{"field", "name"}}});
    if (taken) refuse(*made, {Errc::conflict, "there is a connection of this name already", {{"field", "name"}}});
    if (!taken && taken.error().code != Errc::not_found) co_return propagate(taken);
    if (!wanted->connection.folder) co_return Result<void>{};
    auto standing = co_await ports.access.standing(by.principal);
    if (!standing) co_return propagate(standing);
    const auto* folder = visible_folder(*standing, *wanted->connection.folder);
    const auto right = folder == nullptr ? std::nullopt : right_in_folder(*standing, folder->id);
    if (!right || *right < core::FolderRight::edit) keep(*made, Result<void>(bad_field("folder", "there is no such folder in which this caller may edit")));
    co_return Result<void>{};
}

// Before anything is made: a file that was sent stays for the next try if the domain leads nowhere.
Task<Result<void>> check_tenant(Ports ports, By by, Wanted wanted, Made made) {
    if (!wanted->resolve_tenant || wanted->registration || !is_shared_tenant(wanted->app.tenant) || !made->refused.empty()) co_return Result<void>{};
    core::ClientRegistration app;
    app.workspace = by.principal.workspace;
    app.connector = wanted->app.connector;
    app.cloud = wanted->app.cloud;
    app.tenant = wanted->app.tenant;
    auto found = co_await ports.tenants.resolve(std::move(app), wanted->connection.mailbox, by.request_id);
    if (!found) co_return at_tenant(*made, std::move(found.error()), wanted->connection.mailbox);
    co_return Result<void>{};
}

// invoice-mail, invoice-mail-app, invoice-mail-app-2 …: the first that is free.
Task<Result<core::Name>> free_name(Ports ports, By by, core::Name connection) {
    constexpr std::size_t room_for_suffix = 8;
    const auto stem = connection.text().substr(0, core::Name::longest - room_for_suffix);
    for (int i = 0; i < 100; ++i) {
        auto name = core::Name::parse(i == 0 ? connection.text() : i == 1 ? stem + "-app" : stem + "-app-" + std::to_string(i));
        auto taken = co_await ports.store.find_registration_by_name(by.principal.workspace, *name);
        if (!taken && taken.error().code == Errc::not_found) co_return *name;
        if (!taken) co_return propagate(taken);
    }
    co_return fail(Error{Errc::conflict, "no free name for the client registration", {{"field", "name"}}});
}

Task<Result<core::ClientRegistration>> make_app(Ports ports, By by, Wanted wanted) {
    auto name = co_await free_name(ports, by, wanted->connection.name);
    if (!name) co_return propagate(name);
    auto& app = wanted->app;
    if (wanted->import.empty()) {
        app.name = *name;
        co_return co_await ports.registrations.create(std::move(by), std::move(app));
    }
    RegisterImport import{wanted->import, std::nullopt, *name, app.connector, app.cloud, app.tenant, app.client_id};
    import.assertion_algorithm = app.assertion_algorithm;
    auto made = co_await ports.imports.put(std::move(by), std::move(import));
    if (!made && (made.error().code == Errc::gone || made.error().get("field").starts_with("client_certificate")))
        co_return fail(Error{made.error().code, std::move(made.error().detail), {{"field", "content"}}});
    co_return made;
}

Task<Result<void>> check_all(Ports ports, By by, Wanted wanted, Made made) {
    if (auto taken = co_await take_file(ports, by, wanted, made); !taken) co_return propagate(taken);
    core::ClientRegistration app;
    if (wanted->registration) {
        auto known = co_await check_known_app(ports, by, wanted, made);
        if (!known) co_return propagate(known);
        app = std::move(*known);
    } else {
        check_app(ports, *wanted, *made);
        app.tenant = wanted->app.tenant;
    }
    check_accounts(ports, by, *wanted, app, *made);
    if (auto placed = co_await check_place(ports, by, wanted, made); !placed) co_return propagate(placed);
    co_return co_await check_tenant(ports, by, wanted, made);
}

Task<Result<void>> make_both(Ports ports, By by, Wanted wanted, Made made) {
    std::optional<core::Name> made_app;
    if (!wanted->registration) {
        auto app = co_await make_app(ports, by, wanted);
        if (!app) co_return collect(*made, std::move(app.error()));
        made_app = app->name;
        if (wanted->resolve_tenant && is_shared_tenant(app->tenant)) {
            auto resolved = co_await ports.registrations.resolve_tenant(by, ports.tenants, *made_app, wanted->connection.mailbox, {});
            if (!resolved) {
                static_cast<void>(co_await ports.registrations.remove(by, *made_app, {}));
                made->import.reset();
                co_return at_tenant(*made, std::move(resolved.error()), wanted->connection.mailbox);
            }
        }
    }
    wanted->connection.registration = made_app ? *made_app : *wanted->registration;
    auto connection = co_await ports.connections.create(by, std::move(wanted->connection));
    if (!connection) {
        // Somebody took the name meanwhile, or the rights changed: nothing half-made stays, and the file was used up.
        if (made_app) static_cast<void>(co_await ports.registrations.remove(by, *made_app, {}));
        made->import.reset();
        co_return collect(*made, std::move(connection.error()));
    }
    made->connection = std::move(*connection);
    co_return Result<void>{};
}

}  // namespace

Task<Result<MadeConnection>> make_connection(NewConnectionPorts ports, By by, std::shared_ptr<NewConnection> wanted) {
    const auto made = std::make_shared<MadeConnection>();
    made->refused = std::move(wanted->refused);
    if (!wanted->registration) {
        const auto decision = core::decide(by.principal, core::Action::registrations_write, ports.clock.now());
        if (!decision.allowed) {
            UnitOfWork unit;
            unit.push_back(AppendAudit{refusal_row(by, ports.clock.now(), "registration.create", "registrations", "denied: " + decision.reason)});
            if (auto recorded = co_await ports.store.commit(by.principal.workspace, std::move(unit)); !recorded) co_return propagate(recorded);
            co_return fail(decision.code, decision.reason);
        }
    }
    if (auto checked = co_await check_all(ports, by, wanted, made); !checked) co_return propagate(checked);
    if (made->refused.empty())
        if (auto both = co_await make_both(ports, by, wanted, made); !both) co_return propagate(both);
    co_return std::move(*made);
}

}  // namespace renkei::app
