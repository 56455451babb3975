// A-32: what an external vault's adapter keeps between reads, and to whom its tokens go.
#include "tests/support/vault_world.hpp"

#include <boost/asio/detached.hpp>

namespace renkei::testing {
namespace {

using core::ExternalVaultAuth;
using core::ExternalVaultKind;

struct Logged {
    std::string name;
    ExternalVaultKind kind;
    ExternalVaultAuth auth;
    std::string auth_secret, path, login_part, secret_part;
    std::chrono::seconds lifetime;
};

class ExternalVaultSessions : public ::testing::TestWithParam<Logged> {
protected:
    core::ExternalVault vault() const { return a_vault(GetParam().kind, GetParam().auth); }
    Task<Result<app::ExternalSecret>> asking(core::ExternalVault row) {
        return world_.client(row.kind).read(std::move(row), Secret(GetParam().auth_secret), {GetParam().path, "", ""}, "request-1");
    }
    Errc outcome(core::ExternalVault row) {
        auto answer = run_task(asking(std::move(row)));
        return answer ? Errc::internal : answer.error().code;
    }
    void read() {
        const auto answer = run_task(asking(vault()));
        EXPECT_TRUE(answer.has_value()) << answer.error().detail;
    }
    std::size_t logins() const { return world_.net.count(GetParam().login_part); }
    std::size_t reads() const { return world_.net.count(GetParam().secret_part); }
    /// No token that was given so far works any more.
    void end_all_tokens() {
        world_.world.tokens().access.clear();
        const auto body = R"({"token":"*"})";
        world_.vaults.hashicorp().handle(
            sandbox::make_request(Method::post, "/v1/auth/token/revoke", body, {{"X-Vault-Token", sandbox::HashicorpService::root_token}}));
    }

    VaultWorld world_;
};

TEST_P(ExternalVaultSessions, LogsInOnceForManyReads) {
    for (int i = 0; i < 5; ++i) read();

    EXPECT_EQ(logins(), 1u);
    EXPECT_EQ(reads(), 5u);
}

TEST_P(ExternalVaultSessions, LogsInOnceWhenManyAskAtTheSameMoment) {
    asio::io_context loop(1);
    int good = 0;

    for (int i = 0; i < 50; ++i)
        asio::co_spawn(loop, asking(vault()), [&](std::exception_ptr, Result<app::ExternalSecret> answer) { good += answer.has_value() ? 1 : 0; });
    loop.run();

    EXPECT_EQ(good, 50);
    EXPECT_EQ(logins(), 1u);
}

TEST_P(ExternalVaultSessions, TellsEverybodyWhyTheLogInFailed) {
    asio::io_context loop(1);
    int refused = 0;
    auto row = vault();
    row.auth_id = "0a000000-0000-4000-8000-0000000000ff";

    for (int i = 0; i < 10; ++i)
        asio::co_spawn(loop, asking(row), [&](std::exception_ptr, Result<app::ExternalSecret> answer) {
            refused += !answer && answer.error().code == Errc::external_vault_refused ? 1 : 0;
        });
    loop.run();

    EXPECT_EQ(refused, 10);
}

TEST_P(ExternalVaultSessions, LogsInAgainBeforeTheSessionEnds) {
    read();
    world_.manual.advance(GetParam().lifetime - std::chrono::seconds(1));

    read();

    EXPECT_EQ(logins(), 2u);
    EXPECT_EQ(reads(), 2u);  // none was refused on the way
}

TEST_P(ExternalVaultSessions, LogsInAgainOnceWhenTheSessionWasEndedThere) {
    read();
    end_all_tokens();

    read();

    EXPECT_EQ(logins(), 2u);
    EXPECT_EQ(reads(), 3u);
}

TEST_P(ExternalVaultSessions, DoesNotLogInForEverWhereTheVaultGoesOnRefusing) {
    read();
    world_.fault(R"({"service":"hashicorp","path":"/v1/secret/*","status":403})");
    world_.fault(R"({"service":"key_vault","status":401})");

    EXPECT_EQ(outcome(vault()), Errc::external_vault_refused);

    EXPECT_EQ(logins(), 2u);
    EXPECT_EQ(reads(), 3u);
}

TEST_P(ExternalVaultSessions, ForgetsTheSessionOfAVaultThatGotAnotherCredential) {
    read();
    auto changed = vault();
    changed.secret_version = 2;

    EXPECT_EQ(outcome(changed), Errc::internal);

    EXPECT_EQ(logins(), 2u);
}

TEST_P(ExternalVaultSessions, SharesNoSessionBetweenWorkspaces) {
    read();
    auto foreign = vault();
    foreign.workspace = core::WorkspaceId(IdBytes{1});

    EXPECT_EQ(outcome(foreign), Errc::internal);

    EXPECT_EQ(logins(), 2u);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, ExternalVaultSessions,
    ::testing::Values(Logged{"HashicorpAppRole", ExternalVaultKind::hashicorp, ExternalVaultAuth::app_role, sandbox::HashicorpService::secret_id,
                             "renkei/daemon", "/v1/auth/approle/login", "/v1/secret/data/", sandbox::HashicorpService::role_token_ttl},
                      Logged{"AzureKeyVault", ExternalVaultKind::azure_key_vault, ExternalVaultAuth::client_credentials, "daemon~Secret-of.the_Sandbox-3",
                             "daemon", "/oauth2/v2.0/token", "/secrets/daemon", std::chrono::seconds(3599)}),
    [](const auto& info) { return info.param.name; });

// Of single kinds.

class ExternalVaultKinds : public ::testing::Test {
protected:
    Result<app::ExternalSecret> read(core::ExternalVault row, std::string secret, core::ExternalSecretAddress address) {
        return run_task(world_.client(row.kind).read(row, Secret(secret), std::move(address), "request-1"));
    }
    core::ExternalVault azure() const { return a_vault(ExternalVaultKind::azure_key_vault, ExternalVaultAuth::client_credentials); }
    Errc azure_code(core::ExternalVault row, core::ExternalSecretAddress address = {"daemon", "", ""}) {
        auto answer = read(std::move(row), "daemon~Secret-of.the_Sandbox-3", std::move(address));
        return answer ? Errc::internal : answer.error().code;
    }
    VaultWorld world_;
};

TEST_F(ExternalVaultKinds, KeyVaultTokensGoToVaultsOfTheirCloudAlone) {
    for (const std::string address : {"https://evil.example", "https://vault.azure.net.evil.example", "https://evilvault.azure.net", "https://vault.azure.net",
                                      "https://a.vault.azure.cn", "https://a.vault.azure.net:8443", "https://a.vault.azure.net/secrets",
                                      "https://a.vault.azure.net?x=1", "https://user@a.vault.azure.net", "http://a.vault.azure.net"}) {
        auto row = azure();
        row.address = address;

        EXPECT_EQ(azure_code(row), Errc::egress_refused) << address;
    }
    EXPECT_TRUE(world_.net.seen.empty());
}

TEST_F(ExternalVaultKinds, KeyVaultAsksTheVaultsOfItsCloud) {
    auto row = azure();
    row.address = "https://contoso.vault.azure.net";

    EXPECT_EQ(azure_code(row), Errc::external_vault_unreachable);  // nobody there in this world

    ASSERT_EQ(world_.net.seen.size(), 2u);
    EXPECT_TRUE(world_.net.seen.front().url.starts_with(SandboxNet::login_origin));
    EXPECT_EQ(world_.net.seen.back().url, "https://contoso.vault.azure.net/secrets/daemon?api-version=7.4");
}

TEST_F(ExternalVaultKinds, KeyVaultSaysWhenAValueEndsAndRefusesOneOutsideOfItsTime) {
    const auto secret = read(azure(), "daemon~Secret-of.the_Sandbox-3", {"daemon", "", ""});

    ASSERT_TRUE(secret.has_value());
    EXPECT_EQ(secret->expires_at, world_.manual.now() + std::chrono::hours(24 * 90));
    EXPECT_EQ(azure_code(azure(), {"early", "", ""}), Errc::value_unusable);
    EXPECT_EQ(azure_code(azure(), {"late", "", ""}), Errc::value_unusable);
}

TEST_F(ExternalVaultKinds, KeyVaultGivesACertificateAsItIs) {
    const auto secret = read(azure(), "daemon~Secret-of.the_Sandbox-3", {"client-certificate", "", ""});

    ASSERT_TRUE(secret.has_value());
    EXPECT_EQ(secret->value.expose(), "MIIKAgIBAzCCCb4GCSqGSIb3DQEHAaCCCa8E");
}

TEST_F(ExternalVaultKinds, KeyVaultTakesNoNamesWithSlashes) { EXPECT_EQ(azure_code(azure(), {"daemon/versions", "", ""}), Errc::value_unusable); }

TEST_F(ExternalVaultKinds, SealedVaultAnswersAgainOnceItIsOpened) {
    const auto row = a_vault(ExternalVaultKind::hashicorp, ExternalVaultAuth::token);
    const auto ask = [&] { return read(row, sandbox::HashicorpService::reader_token, {"renkei/daemon", "", ""}); };
    auto& vault = world_.vaults.hashicorp();
    vault.handle(sandbox::make_request(Method::put, "/v1/sys/seal", {}, {{"X-Vault-Token", sandbox::HashicorpService::root_token}}));

    const auto sealed = ask();
    vault.handle(sandbox::make_request(Method::put, "/v1/sys/unseal", R"({"key":"sandbox-unseal-key"})"));

    ASSERT_FALSE(sealed.has_value());
    EXPECT_EQ(sealed.error().code, Errc::external_vault_sealed);
    EXPECT_TRUE(ask().has_value());
}

TEST_F(ExternalVaultKinds, StandbyNodesAreNoRefusals) {
    const auto row = a_vault(ExternalVaultKind::hashicorp, ExternalVaultAuth::token);
    for (const int status : {412, 429, 472, 473, 500, 502}) {
        world_.fault(R"({"service":"hashicorp","times":1,"status":)" + std::to_string(status) + "}");

        const auto answer = read(row, sandbox::HashicorpService::reader_token, {"renkei/daemon", "", ""});

        ASSERT_FALSE(answer.has_value());
        EXPECT_EQ(answer.error().code, Errc::external_vault_unreachable) << status;
    }
}

TEST_F(ExternalVaultKinds, AnotherVersionThanThePinnedOneIsRefused) {
    const auto row = a_vault(ExternalVaultKind::hashicorp, ExternalVaultAuth::token);
    world_.fault(R"({"service":"hashicorp","status":200,"contentType":"application/json",
                     "body":{"data":{"data":{"client_secret":"x"},"metadata":{"version":2}}}})");

    const auto answer = read(row, sandbox::HashicorpService::reader_token, {"renkei/daemon", "", "1"});

    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Errc::value_unusable);
}

TEST_F(ExternalVaultKinds, PathsMayHaveBlanksAndJapanese) {
    const auto row = a_vault(ExternalVaultKind::hashicorp, ExternalVaultAuth::token);
    const auto endpoint = a_vault(ExternalVaultKind::https, ExternalVaultAuth::token);

    EXPECT_TRUE(read(row, sandbox::HashicorpService::reader_token, {"renkei/日本 語", "", ""}).has_value());
    EXPECT_TRUE(read(endpoint, sandbox::SecretEndpointService::bearer, {"renkei/日本 語", "", ""}).has_value());
}

TEST_F(ExternalVaultKinds, EndpointTakesAFieldByJsonPointer) {
    auto row = a_vault(ExternalVaultKind::https, ExternalVaultAuth::token);
    row.address = std::string(SandboxNet::vault_origin) + "/json/{path}";

    const auto secret = read(row, sandbox::SecretEndpointService::bearer, {"renkei/nested", "/apps/0/secret~1key", ""});
    const auto number = read(row, sandbox::SecretEndpointService::bearer, {"renkei/nested", "/count", ""});
    const auto beyond = read(row, sandbox::SecretEndpointService::bearer, {"renkei/nested", "/apps/1/secret~1key", ""});

    ASSERT_TRUE(secret.has_value());
    EXPECT_EQ(secret->value.expose(), "web~Secret-of.the_Sandbox-1");
    EXPECT_EQ(number.error().code, Errc::value_unusable);
    EXPECT_EQ(beyond.error().code, Errc::value_missing);
}

TEST_F(ExternalVaultKinds, EndpointAddressMustHoldThePathBehindItsHostOnce) {
    for (const std::string address : {"https://sandbox.example:8446/", "https://{path}.sandbox.example/x", "https://sandbox.example{path}",
                                      "https://sandbox.example:8446/{path}/{path}", "{path}", "https://sandbox.example:8446/#{path}"}) {
        auto row = a_vault(ExternalVaultKind::https, ExternalVaultAuth::token);
        row.address = address;

        const auto answer = read(row, sandbox::SecretEndpointService::bearer, {"renkei/daemon", "", ""});

        ASSERT_FALSE(answer.has_value());
        EXPECT_EQ(answer.error().code, Errc::egress_refused) << address;
    }
    EXPECT_TRUE(world_.net.seen.empty());
}

}  // namespace
}  // namespace renkei::testing
