#pragma once

// The sandbox's external vaults in the same process, behind an HTTP client that keeps what the real one promises: limits,
// deadlines, no redirects.

#include "adapters/providers/azure_key_vault/key_vault.hpp"
#include "adapters/providers/catalog_loader.hpp"
#include "adapters/providers/hashicorp/kv_vault.hpp"
#include "adapters/providers/secret_endpoint/secret_endpoint.hpp"
#include "base/uri.hpp"
#include "sandbox/login/login_test_world.hpp"
#include "sandbox/vaults/vaults.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_task.hpp"

namespace renkei::testing {

/// The sandbox's services as if they stood in the network.
class SandboxNet final : public app::HttpClient {
public:
    struct Seen {
        Method method;
        std::string url;
        std::string authorization;
        Headers headers;
        app::CallOptions options;
    };
    SandboxNet(app::HttpHandler& vaults, app::HttpHandler& login, std::chrono::steady_clock::time_point& steady)
        : vaults_(vaults), login_(login), steady_(steady) {}

    static constexpr const char* vault_origin = "https://sandbox.example:8446";
    static constexpr const char* login_origin = "https://login.sandbox.example";

    Task<Result<HttpResponse>> send(HttpRequest request, app::CallOptions options) override {
        const auto uri = Uri::parse(request.url);
        if (!uri) co_return fail(uri.error());
        seen.push_back({request.method, request.url, request.authorization ? std::string(request.authorization->expose()) : "", request.headers, options});
        // A slow answer takes its time on the test's clock.
        steady_ += std::min(each_takes, options.deadline);
        if (each_takes >= options.deadline) co_return fail(Errc::provider_timeout, uri->host + " did not answer in time");
        app::HttpHandler* handler = uri->host == "sandbox.example" ? &vaults_ : uri->host == "login.sandbox.example" ? &login_ : nullptr;
        if (handler == nullptr || down) co_return fail(Errc::provider_unavailable, "no connection to " + uri->host);
        auto headers = request.headers;
        if (request.authorization) headers.set("Authorization", std::string(request.authorization->expose()));
        headers.set("Host", uri->host + ":" + std::to_string(uri->port));
        auto body = request.secret_body ? std::string(request.secret_body->expose()) : request.body;
        const auto target = uri->path + (uri->query.empty() ? "" : "?" + uri->query);
        auto response = co_await handler->handle(sandbox::make_request(request.method, target, std::move(body), std::move(headers)));
        co_return co_await received(std::move(response), uri->host, options.max_answer_bytes);
    }
    Task<Result<app::StreamedResponse>> open(HttpRequest, app::CallOptions) override { co_return fail(Errc::internal, "no stream was expected"); }
    Task<Result<HttpResponse>> upload(HttpRequest, std::unique_ptr<app::BodyStream>, std::uint64_t, app::CallOptions) override {
        co_return fail(Errc::internal, "no upload was expected");
    }

    std::size_t count(std::string_view part) const {
        return static_cast<std::size_t>(std::ranges::count_if(seen, [&](const Seen& one) { return one.url.find(part) != std::string::npos; }));
    }

    std::vector<Seen> seen;
    std::chrono::milliseconds each_takes{0};
    bool down = false;

private:
    static Task<Result<HttpResponse>> received(app::ServerResponse response, std::string host, std::uint64_t most) {
        if (response.reset_connection) co_return fail(Errc::provider_unavailable, host + " closed the connection without an answer");
        auto body = std::move(response.body);
        if (response.stream)
            for (;;) {
                auto piece = co_await response.stream->read();
                if (!piece) co_return fail(Errc::provider_bad_answer, "the answer of " + host + " was cut off");
                if (piece->empty()) break;
                body += *piece;
            }
        if (body.size() > most)
            co_return fail(Error{Errc::provider_bad_answer, "the answer of " + host + " is larger than allowed", {{"too_large", "answer"}}});
        co_return HttpResponse{response.status, std::move(response.headers), std::move(body)};
    }

    app::HttpHandler& vaults_;
    app::HttpHandler& login_;
    std::chrono::steady_clock::time_point& steady_;
};

struct VaultWorld {
    ManualClock manual;
    std::unique_ptr<sandbox::WorldClock> clock = sandbox::make_world_clock(manual);
    SystemRandom random;
    sandbox::World world{*clock, random};
    sandbox::Faults faults;
    sandbox::Counters counters;
    sandbox::Surroundings around{world, faults, counters, nullptr};
    sandbox::LoginService login{world, sandbox::TokenSigner(sandbox::test_rsa_key(), sandbox::test_certificate())};
    sandbox::Mounted login_door{login, around};
    sandbox::Vaults vaults{world, around};
    std::chrono::steady_clock::time_point steady{};
    SandboxNet net{vaults, login_door, steady};
    std::unique_ptr<app::Catalog> catalog =
        *providers::load_catalog({{{"microsoft", "commercial", SandboxNet::login_origin, "https://sandbox.example:8444/v1.0"}}, {}});
    providers::VaultSettings settings{providers::vault_deadline, [this] { return steady; }};
    hashicorp::KvVault kv{net, manual, settings};
    azure_key_vault::KeyVault key_vault{net, manual, random, *catalog, settings};
    secret_endpoint::SecretEndpoint endpoint{net, settings};

    app::ExternalVaultClient& client(core::ExternalVaultKind kind) {
        switch (kind) {
            case core::ExternalVaultKind::hashicorp: return kv;
            case core::ExternalVaultKind::azure_key_vault: return key_vault;
            case core::ExternalVaultKind::https: break;
        }
        return endpoint;
    }
    app::ExternalVaultClients clients() {
        return {{core::ExternalVaultKind::hashicorp, &kv}, {core::ExternalVaultKind::azure_key_vault, &key_vault}, {core::ExternalVaultKind::https, &endpoint}};
    }
    /// One fault, as the control endpoint takes it.
    void fault(std::string_view json) {
        auto parsed = sandbox::parse_fault(json);
        ASSERT_TRUE(parsed.has_value()) << json;
        faults.add(*std::move(parsed));
    }
};

/// A vault's row without its sealed secret.
inline core::ExternalVault a_vault(core::ExternalVaultKind kind, core::ExternalVaultAuth auth) {
    core::ExternalVault vault;
    vault.name = *core::Name::parse("main");
    vault.kind = kind;
    vault.auth = auth;
    vault.address = SandboxNet::vault_origin;
    switch (kind) {
        case core::ExternalVaultKind::hashicorp:
            vault.mount = "secret";
            if (auth == core::ExternalVaultAuth::app_role) vault.auth_id = sandbox::HashicorpService::role_id;
            break;
        case core::ExternalVaultKind::azure_key_vault:
            vault.cloud = "commercial";
            vault.tenant = "c0270500-1a2b-4c3d-8e4f-000000000001";
            vault.auth_id = "0a000000-0000-4000-8000-000000000003";
            break;
        case core::ExternalVaultKind::https:
            vault.address += "/values/{path}";
            if (auth == core::ExternalVaultAuth::basic) vault.auth_id = sandbox::SecretEndpointService::user;
            break;
    }
    return vault;
}

}  // namespace renkei::testing
