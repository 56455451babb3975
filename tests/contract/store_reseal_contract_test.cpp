#include "adapters/vault/sealing_vault.hpp"
#include "app/reseal.hpp"
#include "tests/contract/store_world.hpp"

namespace renkei::testing {
namespace {

/// A store with a secret in every sealed column, and the vault that sealed them.
template <class World>
class StoreReseal : public StoreContract<World> {
protected:
    void SetUp() override {
        vault::Settings settings;
        settings.key_file = folder_.path() / "master.key";
        vault_ = *run_task(vault::SealingVault::open_store(std::move(settings), this->store(), random_));
        this->given({app::PutWorkspace{a_workspace()}, app::PutDataKey{home, 1, *vault_->create_data_key(home), true}});
        auto registration = a_registration();
        registration.credentials = {{2, seal(app::credential_place(home, registration.id, 2)), "", at_start(), std::nullopt},
                                    {1, seal(app::credential_place(home, registration.id, 1)), "", at_start(), std::nullopt}};
        this->given({app::InsertRegistration{registration}, app::InsertConnection{a_connection()}});
        for (unsigned i = 0; i < 70; ++i) this->given({app::InsertGrant{grant(i)}, app::PutToken{token(i)}});
        this->given({app::InsertOneTime{home, "connect", sha256("c"), "", seal(app::one_time_place(home, sha256("c"))), at_start()}});
        core::ExternalVault vault;
        vault.workspace = home;
        vault.id = id_of<core::ExternalVaultId>(7);
        vault.name = a_name("main");
        vault.version = vault.secret_version = 3;
        vault.auth_secret = seal(app::external_vault_place(home, vault.id, 3));
        this->given({app::InsertExternalVault{vault}});
    }
    core::Sealed seal(const app::SealPlace& place) { return *vault_->seal(place, Secret("secret")); }
    core::Grant grant(unsigned i) {
        auto grant = a_grant();
        grant.id = id_of<core::GrantId>(100 + i);
        grant.subject = std::to_string(i);
        grant.generation = i;
        grant.refresh_token = seal(app::refresh_token_place(home, grant.id, i));
        if (i % 2 == 0) grant.previous_refresh_token = seal(app::previous_refresh_token_place(home, grant.id, i));
        return grant;
    }
    core::StoredToken token(unsigned i) {
        auto token = a_token(grant(i));
        token.key.scope_set = "Mail.Read Mail.Send";
        token.token = seal(app::access_token_place(token.key, token.generation));
        return token;
    }
    app::ResealStore& reseal_store() { return dynamic_cast<app::ResealStore&>(this->store()); }
    std::size_t old_values(std::uint32_t version = 2) { return run_task(reseal_store().values_sealed_before(home, version, 1000))->size(); }

    TempFolder folder_;
    SystemRandom random_;
    std::unique_ptr<vault::SealingVault> vault_;
};
TYPED_TEST_SUITE(StoreReseal, StoreWorlds, StoreWorldNames);
constexpr std::size_t all_values = 2 + 70 + 35 + 70 + 1 + 1;

TYPED_TEST(StoreReseal, EverySealedColumnIsSealedAnewAndStillOpens) {
    ASSERT_EQ(this->old_values(), all_values);
    ASSERT_TRUE(run_task(this->vault_->rotate_data_key(home, {})));

    auto report = run_task(app::reseal(*this->vault_, this->reseal_store(), home, 2, app::reseal_everything));

    ASSERT_TRUE(report);
    EXPECT_EQ(report->resealed, all_values);
    EXPECT_EQ(report->unreadable, 0u);
    EXPECT_EQ(this->old_values(), 0u);
    for (const auto& value : *run_task(this->reseal_store().values_sealed_before(home, 3, 1000)))
        EXPECT_EQ(this->vault_->open(value.place, value.value)->expose(), "secret");
    const auto kept = run_task(this->store().find_registration(home, a_registration().id));
    EXPECT_EQ(this->vault_->open(app::credential_place(home, kept->id, 2), kept->credentials[0].material)->expose(), "secret");
}

TYPED_TEST(StoreReseal, AValueThatDoesNotOpenIsLeftAndCounted) {
    auto broken = this->grant(3);
    broken.refresh_token = this->seal(app::refresh_token_place(home, broken.id, 999));
    this->given({app::UpdateGrant{broken, 3}});
    ASSERT_TRUE(run_task(this->vault_->rotate_data_key(home, {})));

    auto report = run_task(app::reseal(*this->vault_, this->reseal_store(), home, 2, app::reseal_everything));

    ASSERT_TRUE(report);
    EXPECT_EQ(report->resealed, all_values - 1);
    EXPECT_EQ(report->unreadable, 1u);
    EXPECT_EQ(run_task(this->store().find_grant(home, broken.id))->refresh_token, broken.refresh_token);
}

TYPED_TEST(StoreReseal, MoreUnreadableValuesThanABatchHoldsDoNotHideTheOthers) {
    for (unsigned i = 0; i < 70; ++i) {
        auto broken = this->grant(i);
        broken.refresh_token = this->seal(app::refresh_token_place(home, broken.id, 999));
        broken.previous_refresh_token = {};
        this->given({app::UpdateGrant{broken, i}});
    }
    ASSERT_TRUE(run_task(this->vault_->rotate_data_key(home, {})));

    auto report = run_task(app::reseal(*this->vault_, this->reseal_store(), home, 2, app::reseal_everything));

    ASSERT_TRUE(report);
    EXPECT_EQ(report->resealed, all_values - 70 - 35);
    EXPECT_EQ(report->unreadable, 70u);
}

TYPED_TEST(StoreReseal, APartIsNoLargerThanAskedForAndTheNextGoesOn) {
    ASSERT_TRUE(run_task(this->vault_->rotate_data_key(home, {})));

    EXPECT_EQ(run_task(app::reseal(*this->vault_, this->reseal_store(), home, 2, 100))->resealed, 100u);
    EXPECT_EQ(this->old_values(), all_values - 100);
    EXPECT_EQ(run_task(app::reseal(*this->vault_, this->reseal_store(), home, 2, 100))->resealed, all_values - 100);
    EXPECT_EQ(run_task(app::reseal(*this->vault_, this->reseal_store(), home, 2, 100))->resealed, 0u);
}

TYPED_TEST(StoreReseal, CountingFindsAsManyAsReading) {
    const auto count = [&](core::WorkspaceId workspace, std::uint32_t version) {
        return *run_task(this->reseal_store().count_sealed_before(workspace, version));
    };
    EXPECT_EQ(count(home, 1), 0u);
    EXPECT_EQ(count(home, 2), all_values);
    EXPECT_EQ(count(elsewhere, 99), 0u);
    ASSERT_TRUE(run_task(this->vault_->rotate_data_key(home, {})));
    ASSERT_TRUE(run_task(app::reseal(*this->vault_, this->reseal_store(), home, 2, 64)));
    EXPECT_EQ(count(home, 2), all_values - 64);
}

TYPED_TEST(StoreReseal, AValueThatChangedMeanwhileIsNotOverwritten) {
    auto values = *run_task(this->reseal_store().values_sealed_before(home, 2, 1));
    ASSERT_EQ(values.size(), 1u);
    auto grant = this->grant(0);
    grant.refresh_token = {"rotated meanwhile"};
    grant.previous_refresh_token = {};
    this->given({app::UpdateGrant{grant, 0}});

    EXPECT_EQ(*run_task(this->reseal_store().replace_sealed(home, {{values[0], {"late"}}})), 0u);
    EXPECT_EQ(run_task(this->store().find_grant(home, grant.id))->refresh_token.bytes, "rotated meanwhile");
}

TYPED_TEST(StoreReseal, AnotherWorkspaceSeesAndReplacesNothing) {
    auto values = *run_task(this->reseal_store().values_sealed_before(home, 2, 1));

    EXPECT_TRUE(run_task(this->reseal_store().values_sealed_before(elsewhere, 99, 10))->empty());
    EXPECT_EQ(code_of(run_task(this->reseal_store().replace_sealed(elsewhere, {{values[0], {"x"}}}))), Errc::not_found);
}

}  // namespace
}  // namespace renkei::testing
