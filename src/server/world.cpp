#include "server/world.hpp"

#include "adapters/providers/catalog_loader.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace renkei::server {
namespace {

constexpr std::chrono::minutes count_releases_every{60};
constexpr std::chrono::minutes sweep_every{15};
constexpr std::chrono::seconds look_at_fences_every{30};  // each is due once a day; new entries at once

std::vector<providers::CloudOverride> overrides_of(const Settings& settings) {
    std::vector<providers::CloudOverride> out;
    for (const auto& entry : settings.overrides) out.push_back({entry.connector, entry.cloud, entry.authority_base, entry.api_base});
    return out;
}

app::TokenSettings token_settings(const Settings& settings) {
    app::TokenSettings out;
    out.ahead = settings.refresh_ahead;
    out.in_use = std::chrono::duration_cast<std::chrono::hours>(settings.in_use);
    return out;
}

}  // namespace

void TokenForgetter::committed(const app::UnitOfWork& unit) noexcept {
    for (const auto& change : unit) {
        // A connection that is gone, was given back by its owner, or works again: neither its token nor the pauses after its failures count any more.
        if (const auto* gone = std::get_if<app::DeleteConnection>(&change)) tokens_.forget(gone->id);
        const auto* changed = std::get_if<app::UpdateConnection>(&change);
        if (changed != nullptr && (changed->row.state == core::ConnectionState::active || changed->row.state == core::ConnectionState::revoked))
            tokens_.forget(changed->row.id);
    }
}

World::World(Settings settings, Clock& clock, Log& log)
    : settings_(std::move(settings)),
      clock_(clock),
      log_(log),
      loops_(settings_.workers, [&log](std::string_view what) { log.error("an exception reached an event loop", {{"what", std::string(what)}}); }) {}

Result<std::unique_ptr<World>> World::build(Settings settings, Outside outside, Clock& clock, Log& log) {
    std::unique_ptr<World> world(new World(std::move(settings), clock, log));
    world->loops_.start();
    if (auto opened = world->open_store(outside); !opened) return propagate(opened);
    if (auto opened = world->open_catalog_and_client(outside); !opened) return propagate(opened);
    if (auto opened = world->open_access_log(); !opened) return propagate(opened);
    world->build_services();
    return world;
}

Result<void> World::open_store(const Outside& outside) {
    sqlite::Settings storage;
    storage.folder = settings_.data_dir;
    auto store = sqlite::SqliteStore::open(std::move(storage));
    if (!store) return propagate(store);
    store_ = *std::move(store);
    // The key's folder is beside the data, never in it; the umask makes it the owner's alone.
    std::error_code made;
    std::filesystem::create_directories(std::filesystem::path(settings_.master_key_file).parent_path(), made);
    auto vault = run_on(loops_.any(), vault::SealingVault::open_store(vault_settings(settings_, outside), *store_, random_));
    if (!vault) return propagate(vault);
    vault_ = *std::move(vault);
    return {};
}

// A workspace is named in the configuration and known by its id in the policy.
Result<std::vector<http::EgressAllowance>> World::egress() {
    auto workspaces = run_on(loops_.any(), store_->all_workspaces());
    if (!workspaces) return propagate(workspaces);
    std::vector<http::EgressAllowance> out;
    for (const auto& entry : settings_.egress) {
        http::EgressAllowance allowance;
        if (!entry.purpose.empty()) allowance.purpose = entry.purpose;
        allowance.range = entry.range;
        allowance.ports = entry.ports;
        if (!entry.workspace.empty()) {
            const auto found = std::ranges::find(*workspaces, entry.workspace, [](const core::Workspace& workspace) { return workspace.name.text(); });
            if (found == workspaces->end()) {
                log_.warning("egress.allow names a workspace that does not exist", {{"workspace", entry.workspace}});
                continue;
            }
            allowance.workspace = found->id;
        }
        out.push_back(std::move(allowance));
    }
    return out;
}

Result<void> World::open_catalog_and_client(const Outside& outside) {
    providers::CatalogSettings catalog{overrides_of(settings_), {}};
    if (!settings_.catalog_dir.empty()) catalog.folder = settings_.catalog_dir;
    auto loaded = providers::load_catalog(catalog);
    if (!loaded) return propagate(loaded);
    catalog_ = *std::move(loaded);
    auto allowances = egress();
    if (!allowances) return propagate(allowances);
    http::ClientSettings client;
    client.egress = *std::move(allowances);
    client.proxy.https_proxy = Secret(settings_.proxy.empty() ? outside.https_proxy : settings_.proxy);
    client.proxy.http_proxy = Secret(settings_.proxy.empty() ? outside.http_proxy : settings_.proxy);
    client.proxy.no_proxy = settings_.no_proxy.empty() ? outside.no_proxy : settings_.no_proxy;
    client.extra_ca_file = settings_.ca_file;
    client.exchange_log = settings_.exchange_log;
    auto made = http::make_http_client(std::move(client), clock_, random_);
    if (!made) return propagate(made);
    client_ = *std::move(made);
    return {};
}

void World::build_values() {
    build_external_vaults();
    mapped_values_.emplace(MappedValues::Parts{*store_, settings_.value_files, settings_.value_environment, {settings_.master_key_file}, pool_});
    values_.emplace(app::Values::Parts{*store_, *store_, *vault_, *external_vaults_, *mapped_values_, clock_});
    stored_values_.emplace(app::StoredValues::Needs{*store_, *vault_, clock_, random_});
}

void World::build_automations() {
    known_automations_.emplace(*store_, *store_);
    automation_access_.emplace(*authenticator_, *known_automations_, *store_, *store_, *vault_, clock_);
    store_->observe(*automation_access_);
    automations_.emplace(app::Automations::Parts{*store_, *access_, *values_, *tokens_, *vault_, clock_, random_});
}

void World::build_services() {
    const auto public_url = settings_.public_url.origin();
    build_values();
    tokens_.emplace(app::TokenPorts{*store_, *store_, *store_, *store_, *vault_, *client_, *catalog_, clock_, random_, &*values_}, token_settings(settings_));
    connect_flow_.emplace(app::ConnectPorts{*store_, *store_, *store_, *store_, *vault_, *catalog_, clock_, random_}, *tokens_, public_url);
    devices_.emplace(app::ConnectPorts{*store_, *store_, *store_, *store_, *vault_, *catalog_, clock_, random_}, *tokens_, *connect_flow_, public_url);
    build_fences();
    authenticator_.emplace(*store_, *vault_, clock_);
    idempotency_.emplace(*store_, clock_);
    releases_.emplace(app::TokenReleases::Needs{*access_, *tokens_, *store_, *store_, clock_});
    forgetter_.emplace(*tokens_);
    store_->observe(*releases_);
    store_->observe(*authenticator_);
    store_->observe(*forgetter_);
    graph_mail_.emplace(*client_, *catalog_);
    app::MailProviders providers{{"microsoft_graph", &*graph_mail_}};
    graph_native_.emplace(*client_, *catalog_);
    native_.emplace(app::Native::Parts{*access_, *store_, *store_, *tokens_, *store_, *catalog_, clock_, {{"microsoft_graph", &*graph_native_}}});
    mail_.emplace(app::Mail::Parts{*access_, *store_, *tokens_, *store_, *catalog_, *vault_, clock_, providers});
    keys_.emplace(*store_, *vault_, *access_, clock_, random_);
    registrations_.emplace(app::Registrations::Needs{*store_, *vault_, *catalog_, clock_, random_, pool_, *values_});
    imports_.emplace(app::Imports::Needs{*store_, *vault_, *catalog_, clock_, random_, pool_, *registrations_});
    folders_.emplace(*store_, *access_, clock_, random_);
    consents_.emplace(
        app::ConsentRequests::Needs{*store_, *vault_, *catalog_, clock_, random_, *tokens_, *connect_flow_, *access_, settings_.public_url.origin()});
    connections_.emplace(app::Connections::Needs{*store_, *access_, *catalog_, *connect_flow_, *devices_, clock_, random_, &*fence_resolver_});
    build_checks();
    check_connections_.emplace(*check_);
    operations_.emplace(app::Operations::Needs{*store_, loops_, clock_, random_});
    operations_->add(*check_connections_);
    vault_rotation_.emplace(app::VaultRotation::Needs{*store_, *store_, *vault_, *vault_, *operations_, clock_});
    operations_->add(*vault_rotation_);
    setup_.emplace(app::SetupService::Needs{*store_, *vault_, clock_, random_, pool_, public_url});
    sign_in_.emplace(app::SignIn::Needs{*store_, *vault_, clock_, random_, pool_}, app::SignInSettings{settings_.session_idle, settings_.session_longest});
    invitations_.emplace(app::Invitations::Needs{*store_, *vault_, clock_, pool_, *sign_in_});
    people_.emplace(app::People::Needs{*store_, *vault_, clock_, random_, public_url});
    groups_.emplace(*store_, *people_, clock_, random_);
    people_import_.emplace(app::PeopleImport::Needs{*store_, *people_, *groups_, *operations_, clock_});
    operations_->add(people_import_->people_kind());
    operations_->add(people_import_->groups_kind());
    permissions_.emplace(app::Permissions::Needs{*store_, *access_, clock_, random_});
    my_connections_.emplace(app::MyConnections::Needs{*store_, *access_, *connect_flow_, *permissions_, clock_, random_});
    build_automations();
    fast_.emplace(*releases_, *vault_);
    build_api();
}

void World::build_checks() {
    const auto mail_provider = [this](std::string_view adapter) -> app::MailProvider* { return adapter == "microsoft_graph" ? &*graph_mail_ : nullptr; };
    check_.emplace(app::ConnectionCheck::Needs{*store_, *access_, *catalog_, *tokens_, mail_provider, clock_, &*fence_facts_});
    fences_.emplace(app::Fences::Needs{
        *store_, *access_, *catalog_, *fence_resolver_, *fence_facts_, *tokens_, {{"microsoft_graph", &*graph_directory_}}, mail_provider, clock_});
}

void World::build_external_vaults() {
    using Kind = core::ExternalVaultKind;
    kv_vault_.emplace(*client_, clock_);
    key_vault_.emplace(*client_, clock_, random_, *catalog_);
    secret_endpoint_.emplace(*client_);
    app::ExternalVaultClients clients{{Kind::hashicorp, &*kv_vault_}, {Kind::azure_key_vault, &*key_vault_}, {Kind::https, &*secret_endpoint_}};
    external_vaults_.emplace(app::ExternalVaults::Needs{*store_, *vault_, *catalog_, std::move(clients), clock_, random_});
}

void World::build_fences() {
    graph_directory_.emplace(*client_, *catalog_);
    app::Directories directories{{"microsoft_graph", &*graph_directory_}};
    fence_resolver_.emplace(app::FenceResolver::Needs{*store_, *catalog_, *tokens_, std::move(directories), clock_, random_});
    fence_facts_.emplace(*store_, *fence_resolver_, clock_);
    access_.emplace(*store_, *store_, *catalog_, clock_, &*fence_facts_, &*values_);
}

Result<std::optional<app::SetupLink>> World::setup_link() { return run_on(loops_.any(), setup_->ensure_setup_link()); }

void World::start_background() {
    background_ = std::make_unique<Background>(loops_, clock_, [this](std::string_view task, std::string_view what) {
        log_.error("background work failed", {{"task", std::string(task)}, {"what", std::string(what)}});
    });
    background_->add("recover", recover());
    background_->add("refresh ahead", tokens_->run_refresh_ahead());
    background_->repeat("count releases", count_releases_every, [this] { return write_release_counts(); });
    background_->repeat("device sign-ins", std::chrono::seconds(1), [this] { return devices_->poll_due(); });
    background_->repeat("access log", std::chrono::seconds(1), [this]() -> Task<void> { return flush_access_log(); });
    background_->repeat("fences", look_at_fences_every, [this] { return look_at_fences(); });
    background_->repeat("sweep", sweep_every, [this] { return sweep(); });
}

Task<void> World::recover() {
    if (auto resumed = co_await devices_->resume(); !resumed)
        log_.error("sign-ins by code could not be taken up again", {{"error", std::string(error_row(resumed.error().code).slug)}});
    auto report = co_await tokens_->recover();
    if (!report) {
        log_.error("refreshes that were cut off could not be looked at", {{"error", std::string(error_row(report.error().code).slug)}});
        co_return;
    }
    if (report->found == 0) co_return;
    log_.warning("refreshes that were cut off have been resolved", {{"found", std::to_string(report->found)},
                                                                    {"kept", std::to_string(report->kept)},
                                                                    {"lost", std::to_string(report->lost)},
                                                                    {"dead", std::to_string(report->dead)},
                                                                    {"waiting", std::to_string(report->waiting)}});
}

Task<void> World::write_release_counts() {
    auto written = co_await releases_->write_counts();
    if (!written) log_.error("counts of token releases could not be written", {{"error", std::string(error_row(written.error().code).slug)}});
}

Task<void> World::flush_access_log() {
    if (access_log_) access_log_->flush();
    co_return;
}

Task<void> World::look_at_fences() { static_cast<void>(co_await fence_resolver_->look_at_due()); }

Task<void> World::sweep() {
    auto swept = co_await store_->sweep(clock_.now());
    if (!swept) log_.error("expired rows could not be removed", {{"error", std::string(error_row(swept.error().code).slug)}});
}

}  // namespace renkei::server
