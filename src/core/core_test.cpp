#include "core/audit.hpp"
#include "core/policy.hpp"

#include <gtest/gtest.h>

namespace renkei::core {
namespace {

const auto now = from_millis(1'790'000'000'000);

template <class IdType>
IdType an_id(std::uint8_t seed) {
    IdBytes bytes{};
    bytes.fill(seed);
    return IdType(bytes);
}

Connection a_connection() {
    Connection connection;
    connection.workspace = an_id<WorkspaceId>(1);
    connection.id = an_id<ConnectionId>(2);
    connection.name = *Name::parse("invoice-mail");
    connection.connector = "microsoft";
    connection.folder = an_id<FolderId>(3);
    connection.fence.mailboxes = {"invoices@contoso.com"};
    return connection;
}

Principal a_caller(std::vector<Action> actions) {
    Principal caller;
    caller.workspace = an_id<WorkspaceId>(1);
    caller.rights = {Right{std::move(actions), {}, {}, {}, {}, {}}};
    return caller;
}

TEST(Policy, B07_AllowsWhatRightFolderAndFenceAllow) {
    EXPECT_TRUE(decide(a_caller({Action::mail_read}), Action::mail_read, a_connection(), FolderRight::use, {}, "invoices@contoso.com", now).allowed);
}

TEST(Policy, B05_RefusesAMailboxOutsideTheFence) {
    const auto decision = decide(a_caller({Action::mail_read}), Action::mail_read, a_connection(), FolderRight::use, {}, "ceo@contoso.com", now);
    EXPECT_FALSE(decision.allowed);
    EXPECT_EQ(decision.code, Errc::outside_fence);
}

TEST(Policy, B05_AnEmptyFenceRefusesAll) {
    auto connection = a_connection();
    connection.fence = {};
    EXPECT_FALSE(decide(a_caller({Action::mail_read}), Action::mail_read, connection, FolderRight::use, {}, "invoices@contoso.com", now).allowed);
}

TEST(Policy, HidesConnectionsOfOtherWorkspacesAndUnseenFolders) {
    auto caller = a_caller({Action::mail_read});
    EXPECT_FALSE(decide(caller, Action::mail_read, a_connection(), std::nullopt, {}, {}, now).visible);
    caller.workspace = an_id<WorkspaceId>(9);
    EXPECT_FALSE(decide(caller, Action::mail_read, a_connection(), FolderRight::edit, {}, {}, now).visible);
}

TEST(Policy, U82_AFolderThatOnlyShowsDoesNotLetUse) {
    EXPECT_FALSE(decide(a_caller({Action::mail_read}), Action::mail_read, a_connection(), FolderRight::see, {}, {}, now).allowed);
    EXPECT_FALSE(decide(a_caller({Action::connections_write}), Action::connections_write, a_connection(), FolderRight::use, {}, {}, now).allowed);
}

TEST(Policy, B09_ReadingMailNeverImpliesReadingTokens) {
    const auto caller = a_caller({Action::mail_read, Action::mail_send, Action::connections_write});
    EXPECT_FALSE(decide(caller, Action::tokens_read, a_connection(), FolderRight::edit, {}, {}, now).allowed);
    EXPECT_FALSE(decide(caller, Action::native, a_connection(), FolderRight::edit, {}, {}, now).allowed);
}

TEST(Policy, ARightLimitedToOtherThingsDoesNotCover) {
    auto caller = a_caller({Action::mail_read});
    const auto refused = [&] { return !decide(caller, Action::mail_read, a_connection(), FolderRight::use, {}, "invoices@contoso.com", now).allowed; };
    caller.rights[0].connectors = {"google"};
    EXPECT_TRUE(refused());
    caller = a_caller({Action::mail_read});
    caller.rights[0].folders = {an_id<FolderId>(8)};
    EXPECT_TRUE(refused());
    caller = a_caller({Action::mail_read});
    caller.rights[0].connections = {"other"};
    EXPECT_TRUE(refused());
    caller = a_caller({Action::mail_read});
    caller.rights[0].mailboxes = {"other@contoso.com"};
    EXPECT_TRUE(refused());
    caller = a_caller({Action::mail_read});
    caller.rights[0].groups = {an_id<GroupId>(7)};
    EXPECT_TRUE(refused());
}

TEST(Policy, AnExpiredCallerMayNothing) {
    auto caller = a_caller({Action::mail_read});
    caller.expires_at = now;
    EXPECT_FALSE(decide(caller, Action::mail_read, now).allowed);
}

TEST(Name, RefusesWhatCannotStandInAHeaderOrPath) {
    EXPECT_TRUE(Name::parse("invoice-mail.2"));
    for (const auto* bad : {"", "-a", "A", "a b", "a/b", "..", "é", "a\n"}) EXPECT_FALSE(Name::parse(bad)) << bad;
    EXPECT_FALSE(Name::parse(std::string(64, 'a')));
}

TEST(Mailbox, IsKeptInOneSpelling) {
    EXPECT_EQ(*parse_mailbox(" Invoices@Contoso.COM "), "invoices@contoso.com");
    for (const auto* bad : {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nBcc: x@y", "<a@b>", "a,b@c"}) EXPECT_FALSE(parse_mailbox(bad)) << bad;
}

TEST(AddressRange, ContainsWhatItSays) {
    const auto range = AddressRange::parse("10.1.0.0/16");
    ASSERT_TRUE(range);
    EXPECT_TRUE(range->contains(*parse_address("10.1.255.1")));
    EXPECT_FALSE(range->contains(*parse_address("10.2.0.1")));
    EXPECT_EQ(range->text(), "10.1.0.0/16");
    EXPECT_TRUE(AddressRange::parse("2001:db8::/32")->contains(*parse_address("2001:db8::1")));
    for (const auto* bad : {"10.1.0.1/16", "10.0.0.0/33", "x", "10.0.0.0/", "10.0.0.0/8x"}) EXPECT_FALSE(AddressRange::parse(bad)) << bad;
}

TEST(Audit, B16_TheHashCoversEveryMember) {
    AuditRow row;
    row.action = "mail.send";
    const auto before = hash_of(row);
    row.action = "mail.sen";
    row.target = "d";
    EXPECT_NE(hash_of(row), before);
}

}  // namespace
}  // namespace renkei::core
