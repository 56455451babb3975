// Every action that Renkei has, with every way to name somebody outside the fence: refused, with no call at the provider (B-05).
// Built from the table of actions: one that touches somebody and has no deed here fails.
#include "base/encoding.hpp"
#include "tests/support/fence_world.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;
using core::Action;
using core::TouchedAs;

/// One way to do an action on somebody; `as` says what they are in it.
struct Deed {
    std::string name;
    TouchedAs as;
    std::function<Result<void>(FenceWorld&, std::string)> attempt;
};

template <class T>
Result<void> outcome(const Result<T>& result) {
    if (!result) return std::unexpected(result.error());
    return {};
}

core::OutgoingEmail a_message(std::optional<core::MailAddress> from = {}) {
    core::OutgoingEmail email;
    email.to = {{"", "hanako@acme.example"}};
    email.from = std::move(from);
    return email;
}

app::MailPlace place(std::string who) { return {a_name("invoice-mail"), std::move(who)}; }

// No default: a new action says here how it is done, or does not compile.
std::vector<Deed> deeds_of(Action action) {
    switch (action) {
        case Action::mail_read:
            return {
                {"folders", TouchedAs::mailbox, [](FenceWorld& w, std::string who) { return outcome(run_task(w.mail.list_folders(w.by(), place(who)))); }},
                {"list", TouchedAs::mailbox, [](FenceWorld& w, std::string who) { return outcome(run_task(w.mail.list_messages(w.by(), place(who), {}))); }},
                {"get", TouchedAs::mailbox, [](FenceWorld& w, std::string who) { return outcome(run_task(w.mail.get_message(w.by(), place(who), "A"))); }},
                {"mime", TouchedAs::mailbox, [](FenceWorld& w, std::string who) { return outcome(run_task(w.mail.get_mime(w.by(), place(who), "A"))); }},
                {"attachment", TouchedAs::mailbox,
                 [](FenceWorld& w, std::string who) { return outcome(run_task(w.mail.get_attachment(w.by(), place(who), "A", "B"))); }},
                {"the connection's own", TouchedAs::mailbox, [](FenceWorld& w, std::string who) {
                     w.base.change([&](core::Connection& c) { c.mailbox = who; });
                     return outcome(run_task(w.mail.list_folders(w.by(), place({}))));
                 }}};
        case Action::mail_send:
            return {{"mailbox", TouchedAs::mailbox,
                     [](FenceWorld& w, std::string who) { return outcome(run_task(w.mail.send_message(w.by(), place(who), a_message()))); }},
                    {"from", TouchedAs::from, [](FenceWorld& w, std::string who) {
                         return outcome(run_task(w.mail.send_message(w.by(), place({}), a_message(core::MailAddress{"", who}))));
                     }}};
        case Action::native:
            return {{"mailbox", TouchedAs::mailbox,
                     [](FenceWorld& w, std::string who) {
                         return outcome(run_task(w.native.call(w.by(), place(who), {Method::get, "/users/" + std::string(trim(who))})));
                     }},
                    {"path", TouchedAs::mailbox, [](FenceWorld& w, std::string who) {
                         return outcome(run_task(w.native.call(w.by(), place({}), {Method::get, "/users/" + std::string(trim(who)) + "/messages"})));
                     }}};
        case Action::tokens_read:
            return {{"access", TouchedAs::mailbox,
                     [action](FenceWorld& w, std::string who) { return outcome(w.ask(std::move(who), TouchedAs::mailbox, action)); }}};
        case Action::connections_read:
        case Action::connections_write:
        case Action::registrations_read:
        case Action::registrations_write:
        case Action::keys_read:
        case Action::keys_write:
        case Action::operations_read:
        case Action::operations_write:
        case Action::audit_read:
        case Action::people_read:
        case Action::people_write:
        case Action::vault_read:
        case Action::vault_rotate:
        case Action::values_read:
        case Action::values_write:
        case Action::sessions_read:
        case Action::sessions_write:
        case Action::count_: break;
    }
    return {};
}

struct Outsider {
    std::string name;
    std::string who;
};
const std::vector<Outsider>& outsiders() {
    static const std::vector<Outsider> all{{"a stranger's address", "ceo@acme.example"},
                                           {"in another spelling", " CEO@Acme.Example "},
                                           {"a stranger's alias", "boss@acme.example"},
                                           {"a stranger's directory id", FenceWorld::ceo_id},
                                           {"an address that moved", "moved@acme.example"},
                                           {"the new owner's address", "new@acme.example"},
                                           {"the new owner's directory id", FenceWorld::new_owner_id},
                                           {"somebody who left the group", "hanako@acme.example"},
                                           {"their alias", "h@acme.example"},
                                           {"their directory id", FenceWorld::hanako_id},
                                           {"the group itself", "sales@acme.example"},
                                           {"the group's directory id", FenceWorld::sales_id},
                                           {"somebody whose calendar alone is open", "rooms@acme.example"},
                                           {"nobody whom the directory knows", "nobody@acme.example"}};
    return all;
}

/// An address has moved, and somebody has left the group, since the list was looked at first.
void let_a_day_pass(FenceWorld& world) {
    world.base.change([](core::Connection& c) { c.fence.calendars = {"rooms@acme.example"}; });
    world.directory.people["77777777-7777-7777-7777-777777777777"] = {"rooms@acme.example"};
    world.look();
    world.directory.move("moved@acme.example", FenceWorld::new_owner_id);
    world.directory.groups["sales@acme.example"].members = {};
    world.base.clock.advance(24h);
    world.look();
}

bool is_refusal(Errc code) { return code == Errc::outside_fence || code == Errc::fence_moved; }

TEST(FenceActions, B05_EveryActionOnWhoeverIsOutsideIsRefusedWithoutACallAtTheProvider) {
    int tried = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Action::count_); ++i) {
        const auto action = static_cast<Action>(i);
        for (const auto& deed : deeds_of(action))
            for (const auto& outsider : outsiders()) {
                // A header and an address in a body are told apart by their readers: an id is no address.
                if (deed.as == TouchedAs::from && outsider.who.find('@') == std::string::npos) continue;
                SCOPED_TRACE(std::string(core::text_of(action)) + ", " + deed.name + ", " + outsider.name);
                FenceWorld world;
                let_a_day_pass(world);
                const auto asked = world.directory.asked, tokens = world.base.tokens.asked;

                const auto done = deed.attempt(world, outsider.who);

                ASSERT_FALSE(done);
                EXPECT_TRUE(is_refusal(done.error().code)) << error_row(done.error().code).slug << ": " << done.error().detail;
                EXPECT_EQ(world.base.http.seen.size(), 0U);
                EXPECT_EQ(world.directory.asked, asked);
                EXPECT_EQ(world.base.tokens.asked, tokens);
                ++tried;
            }
    }
    EXPECT_GT(tried, 100);
}

TEST(FenceActions, B05_EveryActionThatTouchesSomebodyHasADeedForEachWay) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(Action::count_); ++i) {
        const auto action = static_cast<Action>(i);
        const auto deeds = deeds_of(action);
        for (const auto as : core::touched_by(action))
            EXPECT_TRUE(std::ranges::any_of(deeds, [&](const Deed& deed) { return deed.as == as; })) << core::text_of(action) << " " << static_cast<int>(as);
        if (core::touched_by(action).empty()) {
            EXPECT_TRUE(deeds.empty()) << core::text_of(action);
        }
    }
}

// The same deeds on whom the fence allows: the refusals above are the fence's, and nothing else's.
TEST(FenceActions, B05_TheSameActionsReachTheProviderForWhoIsInside) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(Action::count_); ++i)
        for (const auto& deed : deeds_of(static_cast<Action>(i)))
            for (const auto* who : {"invoice@acme.example", "billing@acme.example"}) {
                FenceWorld world;
                let_a_day_pass(world);

                const auto done = deed.attempt(world, who);

                EXPECT_TRUE(done || !is_refusal(done.error().code)) << deed.name << ", " << who << ": " << done.error().detail;
            }
}

TEST(FenceActions, B05_EachWayToTouchSomebodyOutsideIsRefused) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(TouchedAs::count_); ++i)
        for (const auto& outsider : outsiders()) {
            if (outsider.who == "rooms@acme.example") continue;
            FenceWorld world;
            let_a_day_pass(world);

            const auto done = world.ask(outsider.who, static_cast<TouchedAs>(i));

            ASSERT_FALSE(done) << i << ", " << outsider.name;
            EXPECT_TRUE(is_refusal(done.error().code)) << i << ", " << outsider.name << ": " << done.error().detail;
        }
}

TEST(FenceActions, B05_ANativeCallGoesToWhomTheFenceMeansToo) {
    FenceWorld world;
    world.look();
    world.directory.move("invoice@acme.example", FenceWorld::ceo_id);
    world.base.http.answers(200, "{}");

    EXPECT_TRUE(run_task(world.native.call(world.by(), place({}), {Method::get, "/users/invoice@acme.example/messages"})));

    ASSERT_EQ(world.base.http.seen.size(), 1U);
    EXPECT_NE(world.base.http.seen[0].url.find(std::string("/users/") + FenceWorld::invoices_id + "/messages"), std::string::npos)
        << world.base.http.seen[0].url;
}

TEST(FenceActions, B05_ACallGoesToTheMailboxThatIsMeantWhoeverHasTheAddressNow) {
    FenceWorld world;
    world.look();
    world.directory.move("invoice@acme.example", FenceWorld::ceo_id);
    world.base.http.answers(200, R"({"value":[]})");

    EXPECT_TRUE(run_task(world.mail.list_messages(world.by(), place("invoice@acme.example"), {})));

    ASSERT_EQ(world.base.http.seen.size(), 1U);
    EXPECT_NE(world.base.http.seen[0].url.find(std::string("/users/") + FenceWorld::invoices_id + "/"), std::string::npos) << world.base.http.seen[0].url;
}

}  // namespace
}  // namespace renkei::testing
