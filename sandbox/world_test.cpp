#include "sandbox/world.hpp"

#include <gtest/gtest.h>

#include <set>

namespace renkei::sandbox {
namespace {

struct SeededWorld {
    ManualClock manual;
    std::unique_ptr<WorldClock> clock = make_world_clock(manual);
    SystemRandom random;
    World world{*clock, random};
};

TEST(World, HasPeopleOfTwoTenantsWithUniqueIdsAndAddresses) {
    SeededWorld w;
    std::set<std::string> seen;
    for (const auto& user : w.world.users()) {
        EXPECT_TRUE(seen.insert(user.id).second) << user.upn;
        EXPECT_TRUE(seen.insert(user.upn).second) << user.upn;
        EXPECT_NE(w.world.find_tenant(user.tenant), nullptr) << user.upn;
    }
    for (const auto& app : w.world.apps()) EXPECT_TRUE(seen.insert(app.id).second) << app.key;

    EXPECT_GE(w.world.users().size(), 8u);
    EXPECT_EQ(w.world.tenants().size(), 2u);
    EXPECT_TRUE(w.world.find_user("invoices@contoso.example")->password.empty());
}

TEST(World, FindsPeopleByIdNameAndAliasWithoutCase) {
    SeededWorld w;

    EXPECT_EQ(w.world.find_user("ALICE@contoso.example"), w.world.find_user("sales@contoso.example"));
    EXPECT_EQ(w.world.find_user("a11ce000-0000-4000-8000-000000000004"), w.world.find_user("alice@contoso.example"));
    EXPECT_EQ(w.world.find_user("alice@contoso.example", w.world.tenants()[1].id), nullptr);
    EXPECT_EQ(w.world.find_user("nobody@contoso.example"), nullptr);
    EXPECT_EQ(w.world.find_tenant("Contoso.Example"), &w.world.tenants()[0]);
    EXPECT_EQ(w.world.find_tenant("common"), nullptr);
}

TEST(World, MakesGuidsOfVersionFour) {
    SeededWorld w;
    const auto guid = w.world.new_guid();

    EXPECT_EQ(guid.size(), 36u);
    EXPECT_EQ(guid[14], '4');
    EXPECT_NE(guid, w.world.new_guid());
}

TEST(ShiftedClock, JumpsForwardAndRunsWhatIsDueBeforeItReturns) {
    const auto clock = make_shifted_clock();
    std::vector<int> order;
    const auto start = clock->now();
    const auto second = clock->call_at(start + std::chrono::hours(2), [&] { order.push_back(2); });
    const auto first = clock->call_at(start + std::chrono::hours(1), [&] { order.push_back(1); });
    const auto later = clock->call_at(start + std::chrono::hours(100), [&] { order.push_back(3); });

    clock->advance(std::chrono::hours(50));

    EXPECT_EQ(order, (std::vector{1, 2}));
    EXPECT_GE(clock->now() - start, std::chrono::hours(50));
}

TEST(ShiftedClock, ACancelledCallDoesNotRun) {
    const auto clock = make_shifted_clock();
    bool ran = false;
    auto ticket = clock->call_at(clock->now() + std::chrono::hours(1), [&] { ran = true; });
    ticket.reset();

    clock->advance(std::chrono::hours(2));

    EXPECT_FALSE(ran);
}

TEST(ShiftedClock, ACallMayEndItsOwnTicketAndAskForTheNext) {
    const auto clock = make_shifted_clock();
    int runs = 0;
    std::unique_ptr<Clock::Ticket> ticket;
    ticket = clock->call_at(clock->now() + std::chrono::hours(1), [&] {
        ticket.reset();
        ++runs;
        ticket = clock->call_at(clock->now() + std::chrono::hours(1), [&] { ++runs; });
    });

    clock->advance(std::chrono::hours(2));
    EXPECT_EQ(runs, 1);
    clock->advance(std::chrono::hours(2));
    EXPECT_EQ(runs, 2);
}

}  // namespace
}  // namespace renkei::sandbox
