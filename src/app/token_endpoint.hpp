#pragma once

#include "app/ports/catalog.hpp"
#include "app/ports/http_client.hpp"
#include "app/ports/store.hpp"
#include "app/ports/vault.hpp"
#include "app/task.hpp"
#include "app/tenant_lookup.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "oauth/client/device_authorization.hpp"
#include "oauth/client/token_request.hpp"
#include "oauth/client/token_response.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace renkei::app {

class Values;

/// One client registration, opened and ready to ask its authorization server.
struct ProviderClient {
    const Manifest* manifest = nullptr;
    oauth::AuthorizationServer server;  ///< {tenant} filled in the endpoints; the issuer keeps it
    oauth::Client client;
    std::uint32_t credential_version = 0;
    const CloudFacts* cloud = nullptr;  ///< nothing: the registration names its endpoints
    std::string app_scope;              ///< scope of client credentials, or empty
    std::string tenant;
};

/// What this room asks of the outside to reach a token endpoint.
struct TokenEndpointPorts {
    ConnectionStore& connections;
    Vault& vault;
    HttpClient& http;
    const Catalog& catalog;
    Clock& clock;
    Random& random;
    Values* values = nullptr;  ///< reads what registrations refer to; without it references are refused
};

/// Calls one of the functions of oauth/client/token_request.hpp.
using TokenRequestBuilder = std::move_only_function<Result<HttpRequest>(const ProviderClient& client, const oauth::Moment& moment)>;

/// Words that stand for "any tenant" where a tenant's id is expected. No app-only token is issued for them.
/// https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
bool is_shared_tenant(std::string_view tenant);

/// Finds the authorization server of a registration and sends requests to its token endpoint.
class TokenEndpoint {
public:
    TokenEndpoint(TokenEndpointPorts ports, std::chrono::milliseconds deadline)
        : ports_(ports), deadline_(deadline), tenants_(ports.http, ports.catalog, deadline) {}

    /// Errors: not_found, vault_locked, needs_app_owner (no usable credential or settings), provider_* (discovery).
    Task<Result<ProviderClient>> client_of(core::WorkspaceId workspace, core::RegistrationId registration, std::string request_id);
    /// The same of a registration that is at hand.
    Task<Result<ProviderClient>> client_of(core::ClientRegistration registration, std::string request_id);
    /// Builds a token request. For a client that proves itself with a key this is done in a pool: an RSA signature takes about
    /// a millisecond, which an event loop does not have. needs_app_owner when the key cannot be used.
    Task<Result<HttpRequest>> build(std::shared_ptr<const ProviderClient> client, TokenRequestBuilder builder);
    /// Sends once, never again: a repeated exchange of a rotating token ends the grant at a strict server.
    Task<Result<oauth::TokenAnswer>> exchange(core::WorkspaceId workspace, HttpRequest request, std::string asked_scope, std::string request_id);
    /// Asks a device authorization endpoint (RFC 8628 section 3.1), once.
    Task<Result<oauth::DeviceAnswer>> begin_device(core::WorkspaceId workspace, HttpRequest request, std::string request_id);

    TenantLookup& tenants() { return tenants_; }

private:
    struct Known {
        oauth::AuthorizationServer server;
        TimePoint until;
    };
    asio::thread_pool& signing_pool();
    Task<Result<ProviderClient>> open(core::ClientRegistration registration, std::string request_id);
    Task<Result<void>> open_referenced(std::shared_ptr<ProviderClient> out, core::ClientRegistration registration, core::CredentialVersion credential,
                                       std::string request_id);
    Task<Result<core::ClientRegistration>> with_sources(core::ClientRegistration registration, std::string request_id);
    Task<Result<oauth::AuthorizationServer>> server_of(core::ClientRegistration registration, const Manifest* manifest, std::string request_id);
    Task<Result<oauth::AuthorizationServer>> discover(core::WorkspaceId workspace, std::string issuer, std::string request_id);

    TokenEndpointPorts ports_;
    std::chrono::milliseconds deadline_;
    TenantLookup tenants_;
    std::mutex mutex_;
    std::unordered_map<std::string, Known> discovered_;
    std::once_flag pool_made_;
    std::optional<asio::thread_pool> pool_;  ///< made when the first key is used: most installations have none
};

/// True when the request certainly never reached the server: nothing was rotated by it.
bool certainly_not_sent(const Error& error);

}  // namespace renkei::app
