#pragma once

#include "adapters/api/api.hpp"
#include "adapters/api/metrics_sink.hpp"
#include "adapters/api/token_fast.hpp"
#include "app/authenticate.hpp"
#include "app/automation_access.hpp"
#include "app/automations.hpp"
#include "app/check_connections.hpp"
#include "app/connect_flow_impl.hpp"
#include "app/connections.hpp"
#include "app/device_sign_in.hpp"
#include "app/external_vaults.hpp"
#include "app/fences.hpp"
#include "app/folders.hpp"
#include "app/groups.hpp"
#include "app/idempotency.hpp"
#include "app/imports.hpp"
#include "app/invitations.hpp"
#include "app/keys.hpp"
#include "app/mail.hpp"
#include "app/my_connections.hpp"
#include "app/native.hpp"
#include "app/operations.hpp"
#include "app/people.hpp"
#include "app/people_import.hpp"
#include "app/registrations.hpp"
#include "app/setup.hpp"
#include "app/sign_in.hpp"
#include "app/stored_values.hpp"
#include "app/token_release.hpp"
#include "app/vault_rotation.hpp"
#include "tests/support/fake_directory.hpp"
#include "tests/support/fake_external_vault.hpp"
#include "tests/support/fake_mail_provider.hpp"
#include "tests/support/fake_native_api.hpp"
#include "tests/support/fake_provider_world.hpp"
#include "tests/support/fake_values.hpp"
#include "tests/support/fake_vault_keys.hpp"

#include <memory>
#include <string>
#include <vector>

namespace renkei::app {
class ConsentRequests;
}

namespace renkei::testing {

/// A request, written shortly.
struct Ask {
    std::string method = "GET";
    std::string target;
    std::string body{};
    std::string key{};  ///< the API key's text
    Headers headers{};
    std::string cookie{};
    std::string address = "192.0.2.7";
    std::string content_type = "application/json";
};

struct Answer {
    int status = 0;
    Headers headers;
    std::string body;
    std::string route;
    bool secret = false;
    json::value json{};  ///< null when the body is no JSON
    std::string text(std::string_view member) const;
    std::string code() const { return text("code"); }
};

/// The token service that the world makes later.
struct LateTokens final : app::TokenSource {
    explicit LateTokens(std::unique_ptr<app::TokenService>& made) : tokens(made) {}
    Task<Result<app::LiveToken>> token_for(core::Connection connection, std::chrono::seconds min_validity, std::string request_id) override {
        return tokens->token_for(std::move(connection), min_validity, std::move(request_id));
    }
    void reject(const core::TokenKey& key, std::uint64_t generation) override { tokens->reject(key, generation); }
    std::unique_ptr<app::TokenService>& tokens;
};

struct FakeScripts final : app::FenceScripts {
    Result<std::string> fence_script(app::FenceScriptWanted wanted) const override {
        return "# " + wanted.connection + " " + wanted.client_id + " " + std::to_string(wanted.rows.size()) + " " + wanted.outside + "\n";
    }
};

/// The whole API over fakes: store, vault, provider and mail in memory, a clock that stands still. Every answer is held
/// against docs/api/openapi.yaml.
class ApiWorld {
public:
    enum class Start { empty, furnished };
    explicit ApiWorld(Start start = Start::furnished, std::string public_url = "https://renkei.example");
    ~ApiWorld();

    Answer ask(Ask ask);
    Answer get(std::string target, std::string key = {}) { return ask({"GET", std::move(target), {}, key.empty() ? admin : std::move(key)}); }
    Answer post(std::string target, std::string body, std::string key = {}) {
        return ask({"POST", std::move(target), std::move(body), key.empty() ? admin : std::move(key)});
    }
    /// A key in the store, with these actions and no other limit; gives its text.
    std::string add_key(std::string_view name, std::vector<core::Action> actions, core::WorkspaceId workspace = home);
    std::string add_key(core::ApiKey key);
    void commit(core::WorkspaceId workspace, app::UnitOfWork unit);
    /// An active app-only connection with a token, without asking the provider.
    /// `looked_at`: its list was compared with a directory that it may not read.
    core::Connection add_connection(std::string_view name, bool looked_at = true);
    /// Runs until the operation has ended, bounded.
    Answer wait_for_operation(const std::string& id);

    ManualClock clock;
    CountingRandom random;
    FakeVault vault;
    FakeStore store;
    SmallCatalog catalog;
    FakeProvider provider{FakeProvider::Settings{}};
    FakeMailProvider mail_provider;
    FakeNativeApi native_api;
    app::EventLoops loops{1};
    asio::thread_pool pool{1};
    app::TokenSettings settings;
    std::unique_ptr<app::TokenService> tokens;
    LateTokens late_tokens{tokens};
    FakeDirectory directory;  ///< gives nobody the right to read it, until a test changes that
    FakeScripts scripts;
    app::FenceResolver fence_resolver{{store, catalog, late_tokens, {{"mail", &directory}}, clock, random}};
    app::FenceFacts fence_facts{store, fence_resolver, clock};
    FakeValueFiles value_files;
    FakeExternalVault external_vault;
    app::ExternalVaults external_vaults{{store, vault, catalog, every_kind(external_vault), clock, random}};
    FakeExternalValues external_values;
    app::Values values{{store, store, vault, external_values, value_files, clock}};
    app::StoredValues stored_values{{store, vault, clock, random}};
    app::Access access{store, store, catalog, clock, &fence_facts, &values};
    app::Authenticator authenticator{store, vault, clock};
    app::KnownAutomations known_automations{store, store};
    app::AutomationAccess automation_access{authenticator, known_automations, store, store, vault, clock};
    std::unique_ptr<app::Automations> automations;
    app::Idempotency idempotency{store, clock};
    std::unique_ptr<app::OAuthConnectFlow> flow;
    std::unique_ptr<app::DeviceSignIns> devices;
    std::unique_ptr<app::ConsentRequests> consents;
    std::unique_ptr<app::TokenReleases> releases;
    app::Mail mail;
    app::Native native;
    app::Keys keys{store, vault, access, clock, random};
    app::Registrations registrations{{store, vault, catalog, clock, random, pool, values}};
    app::Imports imports{{store, vault, catalog, clock, random, pool, registrations}};
    app::Folders folders{store, access, clock, random};
    std::unique_ptr<app::Connections> connections;
    std::unique_ptr<app::ConnectionCheck> check;
    std::unique_ptr<app::Fences> fences;
    std::unique_ptr<app::SetupService> setup;
    app::Operations operations{{store, loops, clock, random}};
    std::unique_ptr<app::CheckConnections> check_kind;
    FakeVaultKeys vault_keys{vault, store};
    app::VaultRotation vault_rotation{{store, store, vault, vault_keys, operations, clock}};
    app::SignIn sign_in{{store, vault, clock, random, pool}, {}};
    app::Invitations invitations{{store, vault, clock, pool, sign_in}};
    std::unique_ptr<app::People> people;
    std::unique_ptr<app::Groups> groups;
    std::unique_ptr<app::PeopleImport> people_import;
    std::unique_ptr<app::Permissions> permissions;
    std::unique_ptr<app::MyConnections> my_connections;
    api::MetricsSink metrics;
    std::unique_ptr<api::TokenFast> fast;
    std::unique_ptr<api::Api> api;      ///< ask() takes the ordinary way only
    std::vector<std::string> failures;  ///< what was reported for the log
    std::string admin;                  ///< every right but tokens:read and native
    std::string reader;                 ///< tokens:read
    core::Folder shared;

private:
    void furnish();
    app::Mail make_mail();
};

}  // namespace renkei::testing
