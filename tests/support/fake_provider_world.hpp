#pragma once

#include "app/connect_flow_impl.hpp"
#include "app/ports/seal_places.hpp"
#include "app/tokens.hpp"
#include "tests/support/builders.hpp"
#include "tests/support/fake_provider.hpp"
#include "tests/support/fake_store.hpp"
#include "tests/support/fake_vault.hpp"
#include "tests/support/run_task.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace renkei::testing {

/// Chance that repeats: a counter, hashed.
class CountingRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& byte : bytes) {
            const auto n = next_++;
            byte = sha256(std::to_string(n))[0];
        }
    }

private:
    std::atomic<std::uint64_t> next_{1};
};

/// Two connectors: one whose tenant stands in the addresses, one with endpoints of its own.
class SmallCatalog final : public app::Catalog {
public:
    SmallCatalog() {
        tenanted.key = "microsoft";
        tenanted.name_en = tenanted.name_ja = "Cloud mail";
        app::CloudFacts cloud;
        cloud.key = "global";
        cloud.authorization_endpoint = "https://login.example/{tenant}/oauth2/v2.0/authorize";
        cloud.token_endpoint = "https://login.example/{tenant}/oauth2/v2.0/token";
        cloud.device_authorization_endpoint = "https://login.example/{tenant}/oauth2/v2.0/devicecode";
        cloud.issuer = "https://login.example/{tenant}/v2.0";
        cloud.app_scope = "https://api.example/.default";
        tenanted.clouds = {cloud};
        tenanted.always_scopes = {"openid", "offline_access"};
        generic.key = "oauth";
        generic.name_en = generic.name_ja = "OAuth 2.0";
    }
    const app::Manifest* find(std::string_view key) const override { return key == tenanted.key ? &tenanted : key == generic.key ? &generic : nullptr; }
    std::vector<const app::Manifest*> all() const override { return {&tenanted, &generic}; }
    app::Manifest tenanted, generic;
};

/// Everything that a token test needs: a store with one connection, a provider, a clock that stands still.
struct TokenWorld {
    ManualClock clock;
    CountingRandom random;
    SmallCatalog catalog;
    FakeVault vault;
    FakeStore store;
    FakeProvider provider;
    app::TokenSettings settings;
    std::unique_ptr<app::TokenService> tokens;
    core::Connection connection = a_connection();
    std::string first_refresh_token;

    explicit TokenWorld(FakeProvider::Settings provider_settings = {}) : provider(with_clock(std::move(provider_settings))) {
        catalog.tenanted.strict_rotation = false;
        must(store.commit(home, a_home_with_a_connection()));
        auto registration = must(store.find_registration(home, connection.registration));
        registration.tenant = "tenant-1";
        registration.client_id = "client";
        registration.credentials.front().material = *vault.seal(app::credential_place(home, registration.id, 1), Secret("s3cret"));
        commit({app::UpdateRegistration{raised(registration), registration.version}});
        start();
    }
    ~TokenWorld() {
        if (tokens) provider.release();
    }

    /// A process begins: everything that was in memory is gone.
    void start() { tokens = std::make_unique<app::TokenService>(ports(), settings); }
    app::TokenPorts ports() { return {store, store, store, store, vault, provider, catalog, clock, random}; }
    app::ConnectPorts connect_ports() { return {store, store, store, store, vault, catalog, clock, random}; }

    /// The connection is a person's, with a grant of the provider and an access token that lives `lifetime`.
    void given_a_signed_in_person(std::chrono::seconds lifetime = std::chrono::hours(1)) {
        set_mode(core::ConnectionMode::authorization_code);
        first_refresh_token = provider.new_refresh_token();
        auto grant = a_grant(connection);
        grant.subject_kind = core::SubjectKind::person;
        grant.refresh_token = *vault.seal(app::refresh_token_place(home, grant.id, 1), Secret(first_refresh_token));
        grant.identity = {"https://login.example/tenant-1/v2.0", "tenant-1", "oid-1", "hanako@acme.example"};
        commit({app::InsertGrant{grant}, app::PutToken{first_token(grant, lifetime)}});
    }
    void given_an_app_grant(std::chrono::seconds lifetime = std::chrono::hours(1)) {
        const auto grant = a_grant(connection);
        commit({app::InsertGrant{grant}, app::PutToken{first_token(grant, lifetime)}});
    }
    core::StoredToken first_token(const core::Grant& grant, std::chrono::seconds lifetime) {
        auto token = a_token(grant);
        token.key.audience.clear();
        token.token = *vault.seal(app::access_token_place(token.key, 1), Secret("first"));
        token.obtained_at = clock.now();
        token.expires_at = clock.now() + lifetime;
        return token;
    }

    Result<app::LiveToken> ask(std::chrono::seconds min_validity = std::chrono::seconds(60)) {
        return run_task(tokens->token_for(now_connection(), min_validity, "req-1"));
    }
    core::Connection now_connection() { return must(store.find_connection_by_id(home, connection.id)); }
    core::Grant grant() { return must(store.grants_of_connection(home, connection.id)).at(0); }
    std::string refresh_token() { return opened(app::refresh_token_place(home, grant().id, grant().generation), grant().refresh_token); }
    std::string previous_refresh_token() {
        return opened(app::previous_refresh_token_place(home, grant().id, grant().generation), grant().previous_refresh_token);
    }
    bool intent_stands() { return run_task(store.find_intent(home, grant().id)).has_value(); }
    std::string last_audit() { return store.audit(home).empty() ? "" : store.audit(home).back().action + " " + store.audit(home).back().reason; }

    void set_mode(core::ConnectionMode mode) {
        edit([&](core::Connection& row) { row.mode = mode; });
    }
    template <class Edit>
    void edit(Edit change) {
        auto row = now_connection();
        const auto version = row.version;
        change(row);
        row.version = version + 1;
        commit({app::UpdateConnection{row, version}});
        connection = row;
    }
    void commit(app::UnitOfWork unit) { must(store.commit(home, std::move(unit))); }

    template <class T>
    static T must(Task<Result<T>> task) {
        auto result = run_task(std::move(task));
        if (!result) throw std::runtime_error(std::string(error_row(result.error().code).slug) + ": " + result.error().detail);
        if constexpr (!std::is_void_v<T>) return *std::move(result);
    }

private:
    FakeProvider::Settings with_clock(FakeProvider::Settings provider_settings) {
        provider_settings.clock = &clock;
        return provider_settings;
    }
    static core::ClientRegistration raised(core::ClientRegistration row) {
        ++row.version;
        return row;
    }
    std::string opened(const app::SealPlace& place, const core::Sealed& sealed) {
        if (sealed.empty()) return {};
        auto secret = vault.open(place, sealed);
        return secret ? std::string(secret->expose()) : "(does not open)";
    }
};

}  // namespace renkei::testing
