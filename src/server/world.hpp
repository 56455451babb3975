#pragma once

#include "adapters/api/access_log.hpp"
#include "adapters/api/api.hpp"
#include "adapters/api/metrics_sink.hpp"
#include "adapters/api/token_fast.hpp"
#include "adapters/http/client.hpp"
#include "adapters/http/server.hpp"
#include "adapters/providers/azure_key_vault/key_vault.hpp"
#include "adapters/providers/hashicorp/kv_vault.hpp"
#include "adapters/providers/microsoft/graph_directory.hpp"
#include "adapters/providers/microsoft/graph_mail.hpp"
#include "adapters/providers/microsoft/graph_native.hpp"
#include "adapters/providers/secret_endpoint/secret_endpoint.hpp"
#include "adapters/storage/sqlite/sqlite_store.hpp"
#include "adapters/vault/sealing_vault.hpp"
#include "app/access.hpp"
#include "app/authenticate.hpp"
#include "app/automation_access.hpp"
#include "app/automations.hpp"
#include "app/check_connections.hpp"
#include "app/connect_flow_impl.hpp"
#include "app/connection_check.hpp"
#include "app/connections.hpp"
#include "app/consent_requests.hpp"
#include "app/device_sign_in.hpp"
#include "app/event_loops.hpp"
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
#include "app/permissions.hpp"
#include "app/registrations.hpp"
#include "app/setup.hpp"
#include "app/sign_in.hpp"
#include "app/stored_values.hpp"
#include "app/token_release.hpp"
#include "app/tokens.hpp"
#include "app/values.hpp"
#include "app/vault_rotation.hpp"
#include "server/background.hpp"
#include "server/log.hpp"
#include "server/mapped_values.hpp"
#include "server/settings.hpp"

#include <memory>
#include <optional>

namespace renkei::server {

/// Where the outside of the process comes from: the environment is read here and nowhere else.
struct Outside {
    std::string https_proxy, http_proxy, no_proxy;
    std::string credentials_directory;  ///< $CREDENTIALS_DIRECTORY of systemd
};
Outside read_outside();
vault::Settings vault_settings(const Settings& settings, const Outside& outside);

/// A file that lines are appended to; only its owner may read it.
class AccessFile {
public:
    static Result<std::unique_ptr<AccessFile>> open(const std::string& path);
    ~AccessFile();
    AccessFile(const AccessFile&) = delete;
    AccessFile& operator=(const AccessFile&) = delete;
    void append(std::string_view lines) noexcept;

private:
    explicit AccessFile(int file) : file_(file) {}
    int file_;
};

/// Drops from memory the tokens of connections that a commit has ended or made work again.
class TokenForgetter final : public app::CommitObserver {
public:
    explicit TokenForgetter(app::TokenService& tokens) : tokens_(tokens) {}
    void committed(const app::UnitOfWork& unit) noexcept override;

private:
    app::TokenService& tokens_;
};

/// Everything that `renkei serve` consists of, in the order in which it is built; it ends in the opposite order.
class World {
public:
    /// Opens store and vault, reads the catalogue, builds every service. Errors say what the operator must do.
    static Result<std::unique_ptr<World>> build(Settings settings, Outside outside, Clock& clock, Log& log);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// Listens and starts background work. Returns the addresses it listens on.
    Result<std::vector<std::string>> start();
    /// Lets requests finish, ends background work, writes what is counted.
    void stop();
    Result<void> reload() { return server_->reload(); }
    /// The one-time set-up link while there is no workspace.
    Result<std::optional<app::SetupLink>> setup_link();
    const Settings& settings() const { return settings_; }

private:
    World(Settings settings, Clock& clock, Log& log);
    Result<void> open_store(const Outside& outside);
    Result<void> open_catalog_and_client(const Outside& outside);
    void build_values();
    void build_services();
    void build_automations();
    void build_fences();
    void build_external_vaults();
    void build_checks();
    Result<void> open_access_log();
    void build_sinks();
    void build_api();
    void start_background();
    Task<void> recover();
    Task<void> write_release_counts();
    Task<void> sweep();
    Task<void> look_at_fences();
    Task<void> flush_access_log();
    Result<std::vector<http::EgressAllowance>> egress();

    const Settings settings_;
    Clock& clock_;
    Log& log_;
    SystemRandom random_;
    asio::thread_pool pool_{1};  ///< password hashing, certificate files
    app::EventLoops loops_;
    std::unique_ptr<sqlite::SqliteStore> store_;
    std::unique_ptr<vault::SealingVault> vault_;
    std::unique_ptr<app::Catalog> catalog_;
    std::unique_ptr<app::HttpClient> client_;
    std::optional<hashicorp::KvVault> kv_vault_;
    std::optional<azure_key_vault::KeyVault> key_vault_;
    std::optional<secret_endpoint::SecretEndpoint> secret_endpoint_;
    std::optional<app::ExternalVaults> external_vaults_;
    std::optional<MappedValues> mapped_values_;
    std::optional<app::Values> values_;
    std::optional<app::StoredValues> stored_values_;
    std::optional<app::TokenService> tokens_;
    std::optional<app::OAuthConnectFlow> connect_flow_;
    std::optional<app::DeviceSignIns> devices_;
    std::optional<microsoft::GraphDirectory> graph_directory_;
    std::optional<app::FenceResolver> fence_resolver_;
    std::optional<app::FenceFacts> fence_facts_;
    std::optional<app::ConsentRequests> consents_;
    std::optional<app::Access> access_;
    std::optional<app::Authenticator> authenticator_;
    std::optional<app::KnownAutomations> known_automations_;
    std::optional<app::AutomationAccess> automation_access_;
    std::optional<app::Automations> automations_;
    std::optional<app::Idempotency> idempotency_;
    std::optional<app::TokenReleases> releases_;
    std::optional<TokenForgetter> forgetter_;
    std::optional<microsoft::GraphMail> graph_mail_;
    std::optional<microsoft::GraphNative> graph_native_;
    std::optional<app::Native> native_;
    std::optional<app::Mail> mail_;
    std::optional<app::Keys> keys_;
    std::optional<app::Registrations> registrations_;
    std::optional<app::Imports> imports_;
    std::optional<app::Folders> folders_;
    std::optional<app::Connections> connections_;
    std::optional<app::ConnectionCheck> check_;
    std::optional<app::Fences> fences_;
    std::optional<app::CheckConnections> check_connections_;
    std::optional<app::Operations> operations_;
    std::optional<app::VaultRotation> vault_rotation_;
    std::optional<app::SetupService> setup_;
    std::optional<app::SignIn> sign_in_;
    std::optional<app::Invitations> invitations_;
    std::optional<app::People> people_;
    std::optional<app::Groups> groups_;
    std::optional<app::PeopleImport> people_import_;
    std::optional<app::Permissions> permissions_;
    std::optional<app::MyConnections> my_connections_;
    std::optional<api::TokenFast> fast_;
    std::optional<api::Api> api_;
    std::unique_ptr<AccessFile> access_file_;
    std::unique_ptr<api::AccessLog> access_log_;
    std::unique_ptr<api::MetricsSink> metrics_;
    std::unique_ptr<http::Server> server_;
    std::unique_ptr<Background> background_;
};

}  // namespace renkei::server
