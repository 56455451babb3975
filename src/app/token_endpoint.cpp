#include "app/token_endpoint.hpp"

#include "app/ports/seal_places.hpp"
#include "app/source_binding.hpp"
#include "app/values.hpp"
#include "base/uri.hpp"
#include "oauth/client/issuer.hpp"
#include "oauth/client/metadata.hpp"

#include <algorithm>
#include <array>

namespace renkei::app {
namespace {

constexpr std::chrono::minutes discovery_lives{60};
constexpr std::uint64_t most_answer_bytes = 512u << 10;

constexpr std::size_t signing_threads = 2;

oauth::ClientAuthMethod method_of(const core::ClientRegistration& registration, const core::CredentialVersion& credential) {
    // A registration may have had a secret before it had a certificate: what the credential is decides.
    if (credential.kind != core::CredentialKind::secret) return oauth::ClientAuthMethod::private_key_jwt;
    switch (registration.auth_method) {
        case core::ClientAuthMethod::client_secret_basic: return oauth::ClientAuthMethod::client_secret_basic;
        case core::ClientAuthMethod::client_secret_post: return oauth::ClientAuthMethod::client_secret_post;
        case core::ClientAuthMethod::client_certificate: return oauth::ClientAuthMethod::client_secret_post;
        case core::ClientAuthMethod::private_key_jwt: return oauth::ClientAuthMethod::private_key_jwt;
        case core::ClientAuthMethod::none: break;
    }
    return oauth::ClientAuthMethod::none;
}

void name_certificate(oauth::ClientAuth& auth, core::AssertionAlgorithm algorithm, const core::CredentialVersion& credential) {
    if (credential.kind != core::CredentialKind::certificate) return;
    auth.algorithm = algorithm == core::AssertionAlgorithm::rs256 ? oauth::SigningAlgorithm::rs256 : oauth::SigningAlgorithm::ps256;
    auth.thumbprint_sha1 = credential.certificate.thumbprint_sha1;
    auth.thumbprint_sha256 = credential.certificate.thumbprint_sha256;
}

// The newest one that has not expired; an expired one only if there is nothing else, so that the provider has the word.
const core::CredentialVersion* usable_credential(const core::ClientRegistration& registration, TimePoint now) {
    for (const auto& one : registration.credentials)
        if (!one.expires_at || *one.expires_at > now) return &one;
    return registration.credentials.empty() ? nullptr : &registration.credentials.front();
}

Result<oauth::AuthorizationServer> server_of_cloud(const CloudFacts& cloud, const Manifest& manifest, const std::string& tenant) {
    const auto authorize = oauth::fill_tenant(cloud.authorization_endpoint, tenant), token = oauth::fill_tenant(cloud.token_endpoint, tenant);
    const auto device = oauth::fill_tenant(cloud.device_authorization_endpoint, tenant);
    if (!authorize || !token || !device) return bad_field("tenant", "the tenant must be an id or a domain name: letters, digits, dots and hyphens");
    return oauth::AuthorizationServer{cloud.issuer, *authorize, *token, manifest.sends_iss, *device};
}

// What was typed stays as it is; what it was resolved to on request counts (U-31).
const std::string& tenant_of(const core::ClientRegistration& registration) {
    return registration.resolved_tenant.empty() ? registration.tenant : registration.resolved_tenant;
}

}  // namespace

bool is_shared_tenant(std::string_view tenant) {
    constexpr std::array<std::string_view, 3> words{"common", "organizations", "consumers"};
    return tenant.empty() || std::ranges::any_of(words, [&](auto word) { return equal_ignoring_case(word, tenant); });
}

bool certainly_not_sent(const Error& error) {
    return error.code == Errc::egress_refused || error.code == Errc::tls_failed || error.code == Errc::needs_app_owner || error.get("sent") == "no";
}

// What client id and tenant say now; the row holds what they said when they were entered.
Task<Result<core::ClientRegistration>> TokenEndpoint::with_sources(core::ClientRegistration registration, std::string request_id) {
    for (const auto& [field, text] : registration.sources) {
        if (ports_.values == nullptr) co_return fail(Errc::source_refused, "references are not read here");
        auto source = core::parse_value_source(text, field);
        if (!source) co_return propagate(source);
        auto value = co_await ports_.values->resolve_text(registration.workspace, *std::move(source), {}, request_id);
        if (!value) co_return propagate(value);
        (field == "tenant" ? registration.tenant : registration.client_id) = *std::move(value);
    }
    co_return registration;
}

Task<Result<void>> TokenEndpoint::open_referenced(std::shared_ptr<ProviderClient> out, core::ClientRegistration registration,
                                                  core::CredentialVersion credential, std::string request_id) {
    // Whoever could change the host alone would otherwise be sent the secret.
    if (ports_.values == nullptr || credential.bound_to != binding_of(registration, ports_.catalog))
        co_return fail(Errc::source_refused, credential.source + " was entered for another connector or token host: enter it again for this one");
    auto source = core::parse_value_source(credential.source, "source");
    if (!source) co_return propagate(source);
    auto value = co_await ports_.values->resolve(registration.workspace, *std::move(source), {}, std::move(request_id));
    if (!value) co_return propagate(value);
    if (credential.kind != core::CredentialKind::certificate) {
        out->client.auth.material = std::move(value->value);
        co_return Result<void>{};
    }
    auto work = [file = certificate_in(std::move(value->value)), now = ports_.clock.now()] { return oauth::open_certificate(file, now); };
    auto opened = co_await run_blocking(signing_pool(), std::move(work));
    if (!opened) co_return fail(Errc::value_unusable, credential.source + " is no certificate that can be used: " + opened.error().detail);
    out->client.auth.material = std::move(opened->private_key);
    out->client.auth.thumbprint_sha1 = std::move(opened->facts.thumbprint_sha1);
    out->client.auth.thumbprint_sha256 = std::move(opened->facts.thumbprint_sha256);
    co_return Result<void>{};
}

Task<Result<ProviderClient>> TokenEndpoint::open(core::ClientRegistration registration, std::string request_id) {
    const auto shared = std::make_shared<ProviderClient>();
    auto& out = *shared;
    out.manifest = ports_.catalog.find(registration.connector);
    if (out.manifest == nullptr) co_return fail(Errc::needs_app_owner, "the catalogue has no connector " + registration.connector + " any more");
    out.client.id = registration.client_id;
    out.tenant = tenant_of(registration);
    if (registration.auth_method == core::ClientAuthMethod::none) co_return std::move(out);
    const auto* found = usable_credential(registration, ports_.clock.now());
    if (found == nullptr) co_return fail(Errc::needs_app_owner, "the client registration has no secret or key");
    const auto credential = *found;
    out.client.auth.method = method_of(registration, credential);
    out.client.auth.key_id = credential.key_id;
    name_certificate(out.client.auth, registration.assertion_algorithm, credential);
    out.credential_version = credential.version;
    if (!credential.source.empty()) {
        auto read = co_await open_referenced(shared, std::move(registration), credential, std::move(request_id));
        if (!read) co_return propagate(read);
        co_return std::move(out);
    }
    auto material = ports_.vault.open(credential_place(registration.workspace, registration.id, credential.version), credential.material);
    if (!material) co_return propagate(material);
    out.client.auth.material = std::move(*material);
    co_return std::move(out);
}

Task<Result<ProviderClient>> TokenEndpoint::client_of(core::WorkspaceId workspace, core::RegistrationId registration, std::string request_id) {
    auto row = co_await ports_.connections.find_registration(workspace, registration);
    if (!row) co_return propagate(row);
    co_return co_await client_of(*std::move(row), std::move(request_id));
}

Task<Result<ProviderClient>> TokenEndpoint::client_of(core::ClientRegistration stored, std::string request_id) {
    auto current = co_await with_sources(std::move(stored), request_id);
    if (!current) co_return propagate(current);
    auto registration = *std::move(current);
    auto out = co_await open(registration, request_id);
    if (!out) co_return propagate(out);
    out->cloud = ports_.catalog.find_cloud(registration.connector, registration.cloud);
    if (out->cloud != nullptr) out->app_scope = out->cloud->app_scope;
    auto server = co_await server_of(std::move(registration), out->manifest, std::move(request_id));
    if (!server) co_return propagate(server);
    out->server = std::move(*server);
    co_return out;
}

Task<Result<oauth::AuthorizationServer>> TokenEndpoint::server_of(core::ClientRegistration registration, const Manifest* manifest, std::string request_id) {
    if (!manifest->clouds.empty()) {
        const auto* cloud = ports_.catalog.find_cloud(registration.connector, registration.cloud);
        if (cloud == nullptr) co_return bad_field("cloud", "the connector has no such cloud");
        co_return server_of_cloud(*cloud, *manifest, tenant_of(registration));
    }
    if (!registration.token_endpoint.empty())
        co_return oauth::AuthorizationServer{registration.issuer, registration.authorization_endpoint, registration.token_endpoint, manifest->sends_iss};
    if (registration.issuer.empty()) co_return fail(Errc::needs_app_owner, "the client registration has neither an issuer nor a token endpoint");
    co_return co_await discover(registration.workspace, registration.issuer, std::move(request_id));
}

Task<Result<oauth::AuthorizationServer>> TokenEndpoint::discover(core::WorkspaceId workspace, std::string issuer, std::string request_id) {
    const auto known_as = workspace.text() + issuer;  // egress rules differ between workspaces
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = discovered_.find(known_as); found != discovered_.end() && found->second.until > ports_.clock.now())
            co_return found->second.server;
    }
    auto addresses = oauth::metadata_addresses(issuer);
    if (!addresses) co_return propagate(addresses);
    Error last{Errc::provider_bad_answer, "the issuer publishes no description"};
    for (const auto& address : *addresses) {
        HttpRequest request{Method::get, address, {{"Accept", "application/json"}}};
        CallOptions options{.deadline = deadline_,
                            .max_answer_bytes = most_answer_bytes,
                            .may_repeat = true,
                            .purpose = "discovery",
                            .workspace = workspace,
                            .request_id = request_id};
        auto response = co_await ports_.http.send(std::move(request), std::move(options));
        if (!response) co_return propagate(response);
        auto metadata = oauth::parse_metadata(*response, issuer);
        if (!metadata) {
            last = metadata.error();
            continue;
        }
        const std::lock_guard lock(mutex_);
        constexpr std::size_t most_known = 1024;
        if (discovered_.size() >= most_known) discovered_.clear();
        discovered_.insert_or_assign(known_as, Known{metadata->server, ports_.clock.now() + discovery_lives});
        co_return std::move(metadata->server);
    }
    co_return fail(std::move(last));
}

Task<Result<oauth::DeviceAnswer>> TokenEndpoint::begin_device(core::WorkspaceId workspace, HttpRequest request, std::string request_id) {
    CallOptions options{
        .deadline = deadline_, .max_answer_bytes = most_answer_bytes, .may_repeat = false, .workspace = workspace, .request_id = std::move(request_id)};
    auto response = co_await ports_.http.send(std::move(request), std::move(options));
    if (!response) co_return propagate(response);
    co_return oauth::parse_device_authorization(std::move(*response));
}

asio::thread_pool& TokenEndpoint::signing_pool() {
    std::call_once(pool_made_, [this] { pool_.emplace(signing_threads); });
    return *pool_;
}

Task<Result<HttpRequest>> TokenEndpoint::build(std::shared_ptr<const ProviderClient> client, TokenRequestBuilder builder) {
    oauth::Moment moment{ports_.clock.now(), ports_.random.text(16)};
    if (client->client.auth.method != oauth::ClientAuthMethod::private_key_jwt) co_return builder(*client, moment);
    auto work = [client = std::move(client), builder = std::move(builder), moment = std::move(moment)]() mutable { return builder(*client, moment); };
    co_return co_await run_blocking(signing_pool(), std::move(work));
}

Task<Result<oauth::TokenAnswer>> TokenEndpoint::exchange(core::WorkspaceId workspace, HttpRequest request, std::string asked_scope, std::string request_id) {
    CallOptions options{
        .deadline = deadline_, .max_answer_bytes = most_answer_bytes, .may_repeat = false, .workspace = workspace, .request_id = std::move(request_id)};
    auto response = co_await ports_.http.send(std::move(request), std::move(options));
    if (!response) co_return propagate(response);
    co_return oauth::parse_token_response(std::move(*response), asked_scope);
}

}  // namespace renkei::app
