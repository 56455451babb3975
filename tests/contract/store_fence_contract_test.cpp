#include "tests/contract/store_world.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace renkei::testing {
namespace {

using namespace std::chrono_literals;
using core::FenceKind;
using core::FenceState;

constexpr auto invoices_id = "11111111-1111-1111-1111-111111111111";
constexpr auto hanako_id = "22222222-2222-2222-2222-222222222222";
constexpr auto taro_id = "33333333-3333-3333-3333-333333333333";

template <class World>
class StoreFence : public StoreContract<World> {
protected:
    void SetUp() override { this->given(a_home_with_a_connection()); }
    const core::ConnectionId connection_ = a_connection().id;

    app::FenceLookup look_up(std::string who, core::WorkspaceId workspace = home) {
        return *run_task(this->store().find_in_fence(workspace, connection_, std::move(who)));
    }
};
TYPED_TEST_SUITE(StoreFence, StoreWorlds, StoreWorldNames);

core::FenceRow a_row(FenceKind kind, std::string written) {
    core::FenceRow row;
    row.workspace = home;
    row.connection = a_connection().id;
    row.entry = {kind, std::move(written)};
    return row;
}

core::FenceRow a_mailbox() {
    auto row = a_row(FenceKind::mailbox, "invoice@acme.example");
    row.state = FenceState::resolved;
    row.directory_id = invoices_id;
    row.address = "invoice@acme.example";
    row.names = {{invoices_id, invoices_id}, {"billing@acme.example", invoices_id}, {"invoice@acme.example", invoices_id}};
    row.checked_at = at_start() + 1h;
    row.resolved_at = at_start();
    return row;
}

core::FenceRow a_group_row() {
    auto row = a_row(FenceKind::group, "sales@acme.example");
    row.state = FenceState::resolved;
    row.directory_id = "44444444-4444-4444-4444-444444444444";
    row.names = {{hanako_id, hanako_id}, {"hanako@acme.example", hanako_id}, {taro_id, taro_id}, {"taro@acme.example", taro_id}};
    row.members = 2;
    row.checked_at = row.resolved_at = at_start();
    return row;
}

std::string show_row(const core::FenceRow& row) {
    std::vector<std::string> names;
    for (const auto& name : row.names) names.push_back(name.name + "=" + name.directory_id);
    return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {}", row.workspace.text(), row.connection.text(), core::text_of(row.entry), core::text_of(row.state),
                       core::text_of(row.trouble), row.directory_id, row.found_id, row.address, names, row.members, to_millis(row.checked_at),
                       to_millis(row.resolved_at));
}

TYPED_TEST(StoreFence, B05_AnEntryIsFoundByEveryNameOfItsObject) {
    this->given({app::PutFenceEntry{a_mailbox(), ""}, app::PutFenceEntry{a_group_row(), ""}});

    for (const auto* who : {"billing@acme.example", "invoice@acme.example", invoices_id}) {
        const auto found = this->look_up(who);
        ASSERT_EQ(found.hits.size(), 1U) << who;
        EXPECT_EQ(found.hits[0].entry, a_mailbox().entry);
        EXPECT_EQ(found.hits[0].state, FenceState::resolved);
        EXPECT_EQ(found.hits[0].directory_id, invoices_id);
        EXPECT_EQ(found.hits[0].names, (std::vector<std::string>{invoices_id, "billing@acme.example", "invoice@acme.example"}));
        EXPECT_EQ(found.hits[0].checked_at, at_start() + 1h);
        EXPECT_EQ(found.hits[0].resolved_at, at_start());
    }
    const auto member = this->look_up("taro@acme.example");
    ASSERT_EQ(member.hits.size(), 1U);
    EXPECT_EQ(member.hits[0].directory_id, taro_id);
    EXPECT_EQ(member.hits[0].names, (std::vector<std::string>{taro_id, "taro@acme.example"}));
    EXPECT_TRUE(this->look_up("sales@acme.example").hits.empty());
    EXPECT_TRUE(this->look_up("nobody@acme.example").hits.empty());
}

TYPED_TEST(StoreFence, B05_RowsComeBackWholeExceptTheNamesOfMembers) {
    auto moved = a_mailbox();
    moved.entry = {FenceKind::calendar, "invoice@acme.example"};
    moved.state = FenceState::changed;
    moved.trouble = core::FenceTrouble::unreachable;
    moved.found_id = taro_id;
    this->given({app::PutFenceEntry{a_mailbox(), ""}, app::PutFenceEntry{a_group_row(), ""}, app::PutFenceEntry{moved, ""}});
    auto group = a_group_row();
    group.names.clear();

    const auto rows = *run_task(this->store().fence_rows(home, this->connection_));

    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(show_row(rows[0]), show_row(moved));
    EXPECT_EQ(show_row(rows[1]), show_row(group));
    EXPECT_EQ(show_row(rows[2]), show_row(a_mailbox()));
}

TYPED_TEST(StoreFence, B05_AnEntryIsReplacedOnlyByWhoKnowsItsId) {
    this->given({app::PutFenceEntry{a_mailbox(), ""}});
    auto renamed = a_mailbox();
    renamed.directory_id = taro_id;
    renamed.names = {{"invoice@acme.example", taro_id}};

    EXPECT_EQ(code_of(this->commit({app::PutFenceEntry{renamed, ""}})), Errc::conflict);
    EXPECT_EQ(code_of(this->commit({app::PutFenceEntry{renamed, hanako_id}})), Errc::conflict);
    EXPECT_EQ(this->look_up("billing@acme.example").hits.size(), 1U);
    EXPECT_EQ(code_of(this->commit({app::PutFenceEntry{renamed, invoices_id}})), fine);

    EXPECT_TRUE(this->look_up("billing@acme.example").hits.empty());
    EXPECT_EQ(this->look_up("invoice@acme.example").hits.at(0).directory_id, taro_id);
}

TYPED_TEST(StoreFence, B05_ARowMayBeReplacedWithoutItsNames) {
    this->given({app::PutFenceEntry{a_group_row(), ""}});
    auto unreachable = a_group_row();
    unreachable.trouble = core::FenceTrouble::unreachable;
    unreachable.names.clear();

    this->given({app::PutFenceEntry{unreachable, a_group_row().directory_id, true}});

    ASSERT_EQ(this->look_up("taro@acme.example").hits.size(), 1U);
    EXPECT_EQ(this->look_up("taro@acme.example").hits[0].trouble, core::FenceTrouble::unreachable);
    this->given({app::PutFenceEntry{unreachable, a_group_row().directory_id}});
    EXPECT_TRUE(this->look_up("taro@acme.example").hits.empty());
}

TYPED_TEST(StoreFence, B05_ADroppedEntryAndItsNamesAreGone) {
    this->given({app::PutFenceEntry{a_mailbox(), ""}, app::PutFenceEntry{a_group_row(), ""}});

    this->given(
        {app::DropFenceEntry{home, this->connection_, a_mailbox().entry}, app::DropFenceEntry{home, this->connection_, {FenceKind::mailbox, "x@y.example"}}});

    EXPECT_TRUE(this->look_up("billing@acme.example").hits.empty());
    EXPECT_EQ(this->look_up("taro@acme.example").hits.size(), 1U);
}

TYPED_TEST(StoreFence, B05_ACheckIsNotedOnceAndOnlyOnTopOfTheOneThatWasSeen) {
    const auto first = at_start(), second = at_start() + 24h;
    EXPECT_FALSE(*run_task(this->store().fence_check(home, this->connection_)));

    EXPECT_EQ(code_of(this->commit({app::PutFenceCheck{home, this->connection_, first, second, second}})), Errc::conflict) << "there was none before";
    EXPECT_EQ(code_of(this->commit({app::PutFenceCheck{home, this->connection_, std::nullopt, first, second}})), fine);
    EXPECT_EQ(code_of(this->commit({app::PutFenceCheck{home, this->connection_, std::nullopt, second, second}})), Errc::conflict);

    const auto check = this->look_up("nobody@acme.example").check;
    ASSERT_TRUE(check);
    EXPECT_EQ(check->checked_at, first);
    EXPECT_EQ(check->due_at, second);
    EXPECT_EQ(code_of(this->commit({app::PutFenceCheck{home, this->connection_, first, second, second + 24h}})), fine);
    EXPECT_EQ((*run_task(this->store().fence_check(home, this->connection_)))->checked_at, second);
}

TYPED_TEST(StoreFence, B05_AnAddedEntryMakesTheCheckDueWithoutForgettingTheLastOne) {
    this->given({app::DueFence{home, this->connection_, at_start()}});
    EXPECT_EQ((*run_task(this->store().fence_check(home, this->connection_)))->checked_at, std::nullopt);
    this->given({app::PutFenceCheck{home, this->connection_, std::nullopt, at_start(), at_start() + 24h}});
    this->given({app::DueFence{home, this->connection_, at_start() + 1h}});

    const auto check = *run_task(this->store().fence_check(home, this->connection_));

    EXPECT_EQ(check->checked_at, at_start());
    EXPECT_EQ(check->due_at, at_start() + 1h);
}

TYPED_TEST(StoreFence, B05_DueAreConnectionsThatWorkAndHaveAList) {
    auto paused = a_connection("paused"), open = a_connection("open"), empty = a_connection("empty"), later = a_connection("later");
    paused.state = core::ConnectionState::paused;
    open.fence = {true};
    empty.fence = {};
    this->given({app::InsertConnection{paused}, app::InsertConnection{open}, app::InsertConnection{empty}, app::InsertConnection{later}});
    this->given({app::DueFence{home, later.id, at_start() + 1h}, app::DueFence{home, paused.id, at_start() - 1h}});
    const auto due = [&](TimePoint now, std::uint32_t limit = 10) {
        std::vector<core::ConnectionId> ids;
        for (const auto& one : *run_task(this->store().fences_due(now, limit))) ids.push_back(one.connection);
        return ids;
    };

    EXPECT_EQ(due(at_start()), (std::vector{a_connection().id}));
    EXPECT_EQ(due(at_start() + 1h), (std::vector{a_connection().id, later.id}));
    EXPECT_EQ(due(at_start() + 1h, 1), (std::vector{a_connection().id})) << "longest due first";
}

TYPED_TEST(StoreFence, B05_NothingIsWrittenWithoutTheConnectionOrForAnotherWorkspacesOne) {
    auto foreign = a_mailbox();
    foreign.workspace = elsewhere;
    this->given({app::PutWorkspace{a_workspace(elsewhere, "other")}}, elsewhere);

    EXPECT_EQ(code_of(this->commit({app::PutFenceEntry{foreign, ""}}, elsewhere)), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::DueFence{elsewhere, this->connection_, at_start()}}, elsewhere)), Errc::not_found);
    EXPECT_EQ(code_of(this->commit({app::PutFenceCheck{elsewhere, this->connection_, std::nullopt, at_start(), at_start()}}, elsewhere)), Errc::not_found);
    this->given({app::PutFenceEntry{a_mailbox(), ""}});
    EXPECT_TRUE(this->look_up("billing@acme.example", elsewhere).hits.empty());
    this->given({app::DropFenceEntry{elsewhere, this->connection_, a_mailbox().entry}}, elsewhere);
    EXPECT_EQ(this->look_up("billing@acme.example").hits.size(), 1U);
}

TYPED_TEST(StoreFence, B05_ItGoesWithTheConnection) {
    this->given({app::PutFenceEntry{a_mailbox(), ""}, app::DueFence{home, this->connection_, at_start()}});

    this->given({app::DeleteConnection{home, this->connection_}});

    EXPECT_TRUE(this->look_up("billing@acme.example").hits.empty());
    EXPECT_FALSE(*run_task(this->store().fence_check(home, this->connection_)));
    EXPECT_TRUE(run_task(this->store().fence_rows(home, this->connection_))->empty());
}

TYPED_TEST(StoreFence, B05_AConnectionsListKeepsItsKinds) {
    auto connection = a_connection("kinds");
    connection.fence.mailboxes = {"a@acme.example", "b@acme.example"};
    connection.fence.calendars = {"a@acme.example"};
    connection.fence.groups = {"sales@acme.example"};
    this->given({app::InsertConnection{connection}});

    EXPECT_EQ(run_task(this->store().find_connection(home, connection.name))->fence, connection.fence);
}

}  // namespace
}  // namespace renkei::testing
