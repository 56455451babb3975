// CPU time of a token request that a certificate proves (PS256, RSA of 2048 bits) against one with a client secret, and against
// bare signatures of the same key: the same token endpoint, in turn, in one run. The time of the whole process counts: opening
// the credential, building, signing in the pool, sending, parsing.  client_assertion FOLDER   Prints one JSON line.
#include "adapters/http/client.hpp"
#include "adapters/providers/catalog_loader.hpp"
#include "adapters/storage/sqlite/sqlite_store.hpp"
#include "adapters/vault/sealing_vault.hpp"
#include "app/event_loops.hpp"
#include "app/ports/seal_places.hpp"
#include "app/token_endpoint.hpp"
#include "bench/common.hpp"
#include "bench/token_server.hpp"
#include "server/background.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

namespace {

using namespace renkei;
using bench::cpu_micros;
using bench::median;
using bench::must;

constexpr int rounds = 9;
constexpr int callers = 16;
constexpr int per_round = 16 * 40;

std::string pem_of(EVP_PKEY* key) {
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* at = nullptr;
    const auto length = BIO_get_mem_data(out, &at);
    std::string text(at, static_cast<std::size_t>(length));
    BIO_free(out);
    return text;
}

struct World {
    app::EventLoops loops{1};
    std::unique_ptr<Clock> clock = make_system_clock();
    SystemRandom random;
    std::unique_ptr<sqlite::SqliteStore> store;
    std::unique_ptr<vault::SealingVault> vault;
    std::unique_ptr<app::Catalog> catalog;
    std::unique_ptr<app::HttpClient> client;
    std::unique_ptr<app::TokenEndpoint> endpoint;
    core::WorkspaceId workspace;
    core::RegistrationId by_secret, by_certificate;

    World(const std::filesystem::path& folder, std::uint16_t port, EVP_PKEY* key) {
        loops.start();
        sqlite::Settings settings;
        settings.folder = folder / "data";
        store = must(sqlite::SqliteStore::open(std::move(settings)));
        vault::Settings keys;
        keys.key_file = folder / "master.key";
        vault = must(server::run_on(loops.any(), vault::SealingVault::open_store(std::move(keys), *store, random)));
        catalog = must(providers::load_catalog({}));
        http::ClientSettings outside;
        outside.egress.push_back({"*", {}, core::AddressRange::parse("127.0.0.0/8").value(), {}});
        outside.plain_http = PlainHttp::allow_plain_http_for_tests;
        client = must(http::make_http_client(std::move(outside), *clock, random));
        endpoint = std::make_unique<app::TokenEndpoint>(app::TokenEndpointPorts{*store, *vault, *client, *catalog, *clock, random}, std::chrono::seconds(30));
        workspace = random.make<core::WorkspaceId>();
        auto wrapped = must(vault->create_data_key(workspace));
        commit({app::PutWorkspace{{workspace, *core::Name::parse("main"), "Bench", clock->now()}}, app::PutDataKey{workspace, 1, wrapped, true}});
        const auto url = fmt::format("http://127.0.0.1:{}/token", port);
        by_secret = add("secret", url, Secret(std::string(40, 's')), core::CredentialKind::secret);
        by_certificate = add("certificate", url, Secret::take(pem_of(key)), core::CredentialKind::certificate);
    }
    ~World() {
        endpoint.reset();
        client.reset();
        store.reset();
        loops.stop();
        loops.join();
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void commit(app::UnitOfWork unit) { must(server::run_on(loops.any(), store->commit(workspace, std::move(unit)))); }

    core::RegistrationId add(std::string_view name, const std::string& url, const Secret& material, core::CredentialKind kind) {
        core::ClientRegistration row;
        row.workspace = workspace;
        row.id = random.make<core::RegistrationId>();
        row.name = *core::Name::parse(name);
        row.connector = "oauth";
        row.client_id = "11111111-2222-3333-4444-555555555555";
        row.authorization_endpoint = row.token_endpoint = url;
        row.created_at = clock->now();
        core::CredentialVersion credential;
        credential.material = must(vault->seal(app::credential_place(workspace, row.id, 1), material));
        credential.kind = kind;
        if (kind == core::CredentialKind::certificate) credential.certificate = {std::string(40, 'A'), std::string(64, 'B'), "CN=bench", "01", {}};
        row.credentials.push_back(std::move(credential));
        const auto id = row.id;
        commit({app::InsertRegistration{std::move(row)}});
        return id;
    }
};

Task<int> caller(World& world, core::RegistrationId registration) {
    int done = 0;
    for (; done < per_round / callers; ++done) {
        auto opened = co_await world.endpoint->client_of(world.workspace, registration, "bench");
        if (!opened) std::fputs("client_assertion: no client\n", stderr), std::_Exit(1);
        const auto client = std::make_shared<const app::ProviderClient>(std::move(*opened));
        auto builder = [](const app::ProviderClient& one, const oauth::Moment& moment) {
            return oauth::client_credentials_request(one.server, one.client, moment, "https://graph.example/.default");
        };
        auto request = co_await world.endpoint->build(client, std::move(builder));
        if (!request) std::fputs("client_assertion: no request\n", stderr), std::_Exit(1);
        auto answer = co_await world.endpoint->exchange(world.workspace, std::move(*request), "", "bench");
        if (!answer) std::fputs("client_assertion: no answer\n", stderr), std::_Exit(1);
    }
    co_return done;
}

double requests(World& world, core::RegistrationId registration) {
    const auto before = cpu_micros();
    std::vector<std::future<int>> parts;
    for (int i = 0; i < callers; ++i) {
        auto done = std::make_shared<std::promise<int>>();
        parts.push_back(done->get_future());
        asio::co_spawn(world.loops.any(), caller(world, registration), [done](std::exception_ptr, int count) { done->set_value(count); });
    }
    for (auto& part : parts) part.get();
    return (cpu_micros() - before) / per_round;
}

// One PS256 signature with the key in memory: RFC 7518 section 3.5.
double signatures(EVP_PKEY* key) {
    const std::string text(500, 't');
    std::vector<unsigned char> signature(256);
    const auto before = cpu_micros();
    for (int i = 0; i < per_round; ++i) {
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        EVP_PKEY_CTX* parameters = nullptr;
        auto size = signature.size();
        if (EVP_DigestSignInit_ex(context, &parameters, "SHA256", nullptr, nullptr, key, nullptr) != 1 ||
            EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 || EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1 ||
            EVP_DigestSign(context, signature.data(), &size, reinterpret_cast<const unsigned char*>(text.data()), text.size()) != 1)
            std::_Exit(1);
        EVP_MD_CTX_free(context);
    }
    return (cpu_micros() - before) / per_round;
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return std::fputs("usage: client_assertion FOLDER\n", stderr), 2;
    const auto port = bench::start_token_server();
    std::filesystem::create_directories(words[1]);
    EVP_PKEY* key = EVP_RSA_gen(2048);
    std::vector<double> secret, certificate, signature, extra;
    {
        World world(words[1], port, key);
        requests(world, world.by_secret);
        requests(world, world.by_certificate);
        for (int round = 0; round < rounds; ++round) {
            secret.push_back(requests(world, world.by_secret));
            certificate.push_back(requests(world, world.by_certificate));
            signature.push_back(signatures(key));
            extra.push_back((certificate.back() - secret.back()) / signature.back());
        }
    }
    EVP_PKEY_free(key);
    fmt::print("{{\"secret_us\":{:.1f},\"certificate_us\":{:.1f},\"signature_us\":{:.1f},\"extra_signatures\":{:.3f},\"limit\":1.2}}\n", median(secret),
               median(certificate), median(signature), median(extra));
    return 0;
}
