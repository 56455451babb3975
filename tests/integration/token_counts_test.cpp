#include "tests/support/api_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;
using core::Action;

/// B-16: every release of a token stands in the audit, the first as a row of its own, the further ones counted.
class TokenCounts : public ::testing::Test {
protected:
    TokenCounts() { world.add_connection("invoice-mail"); }

    /// The first is audited at once, the others are counted.
    void read(const std::string& connection, int fast_times) {
        ASSERT_EQ(world.get("/v1/connections/" + connection + "/token", world.reader).status, 200);
        for (int i = 0; i < fast_times; ++i) ASSERT_TRUE(read_fast(connection)) << i;
    }
    bool read_fast(const std::string& connection) {
        return world.releases->try_release(world.vault.lookup_hash(Secret(world.reader)), connection, {}, {}).ticket != nullptr;
    }
    bool write() { return run_task(world.releases->write_counts()).has_value(); }
    std::vector<std::string> counted() const {
        std::vector<std::string> found;
        for (const auto& row : world.store.audit(home))
            if (row.action == "token.release" && row.reason.contains("more times")) found.push_back(row.target + " " + row.reason);
        return found;
    }
    static std::string line(std::string_view connection, int times) {
        return "connection:" + std::string(connection) + " " + std::to_string(times) + " more times, the same token";
    }
    void pause(const std::string& connection) { ASSERT_EQ(world.post("/v1/connections/" + connection + "/pause", "").status, 200); }

    ApiWorld world;
};

TEST_F(TokenCounts, B16_CountsBecomeOneRowWithWhoAndWhat) {
    read("invoice-mail", 3);
    world.clock.advance(30min);

    ASSERT_TRUE(write());

    EXPECT_EQ(counted(), std::vector{line("invoice-mail", 3)});
    const auto row = world.store.audit(home).back();
    EXPECT_EQ(row.principal_name, "reader");
    EXPECT_EQ(row.principal_kind, core::Principal::Kind::key);
    EXPECT_EQ(row.at, world.clock.now());
    EXPECT_EQ(row.credential_version, 1U);
    EXPECT_TRUE(row.allowed);
    ASSERT_TRUE(write());
    EXPECT_EQ(counted().size(), 1U) << "nothing was read since";
}

TEST_F(TokenCounts, B16_CountsThatTheStoreRefusesAreWrittenTheNextTime) {
    read("invoice-mail", 3);
    world.store.fail_next_commits(1);

    EXPECT_FALSE(write());
    EXPECT_TRUE(counted().empty());

    ASSERT_TRUE(write());
    EXPECT_EQ(counted(), std::vector{line("invoice-mail", 3)});
    ASSERT_TRUE(write());
    EXPECT_EQ(counted().size(), 1U) << "and once only";
}

TEST_F(TokenCounts, B16_WhatIsReadAfterARefusalIsWrittenInTheSameRoundAsTheRefused) {
    read("invoice-mail", 3);
    world.store.fail_next_commits(1);
    ASSERT_FALSE(write());
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(read_fast("invoice-mail"));

    ASSERT_TRUE(write());

    EXPECT_EQ(counted(), (std::vector{line("invoice-mail", 3), line("invoice-mail", 2)}));
}

TEST_F(TokenCounts, B16_AStoreThatRefusesForHoursLosesNoCount) {
    read("invoice-mail", 1);
    world.store.fail_next_commits(1000);
    for (int hour = 0; hour < 5; ++hour) {
        EXPECT_FALSE(write());
        ASSERT_TRUE(read_fast("invoice-mail"));
    }
    world.store.fail_next_commits(0);

    ASSERT_TRUE(write());

    EXPECT_EQ(counted(), (std::vector{line("invoice-mail", 1), line("invoice-mail", 5)})) << "and rows do not pile up meanwhile";
}

TEST_F(TokenCounts, B16_AnEndedTicketsCountsOutliveARefusalToo) {
    read("invoice-mail", 4);
    pause("invoice-mail");
    world.store.fail_next_commits(1);
    EXPECT_FALSE(write());
    EXPECT_EQ(world.releases->tickets(), 0U) << "it is of no more use";

    ASSERT_TRUE(write());

    EXPECT_EQ(counted(), std::vector{line("invoice-mail", 4)});
}

TEST_F(TokenCounts, B16_AReleaseUnderWayWhenItsTicketEndsIsCounted) {
    read("invoice-mail", 1);
    auto under_way = world.releases->try_release(world.vault.lookup_hash(Secret(world.reader)), "invoice-mail", {}, {});
    ASSERT_NE(under_way.ticket, nullptr);
    pause("invoice-mail");

    ASSERT_TRUE(write());
    EXPECT_EQ(counted(), std::vector{line("invoice-mail", 2)});
    EXPECT_EQ(world.releases->tickets(), 1U) << "whoever holds it may still be about to count";

    under_way.ticket.reset();
    ASSERT_TRUE(write());
    EXPECT_EQ(world.releases->tickets(), 0U);
}

TEST_F(TokenCounts, B16_ReadersOnOtherThreadsAreCountedToTheLastOneWhileTicketsEnd) {
    std::atomic<bool> done{false};
    std::atomic<int> reads{0};
    const auto hash = world.vault.lookup_hash(Secret(world.reader));
    std::vector<std::jthread> readers;
    for (int i = 0; i < 2; ++i)
        readers.emplace_back([&] {
            while (!done)
                if (world.releases->try_release(hash, "invoice-mail", {}, {}).ticket) ++reads;
        });
    for (int round = 0; round < 20; ++round) {
        const auto before = reads.load();
        EXPECT_EQ(world.get("/v1/connections/invoice-mail/token", world.reader).status, 200);
        while (reads.load() < before + 100) std::this_thread::yield();
        pause("invoice-mail");
        while (world.releases->tickets() > 0) EXPECT_TRUE(write());
        EXPECT_EQ(world.post("/v1/connections/invoice-mail/resume", "").status, 200);
    }
    done = true;
    readers.clear();

    int written = 0;
    for (const auto& row : world.store.audit(home))
        if (row.action == "token.release" && row.reason.contains("more times")) written += std::stoi(row.reason);
    EXPECT_EQ(written, reads.load());
}

TEST_F(TokenCounts, B16_OnlyTheRefusedPartOfManyRowsIsWrittenAgain) {
    constexpr int connections = 450;  // three units of at most 200 rows
    for (int i = 0; i < connections; ++i) {
        const auto name = "c" + std::to_string(i);
        world.add_connection(name);
        read(name, 1);
    }
    world.store.fail_commits_when([units = 0](const app::UnitOfWork& unit) mutable -> std::optional<Errc> {
        EXPECT_LE(unit.size(), 200U);
        return ++units == 2 ? std::optional(Errc::storage_failed) : std::nullopt;
    });

    EXPECT_FALSE(write());
    EXPECT_EQ(counted().size(), 200U);
    ASSERT_TRUE(write());

    auto all = counted();
    std::ranges::sort(all);
    EXPECT_EQ(all.size(), static_cast<std::size_t>(connections));
    EXPECT_TRUE(std::ranges::adjacent_find(all) == all.end()) << "each once";
}

TEST_F(TokenCounts, B16_AWorkspaceWhoseRowsAreRefusedHoldsUpNoOther) {
    // The other workspace has the same things as this one, with ids of its own.
    auto folder = a_folder("default");
    folder.workspace = elsewhere;
    folder.id = id_of<core::FolderId>(77);
    folder.is_default = true;
    auto registration = a_registration();
    registration.workspace = elsewhere;
    registration.id = id_of<core::RegistrationId>(77);
    auto connection = a_connection("their-mail");
    connection.workspace = elsewhere;
    connection.folder = folder.id;
    connection.registration = registration.id;
    auto grant = a_grant(connection);
    auto token = a_token(grant);
    token.key.audience.clear();
    token.token = *world.vault.seal(app::access_token_place(token.key, 1), Secret("theirs"));
    world.commit(elsewhere, {app::PutFolder{folder}, app::InsertRegistration{registration}, app::InsertConnection{connection}, app::InsertGrant{grant},
                             app::PutToken{token}});
    const auto theirs = world.add_key("their-reader", {Action::tokens_read}, elsewhere);
    // The first read sets off a look at the directory, whose outcome ends the decision; the second one's is kept.
    for (int i = 0; i < 2; ++i) ASSERT_EQ(world.get("/v1/connections/their-mail/token", theirs).status, 200);
    ASSERT_NE(world.releases->try_release(world.vault.lookup_hash(Secret(theirs)), "their-mail", {}, {}).ticket, nullptr);
    read("invoice-mail", 2);
    world.store.fail_commits_when([](const app::UnitOfWork& unit) -> std::optional<Errc> {
        return std::get<app::AppendAudit>(unit.front()).row.workspace == elsewhere ? std::optional(Errc::storage_failed) : std::nullopt;
    });

    for (int round = 0; round < 3; ++round) EXPECT_FALSE(write());

    EXPECT_EQ(counted(), std::vector{line("invoice-mail", 2)});
    world.store.fail_commits_when(nullptr);
    ASSERT_TRUE(write());
    EXPECT_TRUE(world.store.audit(elsewhere).back().reason.starts_with("1 more times"));
}

}  // namespace
}  // namespace renkei::testing
