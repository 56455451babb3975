// RFC 8628: a person signs in on another machine.
#include "app/device_sign_in.hpp"
#include "tests/support/fake_provider_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;
using State = app::DeviceProgress::State;
using Decision = FakeProvider::DeviceDecision;

class DeviceSignIn : public ::testing::Test {
protected:
    DeviceSignIn() {
        world.set_mode(core::ConnectionMode::device_code);
        auto row = now();
        const auto version = row.version++;
        row.state = core::ConnectionState::draft;
        world.commit({app::UpdateConnection{row, version}});
        restart();
    }
    /// A process begins: what was in memory is gone.
    void restart() {
        world.start();
        flow = std::make_unique<app::OAuthConnectFlow>(world.connect_ports(), *world.tokens, "https://renkei.example/");
        devices = std::make_unique<app::DeviceSignIns>(world.connect_ports(), *world.tokens, *flow, "https://renkei.example/");
        ASSERT_TRUE(run_task(devices->resume()));
    }
    app::StartedDevice start() { return TokenWorld::must(devices->start(by(), now(), "req")); }
    static core::Principal by() {
        core::Principal principal;
        principal.workspace = home;
        principal.name = "setup-key";
        return principal;
    }
    core::Connection now() { return TokenWorld::must(world.store.find_connection_by_id(home, world.connection.id)); }
    /// The interval passes and the provider is asked.
    void poll(std::chrono::seconds after = 5s) {
        world.clock.advance(after);
        run_task([](app::DeviceSignIns& all) -> Task<bool> {
            co_await all.poll_due();
            co_return true;
        }(*devices));
    }
    std::size_t polls() const {
        const auto all = world.provider.requests();
        return static_cast<std::size_t>(std::ranges::count_if(all, [](const auto& one) { return find_field(one.form, "device_code") != nullptr; }));
    }
    Result<app::DeviceProgress> look(const app::StartedDevice& device) {
        return run_task(devices->look(Secret(device.page_url.substr(device.page_url.rfind('/') + 1))));
    }
    std::vector<core::AuditRow> refusals() const {
        auto rows = world.store.audit(home);
        std::erase_if(rows, [](const auto& row) { return row.allowed; });
        return rows;
    }

    TokenWorld world;
    std::unique_ptr<app::OAuthConnectFlow> flow;
    std::unique_ptr<app::DeviceSignIns> devices;
};

TEST_F(DeviceSignIn, U11_APersonTypesTheCodeElsewhereAndTheConnectionWorks) {
    const auto device = start();
    EXPECT_EQ(device.user_code, "WDJB-MJHT");
    EXPECT_EQ(device.verification_uri, "https://login.example/device");
    EXPECT_EQ(device.expires_at, world.clock.now() + 900s);
    EXPECT_EQ(look(device)->state, State::waiting);
    EXPECT_EQ(look(device)->user_code, "WDJB-MJHT");

    poll();
    EXPECT_EQ(look(device)->state, State::waiting);
    world.provider.decide_device(Decision::approve);
    poll();

    EXPECT_EQ(look(device)->state, State::connected);
    EXPECT_EQ(now().state, core::ConnectionState::active);
    EXPECT_EQ(devices->waiting(), 0U);
    const auto token = run_task(world.tokens->token_for(now(), 60s, "req"));
    ASSERT_TRUE(token);
    EXPECT_TRUE(token->token.expose().starts_with("at-"));
}

TEST_F(DeviceSignIn, Rfc8628Section3_5_AsksOnlyAfterTheInterval) {
    start();
    poll(4s);
    EXPECT_EQ(polls(), 0U);
    poll(1s);
    EXPECT_EQ(polls(), 1U);
    poll(1s);
    EXPECT_EQ(polls(), 1U);
}

TEST_F(DeviceSignIn, Rfc8628Section3_5_SlowDownAddsFiveSeconds) {
    start();
    world.provider.refuse_with("slow_down");
    poll(5s);
    ASSERT_EQ(polls(), 1U);
    poll(5s);
    EXPECT_EQ(polls(), 1U);
    poll(5s);
    EXPECT_EQ(polls(), 2U);
}

TEST_F(DeviceSignIn, Rfc8628Section3_5_AServerThatCannotBeReachedIsAskedLessOften) {
    const auto device = start();
    world.provider.next_faults({Fault::not_reached});
    poll(5s);
    const auto before = polls();
    poll(5s);
    EXPECT_EQ(polls(), before);
    EXPECT_EQ(look(device)->state, State::waiting);
    world.provider.decide_device(Decision::approve);
    poll(5s);

    EXPECT_EQ(look(device)->state, State::connected);
}

TEST_F(DeviceSignIn, ARefusalIsToldAuditedAndEndsTheAsking) {
    const auto device = start();
    world.provider.decide_device(Decision::decline);
    poll();

    const auto progress = look(device);
    EXPECT_EQ(progress->state, State::failed);
    EXPECT_EQ(progress->problem->code, Errc::consent_refused);
    EXPECT_EQ(now().state, core::ConnectionState::draft);
    EXPECT_EQ(now().state_slug, error_row(Errc::consent_refused).slug);
    ASSERT_EQ(refusals().size(), 1U);
    EXPECT_EQ(refusals().front().action, "connection.connect");
    const auto asked = polls();
    poll();
    EXPECT_EQ(polls(), asked);
}

TEST_F(DeviceSignIn, ACodeThatExpiresIsNotAskedAboutAnyMore) {
    const auto device = start();
    poll(900s);

    EXPECT_EQ(polls(), 0U);
    EXPECT_EQ(look(device).error().code, Errc::gone);
    EXPECT_EQ(devices->waiting(), 0U);
}

TEST_F(DeviceSignIn, ARestartGoesOnAskingWithTheSameCode) {
    const auto device = start();
    restart();
    EXPECT_EQ(devices->waiting(), 1U);
    world.provider.decide_device(Decision::approve);
    poll();

    EXPECT_EQ(look(device)->state, State::connected);
    restart();
    EXPECT_EQ(devices->waiting(), 0U) << "it was used up";
}

TEST_F(DeviceSignIn, ATokenThatCouldNotBeStoredConnectsNothing) {
    const auto device = start();
    world.provider.decide_device(Decision::approve);
    world.store.fail_next_commits(10);
    poll();

    EXPECT_EQ(look(device)->state, State::failed);
    world.store.revive();
    EXPECT_EQ(now().state, core::ConnectionState::draft);
}

TEST_F(DeviceSignIn, AnotherAccountThanThePinnedOneIsRefused) {
    start();
    world.provider.decide_device(Decision::approve, {"oid-1", "tenant-1", "hanako@acme.example"});
    poll();
    ASSERT_EQ(now().state, core::ConnectionState::active);
    const auto again = start();
    world.provider.decide_device(Decision::approve, {"oid-2", "tenant-1", "taro@acme.example"});
    poll();

    EXPECT_EQ(look(again)->state, State::failed);
    EXPECT_EQ(look(again)->problem->code, Errc::denied);
    EXPECT_EQ(now().state, core::ConnectionState::active) << "what worked goes on working";
}

TEST_F(DeviceSignIn, RefusesConnectionsOfAnotherMode) {
    world.set_mode(core::ConnectionMode::authorization_code);
    EXPECT_EQ(run_task(devices->start(by(), now(), "req")).error().code, Errc::invalid_field);
    EXPECT_TRUE(world.provider.requests().empty());
}

TEST_F(DeviceSignIn, AServerWithoutTheEndpointIsNamedAndNothingIsStored) {
    world.catalog.tenanted.clouds.front().device_authorization_endpoint.clear();
    EXPECT_EQ(run_task(devices->start(by(), now(), "req")).error().code, Errc::conflict);
    EXPECT_EQ(devices->waiting(), 0U);
}

TEST_F(DeviceSignIn, ALinkIsUsedUpByTheCode) {
    const auto link = TokenWorld::must(flow->create_link(by(), now()));
    const auto code = link.url.substr(link.url.rfind('/') + 1);
    ASSERT_TRUE(run_task(devices->start_from_link(Secret(code), "req")));

    EXPECT_EQ(run_task(devices->start_from_link(Secret(code), "req")).error().code, Errc::gone);
    EXPECT_EQ(devices->waiting(), 1U);
}

TEST_F(DeviceSignIn, ALinkOfADeviceConnectionStartsNoRedirect) {
    const auto link = TokenWorld::must(flow->create_link(by(), now()));

    EXPECT_EQ(run_task(flow->start(Secret(link.url.substr(link.url.rfind('/') + 1)), "req")).error().code, Errc::conflict);
}

TEST_F(DeviceSignIn, ATicketThatIsNoneFindsNothing) {
    start();
    EXPECT_EQ(run_task(devices->look(Secret("guess"))).error().code, Errc::not_found);
}

TEST_F(DeviceSignIn, NeitherCodeStandsOpenInTheStore) {
    start();
    const auto rows = TokenWorld::must(world.store.live_one_times("device", world.clock.now(), 10));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_FALSE(rows.front().row.data.contains("WDJB"));
    EXPECT_FALSE(rows.front().row.data.contains("dc-"));
}

}  // namespace
}  // namespace renkei::testing
