#include "adapters/vault/sealing_vault.hpp"
#include "tests/contract/store_world.hpp"
#include "tests/support/fake_vault.hpp"

namespace renkei::testing {
namespace {

struct FakeVaultWorld {
    FakeVault vault;
};
struct SealingVaultWorld {
    TempFolder folder;
    FakeStore store;
    SystemRandom random;
    std::unique_ptr<vault::SealingVault> opened = open();
    app::Vault& vault = *opened;

private:
    std::unique_ptr<vault::SealingVault> open() {
        vault::Settings settings;
        settings.key_file = folder.path() / "master.key";
        return *run_task(vault::SealingVault::open_store(std::move(settings), store, random));
    }
};

template <class World>
class VaultContract : public ::testing::Test {
protected:
    VaultContract() {
        for (const auto workspace : {home, elsewhere})
            if (!vault().create_data_key(workspace)) throw std::runtime_error("no data key");
    }
    app::Vault& vault() { return world_.vault; }
    static app::SealPlace a_place() { return app::refresh_token_place(home, a_grant().id, 7); }
    World world_;
};
class VaultNames {
public:
    template <class World>
    static std::string GetName(int) {
        return std::is_same_v<World, FakeVaultWorld> ? "Fake" : "Sealing";
    }
};
using VaultWorlds = ::testing::Types<FakeVaultWorld, SealingVaultWorld>;
TYPED_TEST_SUITE(VaultContract, VaultWorlds, VaultNames);

TYPED_TEST(VaultContract, WhatWasSealedOpensInItsPlace) {
    for (const auto& text : {std::string(), std::string("a token"), std::string(100'000, 'x'), std::string("\0\xff\0", 3)}) {
        auto sealed = this->vault().seal(this->a_place(), Secret(text));
        ASSERT_TRUE(sealed);
        EXPECT_EQ(this->vault().open(this->a_place(), *sealed)->expose(), text);
    }
}

TYPED_TEST(VaultContract, NothingOfTheTextStandsInTheSealedValue) {
    auto sealed = this->vault().seal(this->a_place(), Secret("planted-secret-text"));

    EXPECT_EQ(sealed->bytes.find("planted"), std::string::npos);
    EXPECT_FALSE(sealed->empty());
}

TYPED_TEST(VaultContract, ASealedValueOpensInNoOtherPlace) {
    const auto sealed = *this->vault().seal(this->a_place(), Secret("token"));
    auto workspace = this->a_place(), table = workspace, row = workspace, column = workspace, generation = workspace;
    workspace.workspace = elsewhere;
    table.table = "access_tokens";
    row.row = id_of<core::GrantId>(9).bytes();
    column.column = "previous_refresh_token";
    generation.generation = 8;

    for (const auto& place : {workspace, table, row, column, generation}) EXPECT_EQ(code_of(this->vault().open(place, sealed)), Errc::vault_locked);
}

TYPED_TEST(VaultContract, MembersOfAPlaceDoNotRunIntoEachOther) {
    const auto sealed = *this->vault().seal({home, "ab", {}, "c", 1}, Secret("token"));

    EXPECT_EQ(code_of(this->vault().open({home, "a", {}, "bc", 1}, sealed)), Errc::vault_locked);
    EXPECT_EQ(code_of(this->vault().open({home, "ab", {}, "c1", 0}, sealed)), Errc::vault_locked);
}

TYPED_TEST(VaultContract, AnEmptyOrForeignValueDoesNotOpen) {
    for (const auto& bytes : {std::string(), std::string("x"), std::string(33, '\1'), std::string(500, '\0')})
        EXPECT_EQ(code_of(this->vault().open(this->a_place(), {bytes})), Errc::vault_locked) << bytes.size();
}

TYPED_TEST(VaultContract, LookupHashesAreStableAndKeyed) {
    EXPECT_EQ(this->vault().lookup_hash(Secret("rk_1")), this->vault().lookup_hash(Secret("rk_1")));
    EXPECT_NE(this->vault().lookup_hash(Secret("rk_1")), this->vault().lookup_hash(Secret("rk_2")));
    EXPECT_NE(this->vault().lookup_hash(Secret("rk_1")), sha256("rk_1"));
}

}  // namespace
}  // namespace renkei::testing
