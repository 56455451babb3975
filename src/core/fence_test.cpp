#include "core/fence.hpp"

#include "core/identity.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace renkei::core {
namespace {

using namespace std::chrono_literals;

const auto now = from_millis(1'790'000'000'000);
constexpr auto invoices_id = "11111111-1111-1111-1111-111111111111";
constexpr auto stranger_id = "22222222-2222-2222-2222-222222222222";

Fence a_fence() {
    Fence fence;
    fence.mailboxes = {"invoices@contoso.com"};
    fence.calendars = {"rooms@contoso.com"};
    fence.groups = {"sales@contoso.com"};
    return fence;
}

FenceHit a_hit(FenceKind kind, std::string written, FenceState state = FenceState::resolved) {
    return {{kind, std::move(written)}, state, FenceTrouble::none, invoices_id, {"billing@contoso.com", invoices_id, "invoices@contoso.com"}, now, now};
}

FenceAnswer ask(std::string_view who, TouchedAs as, const std::vector<FenceHit>& hits, const Fence& fence = a_fence()) {
    return judge(fence, Touched(who, as, &hits), now);
}

TEST(Fence, B05_AnAddressIsAllowedAsTheObjectThatTheDirectoryKnows) {
    const std::vector hits{a_hit(FenceKind::mailbox, "invoices@contoso.com")};

    const auto answer = ask("billing@contoso.com", TouchedAs::mailbox, hits);

    EXPECT_TRUE(answer.inside);
    EXPECT_EQ(answer.directory_id, invoices_id);
}

TEST(Fence, B05_WhoIsUnknownToTheListIsOutsideHoweverTheyAreTouched) {
    for (std::size_t as = 0; as < static_cast<std::size_t>(TouchedAs::count_); ++as) {
        const auto answer = ask("ceo@contoso.com", static_cast<TouchedAs>(as), {});
        EXPECT_FALSE(answer.inside);
        EXPECT_EQ(answer.code, Errc::outside_fence);
        EXPECT_FALSE(answer.pending);
        EXPECT_FALSE(ask(stranger_id, static_cast<TouchedAs>(as), {}).inside);
    }
}

TEST(Fence, B05_EachWayToTouchIsOpenedByItsOwnKindOfEntry) {
    struct Row {
        FenceKind kind;
        std::vector<TouchedAs> opens;
    };
    const Row rows[] = {{FenceKind::mailbox, {TouchedAs::mailbox, TouchedAs::from, TouchedAs::act_as}},
                        {FenceKind::calendar, {TouchedAs::calendar, TouchedAs::free_busy}},
                        {FenceKind::group, {TouchedAs::mailbox, TouchedAs::from, TouchedAs::act_as, TouchedAs::calendar, TouchedAs::free_busy}}};
    for (const auto& row : rows) {
        Fence fence;
        fence.add({row.kind, "invoices@contoso.com"});
        for (std::size_t i = 0; i < static_cast<std::size_t>(TouchedAs::count_); ++i) {
            const auto as = static_cast<TouchedAs>(i);
            const bool opened = std::ranges::find(row.opens, as) != row.opens.end();
            EXPECT_EQ(ask("invoices@contoso.com", as, {a_hit(row.kind, "invoices@contoso.com")}, fence).inside, opened) << text_of(row.kind) << " " << i;
        }
    }
}

TEST(Fence, B05_AnAddressThatMovedIsRefusedByName) {
    const auto answer = ask("invoices@contoso.com", TouchedAs::mailbox, {a_hit(FenceKind::mailbox, "invoices@contoso.com", FenceState::changed)});
    EXPECT_FALSE(answer.inside);
    EXPECT_EQ(answer.code, Errc::fence_moved);
}

// The new owner may be allowed for another reason: whoever wrote the address meant the old one.
TEST(Fence, B05_AnAddressThatMovedToAMemberOfAnAllowedGroupIsRefusedAllTheSame) {
    const std::vector hits{a_hit(FenceKind::group, "sales@contoso.com"), a_hit(FenceKind::mailbox, "invoices@contoso.com", FenceState::changed)};
    EXPECT_EQ(ask("invoices@contoso.com", TouchedAs::mailbox, hits).code, Errc::fence_moved);
    EXPECT_TRUE(ask("billing@contoso.com", TouchedAs::mailbox, hits).inside);
}

TEST(Fence, B05_AMailboxThatIsGoneIsOutside) {
    const auto answer = ask("invoices@contoso.com", TouchedAs::mailbox, {a_hit(FenceKind::mailbox, "invoices@contoso.com", FenceState::missing)});
    EXPECT_FALSE(answer.inside);
    EXPECT_EQ(answer.code, Errc::outside_fence);
}

TEST(Fence, B05_WithoutTheRightToReadTheDirectoryOnlyTheSpellingCounts) {
    auto hit = a_hit(FenceKind::mailbox, "invoices@contoso.com", FenceState::unresolved);
    hit.trouble = FenceTrouble::no_right;
    EXPECT_TRUE(ask("invoices@contoso.com", TouchedAs::mailbox, {hit}).inside);
    EXPECT_FALSE(ask("billing@contoso.com", TouchedAs::mailbox, {hit}).inside);
    hit.entry = {FenceKind::group, "sales@contoso.com"};
    EXPECT_FALSE(ask("sales@contoso.com", TouchedAs::mailbox, {hit}).inside) << "a group is its members, who are not known";
}

TEST(Fence, B05_ADirectoryThatCouldNotBeAskedLetsNothingThrough) {
    auto hit = a_hit(FenceKind::mailbox, "invoices@contoso.com", FenceState::unresolved);
    hit.trouble = FenceTrouble::unreachable;
    const auto answer = ask("invoices@contoso.com", TouchedAs::mailbox, {hit});
    EXPECT_FALSE(answer.inside);
    EXPECT_EQ(answer.code, Errc::fence_unknown);
}

TEST(Fence, B05_AnEntryThatWasNeverLookedUpWaitsForTheDirectory) {
    EXPECT_TRUE(ask("invoices@contoso.com", TouchedAs::mailbox, {}).pending);
    EXPECT_FALSE(ask("invoices@contoso.com", TouchedAs::mailbox, {}).inside);
    EXPECT_FALSE(ask("rooms@contoso.com", TouchedAs::mailbox, {}).pending) << "a calendar's entry says nothing about mail";
}

TEST(Fence, B05_WhatWasTakenOffTheListCountsNoMore) {
    Fence fence;
    fence.mailboxes = {"other@contoso.com"};
    EXPECT_FALSE(ask("invoices@contoso.com", TouchedAs::mailbox, {a_hit(FenceKind::mailbox, "invoices@contoso.com")}, fence).inside);
}

TEST(Fence, B05_MembersOfAGroupCountForThreeDaysAfterTheyWereRead) {
    auto hit = a_hit(FenceKind::group, "sales@contoso.com");
    hit.resolved_at = now - group_valid_for;
    EXPECT_TRUE(ask("billing@contoso.com", TouchedAs::mailbox, {hit}).inside);
    hit.resolved_at -= 1ms;
    EXPECT_EQ(ask("billing@contoso.com", TouchedAs::mailbox, {hit}).code, Errc::fence_unknown);
}

TEST(Fence, B05_WithoutADirectoryTheSpellingDecides) {
    EXPECT_TRUE(judge(a_fence(), Touched("invoices@contoso.com"), now).inside);
    EXPECT_FALSE(judge(a_fence(), Touched(invoices_id), now).inside);
    EXPECT_FALSE(judge(a_fence(), Touched("rooms@contoso.com"), now).inside);
    EXPECT_TRUE(judge(a_fence(), Touched("rooms@contoso.com", TouchedAs::calendar, nullptr), now).inside);
}

TEST(Fence, B05_EntriesAreReadAndWrittenWithTheirKind) {
    for (const auto* text : {"a@contoso.com", "calendar:a@contoso.com", "group:sales@contoso.com", "group:11111111-1111-1111-1111-111111111111"}) {
        const auto entry = parse_fence_entry(text);
        ASSERT_TRUE(entry) << text;
        EXPECT_EQ(text_of(*entry), text);
        EXPECT_EQ(split_fence_entry(text), *entry);
    }
    EXPECT_EQ(parse_fence_entry(" A@Contoso.COM ")->written, "a@contoso.com");
    EXPECT_EQ(parse_fence_entry("ABCDEF00-1111-1111-1111-111111111111")->written, "abcdef00-1111-1111-1111-111111111111");
    for (const auto* text : {"", "group:", "calendar:nobody", "room:a@contoso.com x", "11111111-1111-1111-1111-11111111111", "*"})
        EXPECT_FALSE(parse_fence_entry(text)) << text;
}

TEST(Fence, EveryActionSaysWhatItTouches) {
    std::size_t reaching = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Action::count_); ++i) reaching += touched_by(static_cast<Action>(i)).empty() ? 0 : 1;
    EXPECT_EQ(reaching, 4U);
    EXPECT_EQ(touched_by(Action::mail_send), (std::vector{TouchedAs::mailbox, TouchedAs::from}));
}

}  // namespace
}  // namespace renkei::core
