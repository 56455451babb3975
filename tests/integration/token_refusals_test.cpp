#include "app/known_keys.hpp"
#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;
using core::Action;

/// A refused token read is decided and audited once a minute; what repeats it is counted.
class TokenRefusals : public ::testing::Test {
protected:
    TokenRefusals() { world.add_connection("invoice-mail"); }

    int read(std::string_view mailbox = "ceo@contoso.com", const std::string& connection = "invoice-mail") {
        Ask ask{"GET", "/v1/connections/" + connection + "/token", {}, world.reader};
        ask.headers.add("Renkei-Mailbox", std::string(mailbox));
        return world.ask(std::move(ask)).status;
    }
    std::vector<std::string> refused() const {
        std::vector<std::string> reasons;
        for (const auto& row : world.store.audit(home))
            if (row.action == "token.release" && !row.allowed) reasons.push_back(row.reason);
        return reasons;
    }

    ApiWorld world;
};

TEST_F(TokenRefusals, B05_ARepeatedOneIsCountedAndNotAuditedAgain) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(read(), 403);

    ASSERT_EQ(refused().size(), 1U);
    ASSERT_TRUE(run_task(world.releases->write_counts()));
    ASSERT_EQ(refused().size(), 2U);
    EXPECT_TRUE(refused().back().ends_with("(4 more times)")) << refused().back();
    ASSERT_TRUE(run_task(world.releases->write_counts()));
    EXPECT_EQ(refused().size(), 2U) << "counted twice";
}

TEST_F(TokenRefusals, B05_AnotherMailboxIsAnotherRefusal) {
    EXPECT_EQ(read("ceo@contoso.com"), 403);
    EXPECT_EQ(read("cfo@contoso.com"), 403);

    EXPECT_EQ(refused().size(), 2U);
}

TEST_F(TokenRefusals, B05_AfterAMinuteItIsDecidedAndAuditedAnew) {
    EXPECT_EQ(read(), 403);
    world.clock.advance(app::KeptRefusals::kept_for);
    EXPECT_EQ(read(), 403);

    EXPECT_EQ(refused().size(), 2U);
}

TEST_F(TokenRefusals, B05_AChangedFenceCountsAtTheNextCall) {
    ASSERT_EQ(read(), 403);
    ASSERT_EQ(read(), 403);
    auto connection = run_task(world.store.find_connection(home, *core::Name::parse("invoice-mail")));
    ASSERT_TRUE(connection);
    const auto version = connection->version++;
    connection->fence.mailboxes.push_back("ceo@contoso.com");
    std::ranges::sort(connection->fence.mailboxes);
    world.commit(home, {app::UpdateConnection{*connection, version}});

    EXPECT_EQ(read(), 200);
}

TEST_F(TokenRefusals, B05_AConnectionThatWasNotThereIsFoundOnceItIsMade) {
    ASSERT_EQ(read({}, "later-mail"), 404);
    ASSERT_EQ(read({}, "later-mail"), 404);
    world.add_connection("later-mail");

    EXPECT_EQ(read({}, "later-mail"), 200);
}

TEST_F(TokenRefusals, B05_ARefusalThatCouldNotBeAuditedIsNotKept) {
    world.store.fail_next_commits(1);
    EXPECT_EQ(read(), 403);
    EXPECT_EQ(refused().size(), 0U);
    EXPECT_EQ(read(), 403);

    EXPECT_EQ(refused().size(), 1U);
}

class KnownKeysOfAStore : public ::testing::Test {
protected:
    KnownKeysOfAStore() { world.store.observe(&known); }
    Result<core::ApiKey> find(std::string_view text) { return run_task(known.find(world.vault.lookup_hash(Secret(text)))); }
    void update(core::ApiKey key) {
        const auto version = key.version++;
        world.commit(home, {app::UpdateKey{std::move(key), version}});
    }

    ApiWorld world;
    app::KnownKeys known{world.store, 4};
};

TEST_F(KnownKeysOfAStore, U60_ARevokedKeyIsSeenByTheNextCall) {
    auto key = find(world.reader);
    ASSERT_TRUE(key);
    ASSERT_FALSE(key->revoked_at);
    key->revoked_at = world.clock.now();
    update(*key);

    EXPECT_TRUE(find(world.reader)->revoked_at);
}

TEST_F(KnownKeysOfAStore, U60_AWrongKeyIsRefusedUntilItIsMade) {
    const std::string text = "rk_0123456789012345678901234567890123456789abc";
    ASSERT_EQ(find(text).error().code, Errc::not_found);
    auto key = *find(world.reader);
    key.id = core::KeyId(IdBytes{7, 7, 7});
    key.name = *core::Name::parse("made-later");
    key.hash = world.vault.lookup_hash(Secret(text));
    world.commit(home, {app::InsertKey{key}});

    ASSERT_TRUE(find(text));
    EXPECT_EQ(find(text)->name.text(), "made-later");
}

TEST_F(KnownKeysOfAStore, U60_ManyWrongKeysDoNotGrowItAndPushNothingFalseIn) {
    for (int i = 0; i < 40; ++i) EXPECT_EQ(find("rk_wrong" + std::to_string(i)).error().code, Errc::not_found) << i;

    EXPECT_EQ(find(world.reader)->name.text(), "reader");
}

TEST_F(KnownKeysOfAStore, U60_AStoreThatCannotBeReadIsNotTakenForAWrongKey) {
    world.store.die_before_next_commit();
    core::AuditRow row;
    row.workspace = home;
    static_cast<void>(run_task(world.store.commit(home, {app::AppendAudit{row}})));
    ASSERT_TRUE(world.store.is_dead());
    const auto refused = find(world.reader);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().code, Errc::not_found);
    world.store.revive();

    EXPECT_TRUE(find(world.reader));
}

}  // namespace
}  // namespace renkei::testing
