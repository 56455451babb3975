// A-32, T-12: external vaults as a use case: who may be sent what, and how long a value serves.
#include "app/external_vaults.hpp"
#include "app/ports/seal_places.hpp"
#include "tests/support/builders.hpp"
#include "tests/support/fake_store.hpp"
#include "tests/support/fake_vault.hpp"
#include "tests/support/vault_world.hpp"

#include <boost/asio/detached.hpp>

namespace renkei::testing {
namespace {

using core::ExternalVaultAuth;
using core::ExternalVaultKind;
using namespace std::chrono_literals;

const core::ExternalSecretAddress daemon_secret{"renkei/daemon", "", ""};

class ExternalVaultsTest : public ::testing::Test {
protected:
    ExternalVaultsTest() { EXPECT_TRUE(run_task(store_.commit(home, {app::PutWorkspace{a_workspace()}}))); }

    static app::By by(core::WorkspaceId workspace = home) {
        app::By out;
        out.principal.workspace = workspace;
        out.request_id = "request-1";
        return out;
    }
    static app::CreateExternalVault wanted() {
        app::CreateExternalVault out;
        out.name = a_name("main");
        out.address = SandboxNet::vault_origin;
        out.auth_secret = Secret(sandbox::HashicorpService::reader_token);
        return out;
    }
    void make(app::CreateExternalVault vault = wanted()) {
        const auto made = run_task(vaults_.create(by(), std::move(vault)));
        ASSERT_TRUE(made.has_value()) << made.error().detail;
    }
    Result<app::ExternalSecret> read(core::ExternalSecretAddress address = daemon_secret, core::WorkspaceId workspace = home) {
        return run_task(vaults_.read(workspace, a_name("main"), std::move(address), "request-1"));
    }
    std::string value() {
        const auto secret = read();
        EXPECT_TRUE(secret.has_value()) << secret.error().detail;
        return secret ? std::string(secret->value.expose()) : "";
    }
    Errc code(core::ExternalSecretAddress address = daemon_secret) {
        const auto secret = read(std::move(address));
        return secret ? Errc::internal : secret.error().code;
    }
    core::ExternalVault row() { return run_task(store_.find_external_vault(home, a_name("main"))).value(); }
    Result<core::ExternalVault> update(app::ChangeExternalVault change) { return run_task(vaults_.update(by(), a_name("main"), std::move(change), {})); }
    std::size_t asked() const { return world_.net.count("/v1/secret/data/"); }
    void put_daemon_secret(std::string_view text) {
        world_.vaults.hashicorp().handle(sandbox::make_request(Method::post, "/v1/secret/data/renkei/daemon",
                                                               R"({"data":{"client_secret":")" + std::string(text) + "\"}}",
                                                               {{"X-Vault-Token", sandbox::HashicorpService::root_token}}));
    }
    void seal() {
        world_.vaults.hashicorp().handle(sandbox::make_request(Method::put, "/v1/sys/seal", {}, {{"X-Vault-Token", sandbox::HashicorpService::root_token}}));
    }

    VaultWorld world_;
    FakeStore store_;
    FakeVault vault_;
    app::ExternalVaults vaults_{{store_, vault_, *world_.catalog, world_.clients(), world_.manual, world_.random}};
};

TEST_F(ExternalVaultsTest, KeepsTheSecretSealedInItsOwnPlace) {
    make();

    const auto kept = row();

    EXPECT_EQ(kept.auth_secret.bytes.find(sandbox::HashicorpService::reader_token), std::string::npos);
    EXPECT_EQ(vault_.open(app::external_vault_place(home, kept.id, 1), kept.auth_secret)->expose(), sandbox::HashicorpService::reader_token);
    EXPECT_EQ(store_.audit(home).back().action, "external_vault.create");
}

TEST_F(ExternalVaultsTest, RefusesWhatDoesNotGoWithItsKind) {
    const auto field_of = [&](auto change) {
        auto vault = wanted();
        change(vault);
        const auto made = run_task(vaults_.create(by(), std::move(vault)));
        return made ? std::string("(made)") : std::string(made.error().get("field"));
    };

    EXPECT_EQ(field_of([](auto& v) { v.address = "http://vault.example"; }), "address");
    EXPECT_EQ(field_of([](auto& v) { v.address = "https://vault.example/v1"; }), "address");
    EXPECT_EQ(field_of([](auto& v) { v.mount = "../sys"; }), "mount");
    EXPECT_EQ(field_of([](auto& v) { v.mount = "/secret"; }), "mount");
    EXPECT_EQ(field_of([](auto& v) { v.vault_space = "a\r\nX-Evil: 1"; }), "namespace");
    EXPECT_EQ(field_of([](auto& v) { v.tenant = "contoso.example"; }), "tenant");
    EXPECT_EQ(field_of([](auto& v) { v.auth = ExternalVaultAuth::basic; }), "auth");
    EXPECT_EQ(field_of([](auto& v) { v.auth = ExternalVaultAuth::app_role; }), "auth_id");
    EXPECT_EQ(field_of([](auto& v) { v.auth_id = "role"; }), "auth_id");
    EXPECT_EQ(field_of([](auto& v) { v.auth_secret = Secret(""); }), "auth_secret");
    EXPECT_EQ(field_of([](auto& v) { v.cache_time = 86'401s; }), "cache_seconds");
    EXPECT_EQ(field_of([](auto& v) { v.kind = ExternalVaultKind::https; }), "address");
    EXPECT_EQ(field_of([](auto& v) {
                  v.kind = ExternalVaultKind::https;
                  v.auth = ExternalVaultAuth::basic;
                  v.auth_id = "a:b";
                  v.address = "https://vault.example/{path}";
              }),
              "auth_id");
    const auto azure = [](auto& v) {
        v.kind = ExternalVaultKind::azure_key_vault;
        v.auth = ExternalVaultAuth::client_credentials;
        v.auth_id = "client";
        v.tenant = "contoso.example";
    };
    EXPECT_EQ(field_of([&](auto& v) { azure(v), v.tenant = "../common"; }), "tenant");
    EXPECT_EQ(field_of([&](auto& v) { azure(v), v.cloud = "moon"; }), "cloud");
    EXPECT_EQ(field_of([&](auto& v) { azure(v), v.mount = "secret"; }), "mount");
    EXPECT_EQ(field_of(azure), "(made)");
}

TEST_F(ExternalVaultsTest, TakesANameOnce) {
    make();

    const auto again = run_task(vaults_.create(by(), wanted()));

    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, Errc::conflict);
}

TEST_F(ExternalVaultsTest, WantsTheSecretAgainWhereItWouldGoSomewhereElse) {
    make();
    const std::string elsewhere_address = "https://evil.example";

    for (auto change : {0, 1, 2, 3}) {
        app::ChangeExternalVault wanted_change;
        if (change == 0) wanted_change.address = elsewhere_address;
        if (change == 1) wanted_change.vault_space = "other";
        if (change == 2) wanted_change.auth = ExternalVaultAuth::app_role, wanted_change.auth_id = "role";
        if (change == 3) wanted_change.address = "https://sandbox.example:8447";

        const auto updated = update(std::move(wanted_change));

        ASSERT_FALSE(updated.has_value()) << change;
        EXPECT_EQ(updated.error().get("field"), "auth_secret");
    }
    EXPECT_EQ(row().address, SandboxNet::vault_origin);
    app::ChangeExternalVault with_secret;
    with_secret.address = elsewhere_address;
    with_secret.auth_secret = Secret("another");
    EXPECT_TRUE(update(std::move(with_secret)).has_value());
}

TEST_F(ExternalVaultsTest, AChangeWithoutASecretKeepsTheOldOneOpen) {
    make();
    app::ChangeExternalVault change;
    change.cache_time = 10s;

    ASSERT_TRUE(update(std::move(change)).has_value());

    EXPECT_EQ(row().version, 2u);
    EXPECT_EQ(row().secret_version, 1u);
    EXPECT_EQ(value(), "daemon~Secret-of.the_Sandbox-3");
}

TEST_F(ExternalVaultsTest, AsksOnceWithinTheCacheTimeAndAgainAfterIt) {
    make();

    EXPECT_EQ(value(), "daemon~Secret-of.the_Sandbox-3");
    put_daemon_secret("newer");
    world_.manual.advance(299s);
    EXPECT_EQ(value(), "daemon~Secret-of.the_Sandbox-3");
    EXPECT_EQ(asked(), 1u);
    world_.manual.advance(1s);

    EXPECT_EQ(value(), "newer");
    EXPECT_EQ(asked(), 2u);
}

TEST_F(ExternalVaultsTest, KeptValueServesWhileTheVaultIsAwayOrSealedAndNotASecondLonger) {
    make();
    EXPECT_EQ(value(), "daemon~Secret-of.the_Sandbox-3");
    world_.net.down = true;
    world_.manual.advance(299s);
    EXPECT_EQ(value(), "daemon~Secret-of.the_Sandbox-3");
    world_.manual.advance(1s);
    EXPECT_EQ(code(), Errc::external_vault_unreachable);
    world_.net.down = false;
    seal();

    EXPECT_EQ(code(), Errc::external_vault_sealed);
    EXPECT_EQ(vaults_.kept_values(), 0u);
}

TEST_F(ExternalVaultsTest, AShorterCacheTimeCountsAtOnce) {
    make();
    EXPECT_EQ(value(), "daemon~Secret-of.the_Sandbox-3");
    auto shorter = row();
    shorter.cache_time = 5s;
    shorter.version = 2;
    ASSERT_TRUE(run_task(store_.commit(home, {app::UpdateExternalVault{shorter, 1}})));
    world_.manual.advance(5s);

    EXPECT_EQ(value(), "daemon~Secret-of.the_Sandbox-3");

    EXPECT_EQ(asked(), 2u);
}

TEST_F(ExternalVaultsTest, CacheTimeZeroKeepsNothing) {
    auto vault = wanted();
    vault.cache_time = 0s;
    make(std::move(vault));

    EXPECT_EQ(value(), value());

    EXPECT_EQ(asked(), 2u);
    EXPECT_EQ(vaults_.kept_values(), 0u);
}

TEST_F(ExternalVaultsTest, ManyAskersMakeOneQuestion) {
    make();
    asio::io_context loop(1);
    int good = 0;

    for (int i = 0; i < 100; ++i)
        asio::co_spawn(loop, vaults_.read(home, a_name("main"), daemon_secret, "request-1"),
                       [&](std::exception_ptr, Result<app::ExternalSecret> answer) { good += answer && answer->value.expose().starts_with("daemon") ? 1 : 0; });
    loop.run();

    EXPECT_EQ(good, 100);
    EXPECT_EQ(asked(), 1u);
}

TEST_F(ExternalVaultsTest, AValueIsKeptForItsOwnAddressAlone) {
    make();
    EXPECT_EQ(value(), "daemon~Secret-of.the_Sandbox-3");

    EXPECT_EQ(read({"renkei/daemon", "", "1"})->value.expose(), "daemon~Old-secret-3");
    EXPECT_EQ(read({"renkei/web", "client_secret", ""})->value.expose(), "web~Secret-of.the_Sandbox-1");

    EXPECT_EQ(vaults_.kept_values(), 3u);
}

TEST_F(ExternalVaultsTest, NothingStaysOfAVaultThatWasRemovedOrGotAnotherSecret) {
    make();
    EXPECT_EQ(value(), "daemon~Secret-of.the_Sandbox-3");
    app::ChangeExternalVault change;
    change.auth_secret = Secret("hvs.wrong");
    ASSERT_TRUE(update(std::move(change)).has_value());
    EXPECT_EQ(vaults_.kept_values(), 0u);
    EXPECT_EQ(code(), Errc::external_vault_refused);

    ASSERT_TRUE(run_task(vaults_.remove(by(), a_name("main"), {})).has_value());

    EXPECT_EQ(code(), Errc::value_missing);
}

TEST_F(ExternalVaultsTest, AnotherWorkspaceFindsNoVaultAndNoKeptValue) {
    ASSERT_TRUE(run_task(store_.commit(elsewhere, {app::PutWorkspace{a_workspace(elsewhere, "other")}})));
    make();
    EXPECT_EQ(value(), "daemon~Secret-of.the_Sandbox-3");

    const auto foreign = read(daemon_secret, elsewhere);

    ASSERT_FALSE(foreign.has_value());
    EXPECT_EQ(foreign.error().code, Errc::value_missing);
    EXPECT_EQ(run_task(vaults_.show(by(elsewhere), a_name("main"))).error().code, Errc::not_found);
    EXPECT_EQ(run_task(vaults_.remove(by(elsewhere), a_name("main"), {})).error().code, Errc::not_found);
    EXPECT_EQ(run_task(vaults_.check(by(elsewhere), a_name("main"), daemon_secret)).error().code, Errc::not_found);
}

TEST_F(ExternalVaultsTest, TheRowSaysWhatIsWrongAndThatItIsRightAgain) {
    make();
    world_.net.down = true;
    EXPECT_EQ(code(), Errc::external_vault_unreachable);
    EXPECT_EQ(row().state_slug, "external-vault-unreachable");
    EXPECT_EQ(row().checked_at, world_.manual.now());
    world_.net.down = false;

    EXPECT_EQ(value(), "daemon~Secret-of.the_Sandbox-3");

    EXPECT_EQ(row().state_slug, "");
}

TEST_F(ExternalVaultsTest, AMissingValueIsNoStateOfTheVault) {
    make();

    EXPECT_EQ(code({"renkei/nowhere", "", ""}), Errc::value_missing);

    EXPECT_EQ(row().state_slug, "");
    EXPECT_EQ(row().version, 1u);
}

TEST_F(ExternalVaultsTest, CheckAsksPastTheKeptValueAndIsAudited) {
    make();
    EXPECT_EQ(value(), "daemon~Secret-of.the_Sandbox-3");
    seal();

    const auto checked = run_task(vaults_.check(by(), a_name("main"), daemon_secret));

    ASSERT_FALSE(checked.has_value());
    EXPECT_EQ(checked.error().code, Errc::external_vault_sealed);
    EXPECT_EQ(row().state_slug, "external-vault-sealed");
    EXPECT_EQ(store_.audit(home).back().action, "external_vault.check");
    EXPECT_EQ(value(), "daemon~Secret-of.the_Sandbox-3");  // its time is not over
}

TEST_F(ExternalVaultsTest, NothingIsAskedWhileRenkeisOwnVaultIsLocked) {
    make();
    vault_.lock();

    EXPECT_EQ(code(), Errc::vault_locked);

    EXPECT_TRUE(world_.net.seen.empty());
}

TEST(ValueCache, DropsTheOneThatWasReadFirstWhenItIsFull) {
    app::ValueCache cache(3);
    const auto key = [](int i) { return app::ValueCache::Key{home, id_of<core::ExternalVaultId>(1), 1, "secret", {std::to_string(i), "", ""}}; };
    const auto value = std::make_shared<const app::ExternalSecret>();

    for (int i = 0; i < 5; ++i) cache.put(key(i), value, 100s, at_start() + std::chrono::seconds(i));

    EXPECT_EQ(cache.size(), 3u);
    EXPECT_EQ(cache.find(key(1), 100s, at_start() + 5s), nullptr);
    EXPECT_NE(cache.find(key(4), 100s, at_start() + 5s), nullptr);
}

TEST(ValueCache, KeepsAValueNoLongerThanTheVaultSaysItLives) {
    app::ValueCache cache(3);
    const app::ValueCache::Key key{home, id_of<core::ExternalVaultId>(1), 1, "secret", {"a", "", ""}};
    app::ExternalSecret ending;
    ending.expires_at = at_start() + 10s;
    cache.put(key, std::make_shared<const app::ExternalSecret>(std::move(ending)), 100s, at_start());

    EXPECT_NE(cache.find(key, 100s, at_start() + 9s), nullptr);
    EXPECT_EQ(cache.find(key, 100s, at_start() + 10s), nullptr);
    EXPECT_EQ(cache.size(), 0u);
}

}  // namespace
}  // namespace renkei::testing
